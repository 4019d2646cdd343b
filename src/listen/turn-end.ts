/** What waits for the end of a turn of the event loop. */
export interface Flushed {
  flush(): void
}

/** Calls flush() of many at the end of a turn, with one setImmediate for all. Life: that of its protocol. */
export class TurnEnd {
  #waiting: Flushed[] = []
  #spare: Flushed[] = []

  /** Calls its flush() at the end of this turn. */
  add(one: Flushed): void {
    if (this.#waiting.push(one) === 1) setImmediate(this.#end)
  }

  readonly #end = (): void => {
    const waiting = this.#waiting
    this.#waiting = this.#spare
    for (const one of waiting) one.flush()
    waiting.length = 0
    this.#spare = waiting
  }
}
