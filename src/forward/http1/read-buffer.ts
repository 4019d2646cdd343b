/** Enough for nearly every response in one read, and for a body of medium size in few. */
const SMALL = 65_536
/** For large bodies: measured, a megabyte costs a quarter less than with 64 KiB. */
const LARGE = 262_144
/** Large ones that are kept for the next large body. */
const SPARE = 8

/**
 * What one connection reads into. Life: that of its connection.
 * Invariant: a buffer whose bytes are lent to somebody is never read into, nor kept for somebody else to read into.
 */
export class ReadBuffer {
  #current: Buffer = Buffer.allocUnsafeSlow(SMALL)
  #small: Buffer = this.#current
  readonly #spares: Buffer[]
  #wantsLarge = false
  #isLent = false

  /** `spares` is shared by the connections of one child. */
  constructor(spares: Buffer[]) {
    this.#spares = spares
  }

  /** What the next read goes into. Called by the socket after each read. */
  next(): Buffer {
    if (this.#isLent || this.#wantsLarge !== (this.#current.length === LARGE)) this.#change()
    return this.#current
  }

  /** Somebody still refers to what was read last. */
  stillLent(): void {
    this.#isLent = true
  }

  /** A large body comes. */
  enlargeNext(): void {
    this.#wantsLarge = true
  }

  shrinkNext(): void {
    this.#wantsLarge = false
  }

  #change(): void {
    if (this.#current.length === SMALL) {
      if (this.#isLent) this.#small = Buffer.allocUnsafeSlow(SMALL)
    } else if (!this.#isLent && this.#spares.length < SPARE) this.#spares.push(this.#current)
    this.#isLent = false
    this.#current = this.#wantsLarge ? (this.#spares.pop() ?? Buffer.allocUnsafeSlow(LARGE)) : this.#small
  }
}
