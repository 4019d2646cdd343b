/** Milliseconds for which an ended connection is read after the last byte came, so that its last answer is not lost in a reset (RFC 9112 9.6). */
const quietMs = 2_000
/** Milliseconds for which a client that goes on sending is read: as long as nginx does. */
const readAwayMs = 30_000

/**
 * How long a connection that takes no further request is kept: until its last answer has gone out, and then while the client,
 * which may look for an answer only behind all that it has to send, still sends. What comes is thrown away.
 */
export class Linger {
  #received: number
  #heardAt: number
  #sentAt: number

  /** `received` counts the bytes that have come from the client so far; `now` is in monotonic milliseconds. */
  constructor(now: number, received: number) {
    this.#received = received
    this.#heardAt = now
    this.#sentAt = now
  }

  /** Asked at each sweep; `unsent` is the number of bytes that the system has not taken yet. */
  isOver(now: number, unsent: number, received: number): boolean {
    if (unsent > 0) this.#sentAt = now
    if (unsent > 0 || received !== this.#received) this.#heardAt = now
    this.#received = received
    return now - this.#heardAt > quietMs || now - this.#sentAt > readAwayMs
  }
}
