/**
 * The source of time. Durations are computed from `now`, which never jumps; `wallTime` is for file names and log lines.
 */
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
    // Node would fire a timer of more than 2^31-1 ms (24 days) at once.
    const timer = setTimeout(callback, Math.min(ms, 2_147_483_647))
    return () => {
      clearTimeout(timer)
    }
  },
}
