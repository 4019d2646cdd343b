/** Milliseconds for which an ended connection is still read, so that the last answer is not lost in a reset (RFC 9112 9.6). */
const LINGER = 2_000

/** How long a connection that takes nothing more is kept: until its last answer has gone out, and a moment longer. */
export class Linger {
  #since: number

  constructor(now: number) {
    this.#since = now
  }

  /** Asked at each sweep; `unsent` is the number of bytes that the system has not taken yet. */
  isOver(now: number, unsent: number): boolean {
    if (unsent > 0) this.#since = now
    return now - this.#since > LINGER
  }
}
