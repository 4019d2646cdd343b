import type { FrontLimits } from '../front.ts'

/** How long a connection has been at rest: nothing under way, and no whole head. Owned by its connection. */
export class Http1IdleTimeouts {
  /** It has had an answer. A connection that never sent a thing has no more time than one that dawdles over its first head. */
  #served = false
  #since: number

  constructor(now: number) {
    this.#since = now
  }

  /** An exchange is over. */
  begin(now: number): void {
    this.#served = true
    this.#since = now
  }

  /** The first bytes of a head have come. */
  headBegan(now: number): void {
    if (this.#served) this.#since = now
  }

  overdue(now: number, headIsPartial: boolean, limits: FrontLimits): 'head' | 'idle' | undefined {
    const waited = now - this.#since
    if (headIsPartial) return waited > limits.headTimeout ? 'head' : undefined
    return waited > (this.#served ? limits.idleTimeout : limits.headTimeout) ? 'idle' : undefined
  }
}
