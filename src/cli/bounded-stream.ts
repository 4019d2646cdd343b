import type { Writable } from 'node:stream'

/** Bytes that may wait for a reader of stdout or stderr before more are dropped. */
const mostWaiting = 4 * 1024 * 1024

/**
 * One of the daemon's own output streams. A pipe that nobody reads must neither stop the daemon nor fill its memory: node
 * queues what the pipe does not take, so beyond a bound the rest is dropped, counted, and the gap is told when it ends.
 */
export class BoundedStream {
  readonly #stream: Writable
  #dropped = 0

  constructor(stream: Writable) {
    this.#stream = stream
    // A reader that went away must not end the daemon.
    stream.on('error', () => undefined)
  }

  write(chunk: string | Uint8Array): void {
    if (this.#stream.writableLength > mostWaiting) {
      this.#dropped += chunk.length
      return
    }
    if (this.#dropped > 0) {
      this.#stream.write(
        `\nancmd: ${String(this.#dropped)} bytes of output were dropped here because nobody read them\n`,
      )
      this.#dropped = 0
    }
    this.#stream.write(chunk)
  }

  /** Resolves when what was written has been taken, or after `ms`: before an exit. */
  flush(ms: number): Promise<void> {
    if (this.#stream.writableLength === 0 || this.#stream.destroyed) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#stream.write('', () => {
        clearTimeout(timer)
        resolve()
      })
    })
  }
}

export const standardOutput = new BoundedStream(process.stdout)
export const standardError = new BoundedStream(process.stderr)
