import type { Writable } from 'node:stream'
import { nextTurn } from '../../platform/pause.ts'

/** The most bytes of output that may wait to be read; further output is dropped. */
const maxQueuedBytes = 4 * 1024 * 1024

/**
 * `isOpen`: the output that was written last does not end with a line feed. Two streams that go to the same file share
 * one object.
 */
export interface LineState {
  isOpen: boolean
}

/**
 * The daemon's own stdout or stderr, to which it writes its own lines and the output of applications. A pipe or
 * terminal that nobody reads must neither stop the daemon nor fill its memory: up to 4 MiB wait in a queue, everything
 * beyond is dropped and counted, and as soon as there is room again the gap is reported. Life: that of the process.
 */
export class BoundedStream {
  readonly #stream: Writable
  readonly #line: LineState
  #droppedBytes = 0
  #failure: string | undefined
  #onGap = (bytes: number): void => {
    this.writeLine(gapLine(bytes))
  }

  constructor(stream: Writable, line: LineState = { isOpen: false }) {
    this.#stream = stream
    this.#line = line
    // Without a listener, the error of a pipe whose reader has gone would end the daemon.
    stream.on('error', ({ code = 'failed' }: NodeJS.ErrnoException) => {
      this.#failure ??= code
    })
    stream.on('drain', () => {
      this.#tellGap()
    })
  }

  /**
   * Calls `listener` at the end of each gap with the number of bytes dropped. Default: a line is written into the
   * stream.
   */
  onGap(listener: (bytes: number) => void): void {
    this.#onGap = listener
  }

  /** Why output was lost, as an errno name (ENOSPC); undefined if none was, or if only the reader has gone. */
  get failure(): string | undefined {
    return this.#failure === 'EPIPE' ? undefined : this.#failure
  }

  /** Writes an application's output unchanged. */
  write(chunk: Uint8Array): void {
    if (chunk.length === 0 || this.#isFull(chunk.length)) return
    this.#stream.write(chunk)
    this.#line.isOpen = chunk.at(-1) !== 10
  }

  /**
   * Writes a line of the daemon's own, with its line end. If an application's line is unfinished, it is ended first.
   */
  writeLine(text: string): void {
    if (this.#isFull(Buffer.byteLength(text))) return
    this.#stream.write(this.#line.isOpen ? `\n${text}` : text)
    this.#line.isOpen = false
  }

  /** Writes all of it, and resolves when the reader has taken it; with false when he has gone. */
  deliver(chunk: Uint8Array): Promise<boolean> {
    if (chunk.length === 0) return Promise.resolve(true)
    return new Promise((resolve) => {
      this.#stream.write(chunk, (error) => {
        resolve(error === null || error === undefined)
      })
    })
  }

  /** Resolves when the reader has taken everything, at the latest after `limitMs`. Call it before the process exits. */
  async flush(limitMs: number): Promise<void> {
    // A failed write is told only after the present turn.
    await nextTurn()
    if (this.#stream.writableLength === 0 || this.#stream.destroyed) return
    const until = performance.now() + limitMs
    await this.#untilTaken(limitMs)
    // As soon as there is room, a further line reports the gap; the reader has to take that line as well.
    if (this.#droppedBytes === 0 && this.#stream.writableLength > 0) await this.#untilTaken(until - performance.now())
  }

  #untilTaken(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, limitMs)
      this.#stream.write('', () => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  #isFull(bytes: number): boolean {
    if (this.#stream.writableLength <= maxQueuedBytes) {
      this.#tellGap()
      return false
    }
    this.#droppedBytes += bytes
    return true
  }

  #tellGap(): void {
    const bytes = this.#droppedBytes
    if (bytes === 0) return
    this.#droppedBytes = 0
    this.#onGap(bytes)
  }
}

/** The line that takes the place of dropped bytes. */
export function gapLine(bytes: number): string {
  return `ancmd: ${String(bytes)} bytes of output were dropped here because nobody read them\n`
}
