import type { FrontLimits } from './limits.ts'

/**
 * Whether a client sends its body fast enough, averaged over the time in which it could send. Time counts between two sweeps
 * that both found that only the client was waited for. Made at the first sweep that its body sees; owned by that body.
 */
export class BodyRate {
  #waitedMs = 0
  #waitsSince: number | undefined

  /** Asked at each sweep. `waits`: more of the body is wanted and there is room for it; `received`: its bytes so far. */
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
