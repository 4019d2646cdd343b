/** Collects the bytes of a head that comes in pieces. Owned by the connection that reads it. */
export class PendingHead {
  bytes: Buffer = nothing
  length = 0

  /** Adds the first `length` bytes of `more`; the bytes collected before keep their offsets. */
  append(more: Buffer, length: number): void {
    const needed = this.length + length
    if (needed > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(needed * 2)
      this.bytes.copy(larger, 0, 0, this.length)
      this.bytes = larger
    }
    more.copy(this.bytes, this.length, 0, length)
    this.length = needed
  }

  /** Keeps a range of bytes until more come; returns whether they were copied to offset 0. */
  keep(bytes: Buffer, from: number, end: number): boolean {
    if (bytes === this.bytes && from === 0) return false
    const copy = Buffer.allocUnsafeSlow((end - from) * 2)
    bytes.copy(copy, 0, from, end)
    this.bytes = copy
    this.length = end - from
    return true
  }

  clear(): void {
    this.bytes = nothing
    this.length = 0
  }
}

const nothing = Buffer.alloc(0)
