/** ANCM's window: one minute, fixed, not sliding. */
const windowMs = 60_000

/**
 * Counts failures as ANCM does: one counter for all slots of a pool; a new window begins only when a start is wanted
 * and a minute has passed; starts are refused when the count is *greater than* the limit, so a limit of 10 allows
 * eleven failures, and 0 one. `now` is always in monotonic milliseconds. Owner and life: those of the pool.
 */
export class RapidFailGuard {
  readonly limit: number
  #since: number
  #failures = 0

  constructor(limit: number, now: number) {
    this.limit = limit
    this.#since = now
  }

  get failures(): number {
    return this.#failures
  }

  /**
   * Counts a ready process that died without being asked to, or a failed start, which counts once however many attempts
   * it made.
   */
  count(): void {
    this.#failures++
  }

  /** Whether a start is refused now. */
  blocks(now: number): boolean {
    if (now - this.#since >= windowMs) {
      this.#since = now
      this.#failures = 0
    }
    return this.#failures > this.limit
  }
}
