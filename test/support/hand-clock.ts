import type { Clock } from '../../src/platform/clock.ts'

/** Time that stands still until it is moved. */
export class HandClock implements Clock {
  #now = 0
  #waiting: { at: number; callback: () => void }[] = []

  now(): number {
    return this.#now
  }

  wallTime(): Date {
    return new Date(this.#now)
  }

  after(ms: number, callback: () => void): () => void {
    const entry = { at: this.#now + ms, callback }
    this.#waiting.push(entry)
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== entry)
    }
  }

  /** Moves on, step by step, so that whatever is due on the way happens in its order. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const next = this.#waiting.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.#waiting = this.#waiting.filter((other) => other !== next)
      this.#now = next.at
      next.callback()
    }
    this.#now = end
  }
}
