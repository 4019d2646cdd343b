import type { Writable } from 'node:stream'

/** Bytes that may wait for a reader before more are dropped. */
const mostWaiting = 4 * 1024 * 1024

/** Whether a line was begun and not ended; one object for two streams that go to the same place. */
export interface LineState {
  isOpen: boolean
}

/**
 * One of the daemon's own output streams, for its own lines and for the bytes of applications. A pipe or terminal that nobody
 * reads must neither stop the daemon nor fill its memory: what it does not take is queued, so beyond a bound the rest is
 * dropped and counted, and the gap is told as soon as there is room. Life: that of the process.
 */
export class BoundedStream {
  readonly #stream: Writable
  readonly #line: LineState
  #dropped = 0
  #onGap = (bytes: number): void => {
    this.writeLine(gapLine(bytes))
  }

  constructor(stream: Writable, line: LineState = { isOpen: false }) {
    this.#stream = stream
    this.#line = line
    // A reader that went away must not end the daemon.
    stream.on('error', () => undefined)
    stream.on('drain', () => {
      this.#tellGap()
    })
  }

  /** Tells of each gap when it is over, instead of a line in its place. */
  onGap(listener: (bytes: number) => void): void {
    this.#onGap = listener
  }

  /** Bytes of an application, as they come. */
  write(chunk: Uint8Array): void {
    if (chunk.length === 0 || this.#isFull(chunk.length)) return
    this.#stream.write(chunk)
    this.#line.isOpen = chunk.at(-1) !== 10
  }

  /** Text of ours with its line end; on a line of its own, though an application has left its line unfinished. */
  writeLine(text: string): void {
    if (this.#isFull(Buffer.byteLength(text))) return
    this.#stream.write(this.#line.isOpen ? `\n${text}` : text)
    this.#line.isOpen = false
  }

  /** Resolves when what was written has been taken, or after `ms`: before an exit. */
  async flush(ms: number): Promise<void> {
    if (this.#stream.writableLength === 0 || this.#stream.destroyed) return
    const until = performance.now() + ms
    await this.#taken(ms)
    // The gap is told when there is room; those lines are to be taken too.
    if (this.#dropped === 0 && this.#stream.writableLength > 0) await this.#taken(until - performance.now())
  }

  #taken(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#stream.write('', () => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  #isFull(bytes: number): boolean {
    if (this.#stream.writableLength <= mostWaiting) {
      this.#tellGap()
      return false
    }
    this.#dropped += bytes
    return true
  }

  #tellGap(): void {
    const bytes = this.#dropped
    if (bytes === 0) return
    this.#dropped = 0
    this.#onGap(bytes)
  }
}

/** What stands in the place of bytes that were dropped. */
export function gapLine(bytes: number): string {
  return `ancmd: ${String(bytes)} bytes of output were dropped here because nobody read them\n`
}
