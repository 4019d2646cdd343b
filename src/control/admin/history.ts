import type { HostStatus } from '../../host/host.ts'
import { percentile } from '../../site/metering/latency-histogram.ts'
import type { RequestMeter, RequestMeters } from '../../site/metering/request-meters.ts'

/** What the status page draws: one value for each of `times`, null where nothing is known. */
export interface ApplicationSeries {
  readonly requestsPerSecond: readonly (number | null)[]
  /** Answers of class 5xx. */
  readonly errorsPerSecond: readonly (number | null)[]
  readonly p50Ms: readonly (number | null)[]
  readonly p90Ms: readonly (number | null)[]
  readonly p99Ms: readonly (number | null)[]
  readonly inFlight: readonly (number | null)[]
  readonly rssBytes: readonly (number | null)[]
  /** Of one processor. */
  readonly cpuPercent: readonly (number | null)[]
}

export interface HistoryDocument {
  /** Seconds since 1970. */
  readonly times: readonly number[]
  /** By the application's id. */
  readonly applications: Readonly<Record<string, ApplicationSeries>>
}

export const sampleIntervalMs = 5000
/** An hour. */
const sampleCount = 720

type Values = Readonly<Record<keyof ApplicationSeries, number | null>>

/** What the last sample saw, from which the next one takes differences. */
interface Before {
  readonly requests: number
  readonly errors: number
  readonly latencies: Float64Array
  readonly cpuSeconds: Readonly<Record<number, number>>
}

/** An hour of samples of every application. Life: that of the admin address; owned by it. Bounded: 720 samples each. */
export class History {
  readonly #meters: RequestMeters
  readonly #status: () => HostStatus
  readonly #now: () => number
  readonly #times: number[] = []
  readonly #samples = new Map<string, (Values | undefined)[]>()
  readonly #before = new Map<string, Before>()
  #lastAt: number | undefined

  /** @param now milliseconds since 1970 */
  constructor(meters: RequestMeters, status: () => HostStatus, now: () => number) {
    this.#meters = meters
    this.#status = status
    this.#now = now
  }

  sample(): void {
    const now = this.#now()
    const seconds = this.#lastAt === undefined ? undefined : (now - this.#lastAt) / 1000
    this.#lastAt = now
    this.#times.push(now / 1000)
    const seen = new Set<string>()
    for (const { applications } of this.#status().sites) {
      for (const application of applications) {
        seen.add(application.id)
        this.#add(application.id, this.#valuesOf(application, seconds))
      }
    }
    for (const id of this.#samples.keys()) if (!seen.has(id)) this.#forget(id)
    if (this.#times.length > sampleCount) this.#times.shift()
  }

  get document(): HistoryDocument {
    const applications = [...this.#samples].map(([id, samples]) => [id, historyOf(samples)] as const)
    return { times: this.#times, applications: Object.fromEntries(applications) }
  }

  #add(id: string, values: Values): void {
    // An application that was added later has no values for what was before it.
    const samples = this.#samples.get(id) ?? this.#times.slice(1).map(() => undefined)
    samples.push(values)
    if (samples.length > sampleCount) samples.shift()
    this.#samples.set(id, samples)
  }

  #forget(id: string): void {
    this.#samples.delete(id)
    this.#before.delete(id)
  }

  #valuesOf(
    { id, processes }: HostStatus['sites'][number]['applications'][number],
    seconds: number | undefined,
  ): Values {
    const meter = this.#meters.of(id)
    const before = this.#before.get(id)
    const cpuSeconds = Object.fromEntries(processes.map((process) => [process.pid ?? 0, process.cpuSeconds ?? 0]))
    const now: Before = { ...countsOf(meter), latencies: meter.latencies.counts.slice(), cpuSeconds }
    this.#before.set(id, now)
    const known = {
      inFlight: processes.reduce((sum, { requests }) => sum + requests, 0),
      rssBytes: processes.reduce((sum, { rssBytes }) => sum + (rssBytes ?? 0), 0),
    }
    if (before === undefined || seconds === undefined || seconds <= 0) return { ...nothing, ...known }
    const latencies = now.latencies.map((each, at) => each - (before.latencies[at] as number))
    const cpu = Object.entries(cpuSeconds).reduce(
      (sum, [pid, spent]) => sum + spent - (before.cpuSeconds[Number(pid)] ?? 0),
      0,
    )
    return {
      ...known,
      requestsPerSecond: (now.requests - before.requests) / seconds,
      errorsPerSecond: (now.errors - before.errors) / seconds,
      p50Ms: percentile(latencies, 0.5),
      p90Ms: percentile(latencies, 0.9),
      p99Ms: percentile(latencies, 0.99),
      cpuPercent: Math.max(0, (cpu / seconds) * 100),
    }
  }
}

const nothing = {
  requestsPerSecond: null,
  errorsPerSecond: null,
  p50Ms: null,
  p90Ms: null,
  p99Ms: null,
  cpuPercent: null,
}

function countsOf({ byClass }: RequestMeter): { readonly requests: number; readonly errors: number } {
  return { requests: byClass.reduce((sum, each) => sum + each, 0), errors: byClass[5] as number }
}

function historyOf(samples: readonly (Values | undefined)[]): ApplicationSeries {
  const all = (name: keyof Values): readonly (number | null)[] => samples.map((values) => values?.[name] ?? null)
  return {
    requestsPerSecond: all('requestsPerSecond'),
    errorsPerSecond: all('errorsPerSecond'),
    p50Ms: all('p50Ms'),
    p90Ms: all('p90Ms'),
    p99Ms: all('p99Ms'),
    inFlight: all('inFlight'),
    rssBytes: all('rssBytes'),
    cpuPercent: all('cpuPercent'),
  }
}
