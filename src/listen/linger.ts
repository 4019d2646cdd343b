/**
 * Milliseconds without a byte from the client after which an ended connection is closed. Closing it while bytes are
 * unread would reset it, and the client could lose the last answer (RFC 9112 9.6).
 */
const quietMs = 2_000
/** Milliseconds after which an ended connection is closed although the client still sends; nginx uses the same. */
const readAwayMs = 30_000

/**
 * Decides how long a connection that takes no further request stays open: until its last answer has been sent, and then
 * while the client still sends, because some clients read the answer only after they have sent everything. The bytes
 * that come are discarded.
 */
export class Linger {
  #received: number
  #heardAt: number
  #sentAt: number

  /** `received`: the bytes that have come from the client so far; `now`: monotonic milliseconds. */
  constructor(now: number, received: number) {
    this.#received = received
    this.#heardAt = now
    this.#sentAt = now
  }

  /** Called at each sweep. `unsent`: the bytes that the operating system has not taken yet. */
  isOver(now: number, unsent: number, received: number): boolean {
    if (unsent > 0) this.#sentAt = now
    if (unsent > 0 || received !== this.#received) this.#heardAt = now
    this.#received = received
    return now - this.#heardAt > quietMs || now - this.#sentAt > readAwayMs
  }
}
