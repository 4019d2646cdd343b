// What a load has seen: how many exchanges, how long each took, how many went wrong.
import { createHistogram } from 'node:perf_hooks'

/** `requests` is a number, `p50` and `p99` are in microseconds. */
export function openTally() {
  const times = createHistogram()
  let [requests, errors] = [0, 0]
  return {
    /** An exchange that began at `since` (performance.now()) has ended well. */
    count(since) {
      requests += 1
      times.record(Math.max(1, Math.round((performance.now() - since) * 1e6)))
    },
    fail() {
      errors += 1
    },
    result() {
      const p = (percentile) => (requests === 0 ? Number.NaN : times.percentile(percentile) / 1000)
      return { requests, errors, p50: p(50), p99: p(99) }
    },
  }
}
