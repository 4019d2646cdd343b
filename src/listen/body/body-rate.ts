import type { FrontLimits } from '../limits.ts'

/**
 * Checks whether a client sends its body fast enough, on average over the time in which it could send. The time between
 * two sweeps counts only if both sweeps found the server waiting for the client. The body makes it at the first sweep,
 * and owns it.
 */
export class BodyRate {
  #waitedMs = 0
  #waitsSince: number | undefined

  /**
   * Called at each sweep. `waits`: more of the body is wanted and there is room for it; `received`: the bytes of the
   * body that have come so far; `now`: monotonic milliseconds.
   */
  isTooLow(
    now: number,
    waits: boolean,
    received: number,
    limits: Pick<FrontLimits, 'minBodyRate' | 'minBodyRateGraceMs'>,
  ): boolean {
    if (waits && this.#waitsSince !== undefined) this.#waitedMs += now - this.#waitsSince
    this.#waitsSince = waits ? now : undefined
    return (
      waits && this.#waitedMs > limits.minBodyRateGraceMs && received < (limits.minBodyRate * this.#waitedMs) / 1000
    )
  }
}
