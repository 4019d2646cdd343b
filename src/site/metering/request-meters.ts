import { LatencyHistogram } from './latency-histogram.ts'

/** The bounds of the histogram of durations that /metrics shows, in seconds; Prometheus' own, for HTTP servers. */
export const durationBounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

/** What has been counted of one application's requests. Counting takes no allocation. */
export class RequestMeter {
  /** Requests by the first digit of their status: `[0]` those that got no status, because the client had gone. */
  readonly byClass = new Float64Array(6)
  /** Requests by the first of durationBounds that they are not above; the last one counts those above all. */
  readonly byBound = new Float64Array(durationBounds.length + 1)
  readonly latencies = new LatencyHistogram()
  /** Of all requests together. */
  seconds = 0

  /** Counts a request that is over. */
  count(status: number, ms: number): void {
    const statusClass = Math.trunc(status / 100)
    const row = statusClass > 0 && statusClass < 6 ? statusClass : 0
    this.byClass[row] = (this.byClass[row] as number) + 1
    const seconds = ms / 1000
    let at = 0
    while (at < durationBounds.length && seconds > (durationBounds[at] as number)) at++
    this.byBound[at] = (this.byBound[at] as number) + 1
    this.seconds += seconds
    this.latencies.add(ms)
  }
}

/** The meters of all applications, by their ids. They outlive reloads, because counters must never go back. */
export class RequestMeters {
  readonly #meters = new Map<string, RequestMeter>()

  of(id: string): RequestMeter {
    let meter = this.#meters.get(id)
    if (meter === undefined) {
      meter = new RequestMeter()
      this.#meters.set(id, meter)
    }
    return meter
  }

  get all(): ReadonlyMap<string, RequestMeter> {
    return this.#meters
  }
}
