import type { FrontLimits } from './limits.ts'

/**
 * Measures how long a connection without an exchange has waited for a whole request head. All times are monotonic
 * milliseconds. Owned by its connection.
 */
export class IdleTimeouts {
  /** Until the first exchange is over, headTimeoutMs applies even to a connection that has sent nothing. */
  #hasServed = false
  #headHasBegun = false
  #since: number

  constructor(now: number) {
    this.#since = now
  }

  /** Called when an exchange is over: the wait for the next head begins. */
  awaitHead(now: number): void {
    this.#hasServed = true
    this.#headHasBegun = false
    this.#since = now
  }

  /** Called when a part of a head has come; further calls before the next awaitHead() do nothing. */
  headBegan(now: number): void {
    if (this.#hasServed && !this.#headHasBegun) this.#since = now
    this.#headHasBegun = true
  }

  /**
   * The limit that is exceeded: 'head' if a head has begun but is not complete, 'idle' if no head has begun; undefined
   * if no limit is exceeded. `idleTimeoutMs`: the limit of the site of the last request.
   */
  overdue(
    now: number,
    headHasBegun: boolean,
    limits: Pick<FrontLimits, 'headTimeoutMs' | 'idleTimeoutMs'>,
    idleTimeoutMs: number = limits.idleTimeoutMs,
  ): 'head' | 'idle' | undefined {
    if (headHasBegun) this.headBegan(now)
    const waited = now - this.#since
    if (headHasBegun) return waited > limits.headTimeoutMs ? 'head' : undefined
    return waited > (this.#hasServed ? idleTimeoutMs : limits.headTimeoutMs) ? 'idle' : undefined
  }
}
