/**
 * requestTimeout: how long the application may let us wait. Every byte in either direction starts it anew; while it is the
 * client that is waited for, it does not count. Life: one delivery, which stops it.
 */
export class Wait {
  readonly #timer: NodeJS.Timeout | undefined

  /** `ms` 0 waits for ever. */
  constructor(ms: number, isForClient: () => boolean, onExpired: () => void) {
    if (ms === 0) return
    // Node fires a longer timer at once; 24 days are as good as for ever.
    const timer = setTimeout(
      () => {
        if (isForClient()) timer.refresh()
        else onExpired()
      },
      Math.min(ms, 2_147_483_647),
    )
    this.#timer = timer
  }

  touch(): void {
    this.#timer?.refresh()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}
