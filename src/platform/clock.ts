/** Time as the daemon sees it. Durations come from `now`, which never jumps; `wallTime` is for names and log lines only. */
export interface Clock {
  /** Monotonic milliseconds with a fraction, from an arbitrary start. */
  now(): number
  /** The wall clock, as a Date. */
  wallTime(): Date
  /** Calls back once after `ms` milliseconds; the returned function cancels it. The timer keeps the process alive. */
  after(ms: number, callback: () => void): () => void
}

export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: () => new Date(),
  after(ms, callback) {
    // A longer delay than 2^31-1 ms would fire at once in Node; nobody waits 24 days for a deadline.
    const timer = setTimeout(callback, Math.min(ms, 2_147_483_647))
    return () => {
      clearTimeout(timer)
    }
  },
}
