/** ANCM's window: a minute, fixed, not sliding. */
const window = 60_000

/**
 * Counts failures as ANCM does: one counter for all slots; the window is renewed only when a start is wanted and a
 * minute has passed; it trips when the count is *greater than* the limit, so 10 lets eleven failures through and 0 one.
 * Time comes in as monotonic milliseconds.
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

  /** A ready process died unasked, or a start failed (once, not once per attempt). */
  count(): void {
    this.#failures++
  }

  /** Whether a start is refused now. */
  blocks(now: number): boolean {
    if (now - this.#since >= window) {
      this.#since = now
      this.#failures = 0
    }
    return this.#failures > this.limit
  }
}
