import type { Clock } from '../platform/clock.ts'
import { Ticker } from '../platform/ticker.ts'
import { allRead } from './all-read.ts'
import type { FrontLimits } from './limits.ts'

/** What Connections needs of a connection, whatever its protocol. */
export interface OpenConnection {
  /** No exchange is under way, and no request has begun to arrive. */
  readonly idle: boolean
  /** Makes the connection end after its current exchange, or after its next one if none is under way. */
  drain(): void
  destroy(): void
  /** Checks every time limit of the connection. `now`: monotonic milliseconds. */
  sweep(now: number): void
}

/**
 * The open connections of one protocol, and the one timer that checks the time limits of all of them; it runs only
 * while a connection is open. Life: that of its protocol, which owns it.
 * Invariant: a connection is in #open from accept until its socket has closed.
 */
export class Connections {
  readonly #open = new Set<OpenConnection>()
  readonly #clock: Clock
  readonly #periodMs: number
  readonly #ticker: Ticker
  readonly #onTick: () => void
  #draining = false
  #whenEmpty: (() => void)[] = []

  /** `onTick` is called when the first connection is added, and then before every sweep. */
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

  /** The time to record for an event that happens now: that of the next sweep, so that no limit applies too early. */
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

  /** Makes every connection, also a later one, end after its current exchange, or its next one if none is under way. */
  drain(): void {
    this.#draining = true
    for (const connection of this.#open) connection.drain()
  }

  /** Ends the idle connections, after everything that has already arrived is read. */
  async closeIdle(): Promise<void> {
    await allRead()
    for (const connection of this.#open) if (connection.idle) connection.destroy()
  }

  destroy(): void {
    for (const connection of this.#open) connection.destroy()
  }

  /** Resolves when no connection is open. */
  empty(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#whenEmpty.push(resolve))
  }
}

/** A quarter of the shortest limit, so that no limit is exceeded by more than half; from 10 ms to 500 ms. */
function sweepPeriodMs(limits: FrontLimits): number {
  const shortest = Math.min(
    limits.headTimeoutMs,
    limits.idleTimeoutMs,
    limits.minBodyRateGraceMs,
    limits.writeTimeoutMs,
  )
  return Math.max(10, Math.min(500, shortest / 4))
}
