/** Ranges of a head that do not travel on: kept in order, neighbours united. Used again for the next head. */
export class Cuts {
  count = 0
  #ranges = new Int32Array(32)

  clear(): void {
    this.count = 0
  }

  /** `from` is not before the end of the last cut. */
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

  /** What is left of a range that holds all the cuts, as Latin-1 text. */
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
