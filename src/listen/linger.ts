import type { ClientSocket } from './client-socket.ts'

/** Milliseconds for which an ended connection is still read, so that the last answer is not lost in a reset (RFC 9112 9.6). */
const LINGER = 2_000

/** How long a connection that takes nothing more is kept: until its last answer has gone out, and a moment longer. */
export class Linger {
  #since = 0

  begin(now: number): void {
    this.#since = now
  }

  /** Asked at each sweep. */
  isOver(now: number, output: ClientSocket): boolean {
    if (output.unsent > 0) this.#since = now
    return now - this.#since > LINGER
  }
}
