import { http2Limits } from './limits.ts'

/**
 * Counts what a client makes ancmd do for nothing, within windows of time: requests that end before their answer, and
 * bytes that are neither heads nor bodies. Owned by its connection.
 */
export class FloodGuard {
  #windowStart: number
  #resets = 0
  #answered = 0
  /** Bytes of heads and bodies that have come in this window. */
  #useful = 0
  #bytesRead = 0
  #bytesWritten = 0

  constructor(now: number) {
    this.#windowStart = now
  }

  /** A request has come, with a head of so many bytes when written as lines. */
  head(bytes: number, hasBody: boolean): void {
    // Sixty-four for the frame; and the window of a stream, whose bytes are counted only when they are read.
    this.#useful += bytes + 64 + (hasBody ? 65_536 : 0)
  }

  /** A request is over. `wasReset`: it ended before its answer was complete. False: there are too many of them. */
  requestOver(wasReset: boolean): boolean {
    if (!wasReset) {
      this.#answered++
      return true
    }
    this.#resets++
    return this.#resets <= http2Limits.resets || this.#resets <= this.#answered
  }

  /**
   * Called at each sweep with the totals of the connection. `bodies`: bytes of bodies that have come since the last
   * call. False: too many bytes were neither heads nor bodies.
   */
  sweep(now: number, bytesRead: number, bytesWritten: number, bodies: number): boolean {
    // A body may come in tiny frames, each of which has a frame header and, over TLS, a record header.
    this.#useful += bodies * 16
    const allowed = this.#useful + http2Limits.overheadBytes + (bytesWritten - this.#bytesWritten) / 8
    const isFine = bytesRead - this.#bytesRead <= allowed
    if (now - this.#windowStart >= http2Limits.windowMs) {
      this.#windowStart = now
      this.#resets = 0
      this.#answered = 0
      this.#useful = 0
      this.#bytesRead = bytesRead
      this.#bytesWritten = bytesWritten
    }
    return isFine
  }
}
