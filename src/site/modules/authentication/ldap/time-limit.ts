/** Ends something unless it is cancelled in time. Life: that of one wait. */
export class TimeLimit {
  readonly #timer: NodeJS.Timeout
  readonly #ms: number
  #isOver = false

  constructor(ms: number, end: () => void) {
    this.#ms = ms
    this.#timer = setTimeout(() => {
      this.#isOver = true
      end()
    }, ms)
  }

  get isOver(): boolean {
    return this.#isOver
  }

  get text(): string {
    return `no answer within ${String(this.#ms / 1000)} seconds`
  }

  cancel(): void {
    clearTimeout(this.#timer)
  }
}
