import type { Clock } from '../platform/clock.ts'
import { Ticker } from '../platform/ticker.ts'
import { allRead } from './all-read.ts'
import type { FrontLimits } from './limits.ts'

/** What the connections of all protocols have in common. */
export interface OpenConnection {
  /** Nothing is under way on it. */
  readonly idle: boolean
  /** It ends after the exchange that is or comes under way. */
  drain(): void
  destroy(): void
  /** Looks at every time limit. `now`: monotonic milliseconds. */
  sweep(now: number): void
}

/**
 * Who is connected, and the time for all of them: one timer, which runs only while somebody is. Life: that of its protocol,
 * which owns it.
 * Invariant: a connection is in here from accept until its socket has closed.
 */
export class Connections {
  readonly #open = new Set<OpenConnection>()
  readonly #clock: Clock
  readonly #periodMs: number
  readonly #ticker: Ticker
  readonly #onTick: () => void
  #draining = false
  #whenEmpty: (() => void)[] = []

  /** `onTick` is called when the first client comes and then before every sweep. */
  constructor(clock: Clock, limits: FrontLimits, onTick: () => void = () => undefined) {
    this.#clock = clock
    this.#periodMs = sweepPeriodMs(limits)
    this.#onTick = onTick
    this.#ticker = new Ticker(clock, this.#periodMs, (now) => {
      onTick()
      for (const connection of this.#open) connection.sweep(now)
    })
  }

  get size(): number {
    return this.#open.size
  }

  /** The time to note for what happens now: that of the next sweep, so that no limit is ever found overrun too soon. */
  get stamp(): number {
    return this.#open.size > 0 ? this.#ticker.stamp : this.#clock.now() + this.#periodMs
  }

  add(connection: OpenConnection): void {
    if (this.#open.size === 0) {
      this.#ticker.start()
      this.#onTick()
    }
    this.#open.add(connection)
    if (this.#draining) connection.drain()
  }

  remove(connection: OpenConnection): void {
    this.#open.delete(connection)
    if (this.#open.size > 0) return
    this.#ticker.stop()
    const waiting = this.#whenEmpty
    this.#whenEmpty = []
    for (const resolve of waiting) resolve()
  }

  /** Every connection ends after the exchange that is or comes under way. */
  drain(): void {
    this.#draining = true
    for (const connection of this.#open) connection.drain()
  }

  /** Ends those on which nothing is under way, once all that had come until now has been read. */
  async closeIdle(): Promise<void> {
    await allRead()
    for (const connection of this.#open) if (connection.idle) connection.destroy()
  }

  destroy(): void {
    for (const connection of this.#open) connection.destroy()
  }

  /** Resolves when nobody is connected. */
  empty(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#whenEmpty.push(resolve))
  }
}

/** Often enough that no limit is overrun by more than a half, at most twice a second. */
function sweepPeriodMs(limits: FrontLimits): number {
  const shortest = Math.min(
    limits.headTimeoutMs,
    limits.idleTimeoutMs,
    limits.minBodyRateGraceMs,
    limits.writeTimeoutMs,
  )
  return Math.max(10, Math.min(500, shortest / 4))
}
