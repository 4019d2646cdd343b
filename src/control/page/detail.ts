import type { HistoryDocument } from '../admin/history.ts'
import type { HostStatus } from '../../host/host.ts'
import { operate, type Operation } from './api.ts'
import { announce, build, setText } from './dom.ts'
import { clock, duration, mebibytes } from './format.ts'
import { Output } from './output.ts'
import { Plots } from './plots.ts'

type Application = HostStatus['sites'][number]['applications'][number]

const operations: readonly {
  readonly operation: Operation
  readonly label: string
  readonly fits: (presence: string) => boolean
}[] = [
  { operation: 'recycle', label: 'Recycle', fits: (presence) => presence === 'serving' },
  { operation: 'stop', label: 'Stop', fits: (presence) => presence !== 'stopped' },
  { operation: 'start', label: 'Start', fits: () => true },
  { operation: 'offline', label: 'Take offline', fits: (presence) => presence === 'serving' },
  { operation: 'online', label: 'Bring online', fits: (presence) => presence === 'offline' },
]
const columns = ['Pid', 'State', 'Port', 'Up', 'In flight', 'WebSockets', 'CPU time', 'Memory']

/** The application that is selected: buttons, processes, plots, output. Made anew when another one is selected. */
export class Detail {
  readonly #into: HTMLElement
  readonly #onChange: () => void
  #shown: Shown | undefined

  constructor(into: HTMLElement, onChange: () => void) {
    this.#into = into
    this.#onChange = onChange
    into.tabIndex = -1
  }

  show(status: HostStatus, past: HistoryDocument, id: string | undefined): void {
    const found = status.sites.flatMap(({ name, applications }) =>
      applications.map((application) => ({ name, application })),
    )
    const wanted = found.find(({ application }) => application.id === id)
    if (this.#shown !== undefined && this.#shown.id !== wanted?.application.id) {
      this.#shown.close()
      this.#shown = undefined
    }
    this.#into.hidden = wanted === undefined
    if (wanted === undefined) return
    this.#shown ??= new Shown(this.#into, wanted.name, wanted.application, this.#onChange)
    this.#shown.update(wanted.application, past)
  }
}

class Shown {
  readonly id: string
  readonly #plots = new Plots()
  readonly #output: Output
  readonly #buttons: readonly HTMLButtonElement[]
  readonly #failure = build('p', { class: 'failure' })
  readonly #rows = build('tbody')
  readonly #none = build('p', {}, 'No process is running. The first request starts one.')
  #isBusy = false

  constructor(into: HTMLElement, site: string, { id, path, physicalPath }: Application, onChange: () => void) {
    this.id = id
    this.#output = new Output(id)
    this.#buttons = operations.map(({ operation, label }) => {
      const button = build('button', { type: 'button' }, label)
      button.addEventListener('click', () => void this.#operate(operation, label, onChange))
      return button
    })
    const head = build(
      'tr',
      {},
      ...columns.map((text, at) => build('th', { scope: 'col', ...(at === 1 && { class: 'words' }) }, text)),
    )
    const table = build(
      'table',
      { class: 'stack' },
      build('caption', {}, 'Processes'),
      build('thead', {}, head),
      this.#rows,
    )
    into.replaceChildren(
      build('h2', { id: 'detail-title' }, `${site}${path}`),
      build('p', {}, build('code', {}, id), ` · ${physicalPath}`),
      build('div', { class: 'actions' }, ...this.#buttons),
      this.#failure,
      build('div', { class: 'scroll' }, table),
      this.#none,
      build('h3', {}, 'The last hour'),
      this.#plots.element,
      this.#output.element,
    )
  }

  update({ presence, processes, lastFailure }: Application, { times, applications }: HistoryDocument): void {
    for (const [at, { fits }] of operations.entries()) {
      ;(this.#buttons[at] as HTMLButtonElement).disabled = this.#isBusy || !fits(presence)
    }
    this.#failure.hidden = lastFailure === null
    if (lastFailure !== null) setText(this.#failure, `Last failure, ${clock(lastFailure.time)}: ${lastFailure.text}`)
    this.#rows.replaceChildren(...processes.map(processRow))
    this.#none.hidden = processes.length > 0
    const past = applications[this.id]
    if (past !== undefined) this.#plots.show(times, past)
  }

  close(): void {
    this.#plots.close()
    this.#output.close()
  }

  async #operate(operation: Operation, label: string, onChange: () => void): Promise<void> {
    this.#isBusy = true
    for (const button of this.#buttons) button.disabled = true
    announce(`${label}: asked.`)
    try {
      await operate(this.id, operation)
      announce(`${label}: done.`)
    } catch (error) {
      const text = error instanceof Error ? error.message : 'it failed'
      announce(`${label}: ${text}`)
      this.#failure.hidden = false
      setText(this.#failure, `${label}: ${text}`)
    } finally {
      this.#isBusy = false
      onChange()
    }
  }
}

function processRow({
  pid,
  state,
  port,
  uptimeMs,
  requests,
  tunnels,
  cpuSeconds,
  rssBytes,
}: Application['processes'][number]): HTMLElement {
  const texts = [
    pid === undefined ? '–' : String(pid),
    state,
    port === undefined ? '–' : String(port),
    duration(uptimeMs),
    String(requests),
    String(tunnels),
    cpuSeconds === undefined ? '–' : `${cpuSeconds.toFixed(1)} s`,
    mebibytes(rssBytes),
  ]
  return build(
    'tr',
    {},
    ...texts.map((text, at) =>
      build('td', { 'data-label': columns[at] as string, ...(at === 1 && { class: 'words' }) }, text),
    ),
  )
}
