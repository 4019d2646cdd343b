/**
 * The timer of requestTimeout: how long the application may make us wait. Every byte in either direction restarts it,
 * and while the client makes us wait it does not expire. Owner and life: one delivery, which stops it.
 */
export class Wait {
  readonly #timer: NodeJS.Timeout | undefined

  /** `ms`: the limit in milliseconds; 0 for none. */
  constructor(ms: number, isForClient: () => boolean, onExpired: () => void) {
    if (ms === 0) return
    // Node would fire a longer timer (24 days) at once.
    const timer = setTimeout(
      () => {
        if (isForClient()) timer.refresh()
        else onExpired()
      },
      Math.min(ms, 2_147_483_647),
    )
    this.#timer = timer
  }

  /** Restarts the timer. */
  touch(): void {
    this.#timer?.refresh()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}
