import type { Clock } from './clock.ts'

/**
 * One coarse timer for many objects, in place of a timer for each request. Runs between start() and stop(); owned by
 * whoever owns the objects. `stamp` is the time to note for what happens now: that of the next tick, so that nothing is ever
 * found overdue too soon; reading it costs nothing.
 */
export class Ticker {
  stamp: number
  readonly #clock: Clock
  readonly #period: number
  readonly #onTick: (now: number) => void
  #cancel: (() => void) | undefined

  constructor(clock: Clock, period: number, onTick: (now: number) => void) {
    this.#clock = clock
    this.#period = period
    this.#onTick = onTick
    this.stamp = clock.now() + period
  }

  /** Ticks from now on; idempotent. */
  start(): void {
    if (this.#cancel !== undefined) return
    this.stamp = this.#clock.now() + this.#period
    this.#wait()
  }

  /** Idempotent. */
  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #wait(): void {
    this.#cancel = this.#clock.after(this.#period, () => {
      this.#wait()
      const now = this.#clock.now()
      this.stamp = now + this.#period
      this.#onTick(now)
    })
  }
}
