import type { Clock } from '../../platform/clock.ts'

/** How long the beginning of a line waits for its end. */
const holdMs = 100
/** A line that is longer is passed on in pieces. */
const maxHeldBytes = 64 * 1024

const lineFeed = 10

/**
 * Passes the bytes of one stream on in whole lines, so that the lines of several streams do not get mixed up. The
 * beginning of a line waits 100 ms for the rest. Life: that of the stream; end() ends it. Invariant: every byte is
 * passed on once, in order.
 */
export class WholeLines {
  readonly #clock: Clock
  readonly #pass: (bytes: Uint8Array) => void
  #held: Uint8Array[] = []
  #heldBytes = 0
  #heldSince = 0
  #cancel: (() => void) | undefined

  constructor(clock: Clock, pass: (bytes: Uint8Array) => void) {
    this.#clock = clock
    this.#pass = pass
  }

  write(chunk: Uint8Array): void {
    const end = chunk.lastIndexOf(lineFeed) + 1
    if (end > 0) {
      const whole = end === chunk.length ? chunk : chunk.subarray(0, end)
      this.#pass(this.#heldBytes === 0 ? whole : this.#withHeld(whole))
    }
    if (end === chunk.length) return
    if (this.#heldBytes === 0) this.#heldSince = this.#clock.now()
    this.#held.push(end === 0 ? chunk : chunk.subarray(end))
    this.#heldBytes += chunk.length - end
    if (this.#heldBytes > maxHeldBytes) this.release()
    else this.#cancel ??= this.#clock.after(holdMs, this.#whenDue)
  }

  /** Passes on the beginning of a line that is held back. */
  release(): void {
    if (this.#heldBytes > 0) this.#pass(this.#withHeld())
  }

  /** The stream has ended. Idempotent. */
  end(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.release()
  }

  #withHeld(rest?: Uint8Array): Uint8Array {
    const bytes = rest === undefined ? this.#held : [...this.#held, rest]
    this.#held = []
    this.#heldBytes = 0
    return bytes.length === 1 ? (bytes[0] as Uint8Array) : Buffer.concat(bytes)
  }

  readonly #whenDue = (): void => {
    this.#cancel = undefined
    if (this.#heldBytes === 0) return
    const leftMs = this.#heldSince + holdMs - this.#clock.now()
    // What is held back now may have come after the timer was set.
    if (leftMs > 1) this.#cancel = this.#clock.after(leftMs, this.#whenDue)
    else this.release()
  }
}
