import type { HpackField } from './hpack-field.ts'

/**
 * The entries of one direction of a connection, the newest first (RFC 7541 2.3.2). Owner: a decoder or an encoder.
 * Invariant: the sizes of its entries are at most `maxSize` together.
 */
export class DynamicTable {
  /** How many entries were ever added; the newest entry has this number. */
  added = 0
  #maxSize: number
  #size = 0
  /** Entry number n stands at n - 1, modulo the length, which is a power of two. */
  #entries: (HpackField | undefined)[] = new Array<HpackField | undefined>(16).fill(undefined)
  #count = 0

  constructor(maxSize: number) {
    this.#maxSize = maxSize
  }

  get maxSize(): number {
    return this.#maxSize
  }

  get count(): number {
    return this.#count
  }

  /** The entry that is so many places behind the newest, which is 0. */
  at(index: number): HpackField | undefined {
    if (index >= this.#count) return undefined
    return this.#entries[(this.added - 1 - index) & (this.#entries.length - 1)]
  }

  /** Evicts what is beyond the new size. */
  resize(maxSize: number): void {
    this.#maxSize = maxSize
    this.#evict(maxSize)
  }

  /** Adds an entry; false if it is too large for the table, which is empty then (RFC 7541 4.4). */
  add(field: HpackField): boolean {
    const { size } = field
    this.#evict(this.#maxSize - size)
    if (size > this.#maxSize) return false
    if (this.#count === this.#entries.length) this.#grow()
    this.#entries[this.added & (this.#entries.length - 1)] = field
    this.added++
    this.#count++
    this.#size += size
    return true
  }

  #evict(size: number): void {
    while (this.#count > 0 && this.#size > size) {
      const oldest = (this.added - this.#count) & (this.#entries.length - 1)
      this.#size -= (this.#entries[oldest] as HpackField).size
      this.#entries[oldest] = undefined
      this.#count--
    }
  }

  #grow(): void {
    const larger = new Array<HpackField | undefined>(this.#entries.length * 2).fill(undefined)
    for (let n = this.added - this.#count; n < this.added; n++) {
      larger[n & (larger.length - 1)] = this.#entries[n & (this.#entries.length - 1)]
    }
    this.#entries = larger
  }
}
