/**
 * The ranges of a head that are not forwarded, in order; adjacent ones are merged. One object is used for one head
 * after another.
 */
export class Cuts {
  count = 0
  #ranges = new Int32Array(32)

  clear(): void {
    this.count = 0
  }

  /** Adds a range; `from` must not be before the end of the last one. */
  add(from: number, to: number): void {
    const at = this.count * 2
    if (at > 0 && this.#ranges[at - 1] === from) {
      this.#ranges[at - 1] = to
      return
    }
    if (at === this.#ranges.length) {
      const larger = new Int32Array(at * 2)
      larger.set(this.#ranges)
      this.#ranges = larger
    }
    this.#ranges[at] = from
    this.#ranges[at + 1] = to
    this.count++
  }

  /** The bytes from `from` to `to` without the cuts, which must all lie between, as Latin-1 text. */
  text(bytes: Buffer, from: number, to: number): string {
    let text = ''
    let at = from
    for (let i = 0; i < this.count * 2; i += 2) {
      const cut = this.#ranges[i] as number
      if (cut > at) text += bytes.toString('latin1', at, cut)
      at = this.#ranges[i + 1] as number
    }
    return to > at ? text + bytes.toString('latin1', at, to) : text
  }
}
