import type { HostStatus } from '../../host/host.ts'
import { keepToken, NotLoggedIn, readEvents, readHistory, readStatus } from './api.ts'
import { Detail } from './detail.ts'
import { byId, build, setText } from './dom.ts'
import { duration, mebibytes, rate } from './format.ts'
import { newest, showOverview } from './overview.ts'
import { showEvents } from './timeline.ts'

const everyMs = 2000

const login = byId('login') as HTMLFormElement
const detail = new Detail(byId('detail'), () => void refresh())
let selected: string | undefined
let timer: number | undefined

/** The event adminListening has the token behind `#token=`, which no server and no log ever gets from a browser. */
function takeTokenOfAddress(): void {
  const found = /^#token=([\w-]+)$/.exec(location.hash)?.[1]
  if (found === undefined) return
  keepToken(found)
  history.replaceState(null, '', location.pathname)
}

async function refresh(): Promise<void> {
  clearTimeout(timer)
  try {
    const [status, past, events] = await Promise.all([readStatus(), readHistory(), readEvents()])
    setLoggedIn(true)
    setText(byId('connection'), '')
    showSummary(status, newest(past))
    selected = showOverview(byId('sites'), status, past, selected, (id) => {
      selected = id
      detail.show(status, past, id)
      byId('detail').focus()
      void refresh()
    })
    detail.show(status, past, selected)
    const names = new Map(
      status.sites.flatMap((site) => site.applications.map(({ id, path }) => [id, site.name + path])),
    )
    showEvents(byId('timeline'), byId('events'), events, (app) => names.get(app) ?? app)
  } catch (error) {
    if (error instanceof NotLoggedIn) {
      setLoggedIn(false)
      return
    }
    setText(
      byId('connection'),
      `The daemon does not answer (${error instanceof Error ? error.message : 'unknown'}). Trying again.`,
    )
  }
  timer = window.setTimeout(() => void refresh(), document.hidden ? everyMs * 5 : everyMs)
}

function setLoggedIn(isIn: boolean): void {
  login.hidden = isIn
  for (const id of ['overview', 'detail', 'history']) byId(id).hidden = !isIn
  if (!isIn) byId('token').focus()
}

function showSummary(status: HostStatus, totals: ReturnType<typeof newest>): void {
  const processes = status.sites.flatMap(({ applications }) => applications.flatMap(({ processes }) => processes))
  const memory = processes.reduce((sum, { rssBytes }) => sum + (rssBytes ?? 0), 0)
  const facts: readonly (readonly [string, string])[] = [
    ['version', status.version],
    ['state', status.state],
    ['up', duration(status.uptimeMs)],
    ['requests/s', rate(totals.requestsPerSecond)],
    ['in flight', String(processes.reduce((sum, { requests }) => sum + requests, 0))],
    ['processes', String(processes.length)],
    ['memory', mebibytes(memory)],
  ]
  const summary = byId('summary')
  if (summary.childElementCount !== facts.length) {
    summary.replaceChildren(...facts.map(([name]) => build('div', {}, build('dt', {}, name), build('dd'))))
  }
  for (const [at, [, value]] of facts.entries()) setText(summary.children[at]?.lastElementChild as Element, value)
}

login.addEventListener('submit', (event) => {
  event.preventDefault()
  const input = byId('token') as HTMLInputElement
  keepToken(input.value)
  input.value = ''
  void refresh().then(() => {
    setText(byId('login-error'), login.hidden ? '' : 'The daemon does not know this token.')
  })
})
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && login.hidden) void refresh()
})
takeTokenOfAddress()
void refresh()
