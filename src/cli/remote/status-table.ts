import type { HostStatus } from '../../host/host.ts'
import type { ProcessStatus } from '../../process/process-status.ts'
import type { ApplicationStatus } from '../../site/application-status.ts'
import { foldText } from '../streams/fold-text.ts'
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

/** What a narrow terminal does without, first to last. */
const dispensable: readonly (typeof titles)[number][] = [
  'PORT',
  'TUNNELS',
  'CPU',
  'STARTS',
  'RECYCLES',
  'IN FLIGHT',
  'UPTIME',
  'CRASHES',
  'MEMORY',
]

export interface TableStyle {
  readonly colour: boolean
  /** For the age of a failure. */
  readonly now: Date
  /** How many characters fit into a line; undefined: any number. */
  readonly columns?: number | undefined
}

/**
 * The status as a table for a person: a line for each process, for each application that has none, and for the last
 * failure of an application. What does not fit into a line is left out and named below.
 */
export function statusTable({ version, pid, state, uptimeMs, engine, sites }: HostStatus, style: TableStyle): string {
  const paint = (text: string, colour: Colour | undefined): string =>
    style.colour && colour !== undefined ? `\x1b[${codes[colour]}m${text}\x1b[0m` : text
  const facts = [state, `pid ${String(pid)}`, `up ${shortSpan(uptimeMs)}`, engine]
  const lines = [`${paint(`ancmd ${version}`, 'bold')}  ${facts.join('  ')}`]
  const rowsOfSites = sites.map(({ applications }) => applications.map(rowsOf))
  const rows = rowsOfSites.flat(2)
  const widths = titles.map((title, at) => Math.max(title.length, ...rows.map((row) => (row[at] ?? '').length)))
  const { columns = Infinity } = style
  const left = tooWide(widths, columns)
  const cell = (text: string, at: number): string =>
    at < 2 ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0)
  const line = (row: readonly string[], colour?: (at: number) => Colour | undefined): string =>
    row
      .flatMap((text, at) => (left.has(at) ? [] : [`  ${paint(cell(text, at), colour?.(at))}`]))
      .join('')
      .trimEnd()
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
      const told = foldText(`last failure, ${age} ago: ${lastFailure.text}`, columns - 4)
      lines.push(...told.map((each) => paint(`    ${each}`, 'red')))
    }
  }
  const names = titles.filter((_title, at) => left.has(at))
  if (names.length > 0) {
    const told = foldText(`no room for ${names.join(', ')}: see --json`, columns)
    lines.push('', ...told.map((each) => paint(each, 'dim')))
  }
  return `${lines.join('\n')}\n`
}

/** Which columns are left out, so that lines of these widths fit. */
function tooWide(widths: readonly number[], columns: number): ReadonlySet<number> {
  const left = new Set<number>()
  let width = widths.reduce((sum, each) => sum + each + 2, 0)
  for (const title of dispensable) {
    if (width <= columns) break
    const at = titles.indexOf(title)
    left.add(at)
    width -= (widths[at] ?? 0) + 2
  }
  return left
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
