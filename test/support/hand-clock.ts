import type { Clock } from '../../src/platform/clock.ts'

/** A clock whose time changes only when advance() is called. */
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

  /** The number of callbacks that are still to come. */
  get pending(): number {
    return this.#waiting.length
  }

  /** Moves the time forward and calls each callback that becomes due, in the order of their times. */
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
