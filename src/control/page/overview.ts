import type { ApplicationSeries, HistoryDocument } from '../admin/history.ts'
import type { HostStatus } from '../../host/host.ts'
import { build, setText } from './dom.ts'
import { latency, mebibytes, percent, rate } from './format.ts'
import { stateOf } from './state.ts'

const columns = [
  'Application',
  'State',
  'Processes',
  'Requests/s',
  'In flight',
  'p50',
  'p99',
  'CPU',
  'Memory',
  'Starts',
  'Crashes',
  'Recycles',
]

/** The last sample of all applications together. */
export function newest({ applications }: HistoryDocument): { readonly requestsPerSecond: number } {
  const rates = Object.values(applications).map((past) => past.requestsPerSecond.at(-1) ?? 0)
  return { requestsPerSecond: rates.reduce((sum, each) => sum + each, 0) }
}

/**
 * Shows every application in a table for each site, and keeps what is there, so that focus and selection stay. Returns
 * the id of the application that is selected.
 */
export function showOverview(
  into: HTMLElement,
  status: HostStatus,
  past: HistoryDocument,
  selected: string | undefined,
  onSelect: (id: string) => void,
): string | undefined {
  const ids = status.sites.flatMap(({ applications }) => applications.map(({ id }) => id))
  const shape = JSON.stringify(status.sites.map(({ name, applications }) => [name, applications.map(({ id }) => id)]))
  if (into.dataset['shape'] !== shape) {
    into.dataset['shape'] = shape
    into.replaceChildren(...status.sites.map((site) => siteTable(site, onSelect)))
  }
  const current = selected !== undefined && ids.includes(selected) ? selected : ids[0]
  for (const site of status.sites) {
    for (const application of site.applications) {
      const row = into.querySelector(`tr[data-id="${CSS.escape(application.id)}"]`)
      if (row !== null) fillRow(row, application, past.applications[application.id], application.id === current)
    }
  }
  return current
}

type Site = HostStatus['sites'][number]

function siteTable({ name, urls, applications }: Site, onSelect: (id: string) => void): HTMLElement {
  const head = build(
    'tr',
    {},
    ...columns.map((text, at) => build('th', { scope: 'col', ...(at < 2 && { class: 'words' }) }, text)),
  )
  const rows = applications.map(({ id, path }) => {
    const button = build('button', { type: 'button' }, path)
    button.addEventListener('click', () => {
      onSelect(id)
    })
    const cells = columns
      .slice(1)
      .map((label, at) => build('td', { 'data-label': label, ...(at === 0 && { class: 'words' }) }))
    return build('tr', { 'data-id': id }, build('th', { scope: 'row' }, button), ...cells)
  })
  const caption = build('caption', {}, `${name} · ${urls.join(' · ')}`)
  const table = build('table', { class: 'stack' }, caption, build('thead', {}, head), build('tbody', {}, ...rows))
  return build('div', { class: 'scroll' }, table)
}

function fillRow(
  row: Element,
  application: Site['applications'][number],
  past: ApplicationSeries | undefined,
  isCurrent: boolean,
): void {
  const { processes, starts, crashes, recycles } = application
  const state = stateOf(application)
  row.setAttribute('aria-current', String(isCurrent))
  const texts = [
    state.text,
    String(processes.length),
    rate(past?.requestsPerSecond.at(-1)),
    String(processes.reduce((sum, { requests, tunnels }) => sum + requests + tunnels, 0)),
    latency(past?.p50Ms.at(-1)),
    latency(past?.p99Ms.at(-1)),
    percent(past?.cpuPercent.at(-1)),
    mebibytes(processes.reduce((sum, { rssBytes }) => sum + (rssBytes ?? 0), 0)),
    String(starts),
    String(crashes),
    String(recycles),
  ]
  for (const [at, text] of texts.entries()) setText(cellOf(row, at), text)
  cellOf(row, 0).className = `words state ${state.tone}`
}

function cellOf(row: Element, at: number): Element {
  return row.children[at + 1] as Element
}
