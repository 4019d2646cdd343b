import type { Clock } from '../platform/clock.ts'

/** How often a start that is refused is tried again. */
const retryMs = 1000

/** The part of a pool that its AlwaysRunning uses. */
export interface KeptPool {
  /** Whether a process is ready or starting. */
  readonly hasProcess: boolean
  /** Whether the limit of failures allows a start now. */
  readonly mayStart: boolean
  start(): Promise<unknown>
}

/**
 * Keeps at least one process of a pool running without requests (`startMode="AlwaysRunning"`): when the last one has
 * ended by itself, another is started at once, or as soon as a request would be allowed to start one. Life: from begin()
 * to stop(); owned by the pool. Invariant: one timer at most, and none while a process is ready.
 */
export class AlwaysRunning {
  readonly #clock: Clock
  readonly #pool: KeptPool
  #isWanted = false
  #cancel: (() => void) | undefined

  constructor(clock: Clock, pool: KeptPool) {
    this.#clock = clock
    this.#pool = pool
  }

  begin(): void {
    this.#isWanted = true
    this.#startIn(0)
  }

  /** A process of the pool has ended, whoever wanted that. */
  processEnded(): void {
    if (this.#isWanted) this.#startIn(0)
  }

  stop(): void {
    this.#isWanted = false
    this.#cancel?.()
    this.#cancel = undefined
  }

  #startIn(ms: number): void {
    this.#cancel ??= this.#clock.after(ms, () => {
      this.#cancel = undefined
      if (this.#pool.hasProcess) return
      if (this.#pool.mayStart) void this.#pool.start()
      else this.#startIn(retryMs)
    })
  }
}
