import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter, Gauge, type MetricObjectWithValues, type MetricValue, Registry } from 'prom-client'
import type { Host, HostStatus } from '../../host/host.ts'
import { openFileLimit, openFiles } from '../../platform/open-files.ts'
import type { ProcessStatus } from '../../process/process-status.ts'
import { durationBounds, type RequestMeters } from '../../site/metering/request-meters.ts'
import { type EventHistory, noExits } from './event-history.ts'

/** What the metrics are read from, at each request for them. */
export interface MetricsParts {
  readonly status: () => HostStatus
  readonly listeners: () => Host['listeners']
  readonly meters: RequestMeters
  readonly history: EventHistory
  /** When the daemon was started, in seconds since 1970. */
  readonly startedAt: number
}

const classes = ['none', '1xx', '2xx', '3xx', '4xx', '5xx']
/** How often the event loop is looked at. */
const delayResolutionMs = 20

/**
 * The metrics of the daemon in Prometheus' text form. Nothing is counted here: everything is read from the meters and
 * from the status when somebody asks. Life: that of the admin address; close() ends the watch of the event loop.
 */
export class Metrics {
  readonly #registry = new Registry()
  readonly #delay = monitorEventLoopDelay({ resolution: delayResolutionMs })
  readonly #parts: MetricsParts

  constructor(parts: MetricsParts) {
    this.#parts = parts
    this.#delay.enable()
    this.#addRequests()
    this.#addProcesses()
    this.#addDaemon()
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  read(): Promise<string> {
    return this.#registry.metrics()
  }

  close(): void {
    this.#delay.disable()
  }

  #addRequests(): void {
    const { meters } = this.#parts
    this.#counter(
      'ancmd_http_requests_total',
      'Requests that are over, by the class of their status.',
      ['app', 'code'],
      (set) => {
        for (const [app, { byClass }] of meters.all) {
          for (const [at, code] of classes.entries()) {
            if (code !== 'none' || byClass[at] !== 0) set({ app, code }, byClass[at] as number)
          }
        }
      },
    )
    this.#prepared(
      'ancmd_http_request_duration_seconds',
      'Time from the request head to the end of the answer.',
      'histogram',
      () => {
        return [...meters.all].flatMap(([app, meter]) => histogramValues(app, meter))
      },
    )
    this.#gauge('ancmd_http_requests_in_flight', 'Requests under way.', ['app'], (set) => {
      for (const { id, processes } of this.#applications()) set({ app: id }, sum(processes, 'requests'))
    })
    this.#gauge('ancmd_http_requests_waiting', 'Requests that wait for a process to start.', ['app'], (set) => {
      for (const { id, waiting } of this.#applications()) set({ app: id }, waiting)
    })
    this.#gauge('ancmd_tunnels', 'Open WebSockets.', ['app'], (set) => {
      for (const { id, processes } of this.#applications()) set({ app: id }, sum(processes, 'tunnels'))
    })
  }

  #addProcesses(): void {
    const { history } = this.#parts
    this.#counter('ancmd_process_starts_total', 'Processes that have begun to listen.', ['app'], (set) => {
      for (const { id, starts } of this.#applications()) set({ app: id }, starts)
    })
    this.#counter(
      'ancmd_process_exits_total',
      'Ends of processes: asked, crash, start-failed.',
      ['app', 'cause'],
      (set) => {
        // Each cause begins with 0, as Prometheus sees no increase in a value that was not there before.
        const all = new Map(this.#applications().map(({ id }) => [id, noExits]))
        for (const [app, counts] of [...all, ...history.exits]) {
          for (const [cause, times] of Object.entries(counts)) set({ app, cause }, times)
        }
      },
    )
    this.#gauge('ancmd_process_up', 'Processes that listen.', ['app'], (set) => {
      for (const { id, processes } of this.#applications()) {
        set({ app: id }, processes.filter(({ state }) => state === 'running').length)
      }
    })
    this.#gauge('ancmd_process_resident_memory_bytes', "Memory of an application's process.", ['app', 'pid'], (set) => {
      for (const { app, pid, rssBytes } of this.#processes()) if (rssBytes !== undefined) set({ app, pid }, rssBytes)
    })
    this.#counter(
      'ancmd_process_cpu_seconds_total',
      "Processor time of an application's process.",
      ['app', 'pid'],
      (set) => {
        for (const { app, pid, cpuSeconds } of this.#processes())
          if (cpuSeconds !== undefined) set({ app, pid }, cpuSeconds)
      },
    )
  }

  #addDaemon(): void {
    this.#gauge('ancmd_connections', 'Open connections of clients.', ['binding'], (set) => {
      for (const { binding, connections } of this.#parts.listeners()) set({ binding }, connections)
    })
    this.#gauge('ancmd_build_info', 'Always 1; the labels tell the version.', ['version', 'node', 'engine'], (set) => {
      const { version, engine } = this.#parts.status()
      set({ version, node: process.versions.node, engine }, 1)
    })
    this.#prepared(
      'ancmd_event_loop_delay_seconds',
      'How late timers of the daemon are, since the last reading.',
      'summary',
      () => {
        const values = [0.5, 0.9, 0.99].map((quantile) => ({
          labels: { quantile },
          // Node counts the time between two timers, so what was asked for is not yet a delay.
          value: Math.max(0, seconds(this.#delay.percentile(quantile * 100)) - delayResolutionMs / 1000),
        }))
        this.#delay.reset()
        return values
      },
    )
    this.#counter('process_cpu_seconds_total', 'Processor time of the daemon.', [], (set) => {
      const { user, system } = process.cpuUsage()
      set({}, (user + system) / 1e6)
    })
    this.#gauge('process_resident_memory_bytes', 'Memory of the daemon.', [], (set) => {
      set({}, process.memoryUsage.rss())
    })
    this.#gauge('process_start_time_seconds', 'When the daemon was started, in seconds since 1970.', [], (set) => {
      set({}, this.#parts.startedAt)
    })
    this.#gauge('process_open_fds', 'Open file descriptors of the daemon.', [], (set) => {
      const open = openFiles()
      if (open !== undefined) set({}, open)
    })
    this.#gauge('process_max_fds', 'How many file descriptors the daemon may have open.', [], (set) => {
      const limit = openFileLimit()
      if (limit !== undefined) set({}, limit)
    })
  }

  #applications(): readonly HostStatus['sites'][number]['applications'][number][] {
    return this.#parts.status().sites.flatMap(({ applications }) => applications)
  }

  #processes(): readonly { app: string; pid: string; rssBytes?: number; cpuSeconds?: number }[] {
    return this.#applications().flatMap(({ id, processes }) => {
      return processes.flatMap(({ pid, ...usage }) =>
        pid === undefined ? [] : [{ app: id, pid: String(pid), ...usage }],
      )
    })
  }

  #gauge(name: string, help: string, labelNames: readonly string[], fill: Fill): void {
    const gauge = new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers: [this.#registry],
      collect: () => {
        gauge.reset()
        fill((labels, value) => {
          gauge.set(labels, value)
        })
      },
    })
  }

  /** A counter whose value is counted elsewhere. */
  #counter(name: string, help: string, labelNames: readonly string[], fill: Fill): void {
    const counter = new Counter({
      name,
      help,
      labelNames: [...labelNames],
      registers: [this.#registry],
      collect: () => {
        counter.reset()
        fill((labels, value) => {
          counter.inc(labels, value)
        })
      },
    })
  }

  /** A metric whose values are ready to be written, of a type for which the package can only count by itself. */
  #prepared(name: string, help: string, type: 'histogram' | 'summary', values: () => readonly PreparedValue[]): void {
    const metric = {
      name,
      get: () =>
        Promise.resolve({ name, help, type, aggregator: 'sum', values: values() } as unknown as MetricObjectWithValues<
          MetricValue<string>
        >),
      reset: () => undefined,
    }
    this.#registry.registerMetric(metric as unknown as Gauge)
  }
}

/** Also a bucket, a sum or a count, which have names of their own. */
type PreparedValue = MetricValue<string> & { readonly metricName?: string }

type Fill = (set: (labels: Record<string, string>, value: number) => void) => void

function histogramValues(
  app: string,
  { byBound, seconds }: { byBound: Float64Array; seconds: number },
): readonly PreparedValue[] {
  const name = 'ancmd_http_request_duration_seconds'
  let below = 0
  const buckets = [...durationBounds, '+Inf'].map((le, at) => {
    below += byBound[at] as number
    return { labels: { app, le }, value: below, metricName: `${name}_bucket` }
  })
  const labels = { app }
  return [
    ...buckets,
    { labels, value: seconds, metricName: `${name}_sum` },
    { labels, value: below, metricName: `${name}_count` },
  ]
}

function sum(processes: readonly ProcessStatus[], of: 'requests' | 'tunnels'): number {
  return processes.reduce((total, each) => total + each[of], 0)
}

/** The watch tells nanoseconds, and NaN when it has seen nothing. */
function seconds(nanoseconds: number): number {
  return Number.isFinite(nanoseconds) ? nanoseconds / 1e9 : 0
}
