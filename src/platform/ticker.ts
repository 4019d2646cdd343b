import type { Clock } from './clock.ts'

/**
 * One coarse timer for many objects, in place of a timer for each request. Runs between start() and stop(); owned by
 * the owner of those objects. `stamp` is the time, in monotonic milliseconds, to record for an event that happens now:
 * the time of the next tick, so that no event needs a call of the clock and no time limit ends too early.
 */
export class Ticker {
  stamp: number
  readonly #clock: Clock
  readonly #periodMs: number
  readonly #onTick: (now: number) => void
  #cancel: (() => void) | undefined

  constructor(clock: Clock, periodMs: number, onTick: (now: number) => void) {
    this.#clock = clock
    this.#periodMs = periodMs
    this.#onTick = onTick
    this.stamp = clock.now() + periodMs
  }

  /** Starts the timer; does nothing while it runs. */
  start(): void {
    if (this.#cancel !== undefined) return
    this.stamp = this.#clock.now() + this.#periodMs
    this.#wait()
  }

  /** Stops the timer; does nothing when it is stopped. */
  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #wait(): void {
    this.#cancel = this.#clock.after(this.#periodMs, () => {
      this.#wait()
      const now = this.#clock.now()
      this.stamp = now + this.#periodMs
      this.#onTick(now)
    })
  }
}
