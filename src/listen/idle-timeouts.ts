import type { FrontLimits } from './limits.ts'

/**
 * How long one connection has been without a whole request head while nothing is under way on it. All times are monotonic
 * milliseconds. Owned by its connection.
 */
export class IdleTimeouts {
  /** A connection that never sent a thing has no more time than one that dawdles over its first head. */
  #hasServed = false
  #headHasBegun = false
  #since: number

  constructor(now: number) {
    this.#since = now
  }

  /** An exchange is over: from now on the next head is waited for. */
  awaitHead(now: number): void {
    this.#hasServed = true
    this.#headHasBegun = false
    this.#since = now
  }

  /** Some of a head has come, but not all. Idempotent until its exchange is over. */
  headBegan(now: number): void {
    if (this.#hasServed && !this.#headHasBegun) this.#since = now
    this.#headHasBegun = true
  }

  /** Which limit is overrun: that of a head which does not end, or that of a connection on which nothing comes. */
  overdue(
    now: number,
    headHasBegun: boolean,
    limits: Pick<FrontLimits, 'headTimeoutMs' | 'idleTimeoutMs'>,
  ): 'head' | 'idle' | undefined {
    if (headHasBegun) this.headBegan(now)
    const waited = now - this.#since
    if (headHasBegun) return waited > limits.headTimeoutMs ? 'head' : undefined
    return waited > (this.#hasServed ? limits.idleTimeoutMs : limits.headTimeoutMs) ? 'idle' : undefined
  }
}
