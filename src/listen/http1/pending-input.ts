/**
 * Bytes that have come from a client and have not been used yet. Bytes are only ever added behind the others, so that a
 * part that was given away stays as it was.
 */
export class PendingInput {
  bytes: Buffer = nothing
  start = 0
  end = 0

  get length(): number {
    return this.end - this.start
  }

  /** Answers whether the held bytes have moved to another offset. A chunk that comes when nothing is held is not copied. */
  append(chunk: Buffer): boolean {
    if (this.start === this.end) {
      this.bytes = chunk
      this.start = 0
      this.end = chunk.length
      return true
    }
    const moved = this.end + chunk.length > this.bytes.length
    if (moved) this.#move(chunk.length)
    chunk.copy(this.bytes, this.end)
    this.end += chunk.length
    return moved
  }

  /** Everything before `at` has been used. */
  use(at: number): void {
    this.start = at
    if (at === this.end) this.clear()
  }

  clear(): void {
    this.bytes = nothing
    this.start = 0
    this.end = 0
  }

  /** To a larger buffer, twice what is needed, so that a sender of single bytes causes few copies. */
  #move(more: number): void {
    const { length } = this
    const larger = Buffer.allocUnsafeSlow((length + more) * 2)
    this.bytes.copy(larger, 0, this.start, this.end)
    this.bytes = larger
    this.start = 0
    this.end = length
  }
}

const nothing = Buffer.alloc(0)
