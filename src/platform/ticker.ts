import type { Clock } from './clock.ts'

/**
 * One coarse timer for many objects, in place of a timer for each request. Runs between start() and stop(); owned by
 * whoever owns the objects. `now` is the time of the last tick, for stamps that need not be exact.
 */
export class Ticker {
  now: number
  readonly #clock: Clock
  readonly #period: number
  readonly #onTick: (now: number) => void
  #cancel: (() => void) | undefined

  constructor(clock: Clock, period: number, onTick: (now: number) => void) {
    this.#clock = clock
    this.#period = period
    this.#onTick = onTick
    this.now = clock.now()
  }

  /** Ticks from now on; twice is once. */
  start(): void {
    if (this.#cancel !== undefined) return
    this.now = this.#clock.now()
    this.#wait()
  }

  /** Twice is once. */
  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #wait(): void {
    this.#cancel = this.#clock.after(this.#period, () => {
      this.#wait()
      this.now = this.#clock.now()
      this.#onTick(this.now)
    })
  }
}
