import type { HostStatus } from '../../host/host.ts'
import type { ProcessStatus } from '../../process/process-status.ts'
import type { ApplicationStatus } from '../../site/application-status.ts'
import { shortSpan } from './duration.ts'

type Colour = 'green' | 'yellow' | 'red' | 'dim' | 'bold'

const codes: Readonly<Record<Colour, string>> = { green: '32', yellow: '33', red: '31', dim: '2', bold: '1' }

const colours: Readonly<Record<string, Colour>> = {
  running: 'green',
  starting: 'yellow',
  draining: 'yellow',
  offline: 'yellow',
  faulted: 'red',
  stopped: 'red',
  idle: 'dim',
}

const titles = [
  'APPLICATION',
  'STATE',
  'PID',
  'PORT',
  'UPTIME',
  'IN FLIGHT',
  'TUNNELS',
  'MEMORY',
  'CPU',
  'STARTS',
  'CRASHES',
  'RECYCLES',
] as const

export interface TableStyle {
  readonly colour: boolean
  /** For the age of a failure. */
  readonly now: Date
}

/**
 * The status as a table for a person: a line for each process, for each application that has none, and for the last
 * failure of an application.
 */
export function statusTable({ version, pid, state, uptimeMs, engine, sites }: HostStatus, style: TableStyle): string {
  const paint = (text: string, colour: Colour | undefined): string =>
    style.colour && colour !== undefined ? `\x1b[${codes[colour]}m${text}\x1b[0m` : text
  const facts = [state, `pid ${String(pid)}`, `up ${shortSpan(uptimeMs)}`, engine]
  const lines = [`${paint(`ancmd ${version}`, 'bold')}  ${facts.join('  ')}`]
  const rowsOfSites = sites.map(({ applications }) => applications.map(rowsOf))
  const rows = rowsOfSites.flat(2)
  const widths = titles.map((title, at) => Math.max(title.length, ...rows.map((row) => (row[at] ?? '').length)))
  const line = (row: readonly string[], colour?: (at: number) => Colour | undefined): string =>
    `  ${row.map((cell, at) => paint(at < 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0), colour?.(at))).join('  ')}`.trimEnd()
  for (const [at, site] of sites.entries()) {
    lines.push(
      '',
      `${paint(site.name, 'bold')}  ${site.urls.join('  ')}`.trimEnd(),
      line(titles, () => 'dim'),
    )
    for (const [index, application] of site.applications.entries()) {
      for (const row of rowsOfSites[at]?.[index] ?? []) {
        lines.push(line(row, (cell) => (cell === 1 ? colours[row[1] ?? ''] : undefined)))
      }
      const { lastFailure } = application
      if (lastFailure === null) continue
      const age = shortSpan(style.now.getTime() - Date.parse(lastFailure.time))
      lines.push(paint(`    last failure, ${age} ago: ${lastFailure.text}`, 'red'))
    }
  }
  return `${lines.join('\n')}\n`
}

/** The application's own facts stand in its first row. */
function rowsOf(application: ApplicationStatus): readonly (readonly string[])[] {
  const { path, presence, processes, starts, crashes, recycles } = application
  const counts = [starts, crashes, recycles].map(String)
  if (presence !== 'serving' || processes.length === 0) {
    const state = presence === 'serving' ? 'idle' : presence
    const ending = processes.map((process) => ['', ...cells(process)])
    return [[path, state, ...Array.from({ length: 7 }, () => '-'), ...counts], ...ending]
  }
  return processes.map((process, at) => (at === 0 ? [path, ...cells(process), ...counts] : ['', ...cells(process)]))
}

function cells({ state, pid, port, uptimeMs, requests, tunnels, rssBytes, cpuSeconds }: ProcessStatus): string[] {
  return [
    state,
    pid === undefined ? '-' : String(pid),
    port === undefined ? '-' : String(port),
    pid === undefined ? '-' : shortSpan(uptimeMs),
    String(requests),
    String(tunnels),
    rssBytes === undefined ? '-' : `${String(Math.round(rssBytes / 1_048_576))} MiB`,
    cpuSeconds === undefined ? '-' : `${cpuSeconds.toFixed(1)} s`,
  ]
}
