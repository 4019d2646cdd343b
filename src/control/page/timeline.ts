import type { RecordedEvent } from '../admin/event-history.ts'
import { build, setText } from './dom.ts'
import { clock } from './format.ts'

const svgNames = 'http://www.w3.org/2000/svg'
const hourMs = 3_600_000
const height = 64

/** The lane and the colour of an event: ends and failures stand above, starts and changes below. */
const looks: Readonly<Record<string, { readonly tone: string; readonly lane: number }>> = {
  processStarted: { tone: 'good', lane: 1 },
  processExited: { tone: 'plain', lane: 0 },
  processStartFailed: { tone: 'bad', lane: 0 },
  rapidFailTripped: { tone: 'bad', lane: 0 },
  applicationRecycled: { tone: 'warn', lane: 1 },
}

/** Shows the events of the last hour as marks on a line of time, and as a list with their causes, newest first. */
export function showEvents(
  line: HTMLElement,
  list: HTMLElement,
  events: readonly RecordedEvent[],
  nameOf: (app: string) => string,
): void {
  const now = new Date().getTime()
  const recent = events.filter(({ time }) => now - Date.parse(time) < hourMs)
  line.replaceChildren(drawing(recent, { now, width: Math.max(line.clientWidth, 200) }))
  const key = `${String(events.length)} ${events.at(-1)?.time ?? ''}`
  if (list.dataset['shown'] === key) return
  list.dataset['shown'] = key
  list.replaceChildren(...recent.toReversed().map((event) => row(event, nameOf)))
  if (recent.length === 0) setText(list, 'Nothing has happened.')
}

function row({ time, app, msg }: RecordedEvent, nameOf: (app: string) => string): HTMLElement {
  return build(
    'li',
    {},
    build('time', { datetime: time }, clock(time)),
    build('span', {}, app === undefined ? 'daemon' : nameOf(app)),
    build('span', {}, msg),
  )
}

/** The line ends at `now`; `width` in pixels. */
interface Scale {
  readonly now: number
  readonly width: number
}

function drawing(events: readonly RecordedEvent[], scale: Scale): SVGElement {
  const { now, width } = scale
  const svg = shape('svg', { viewBox: `0 0 ${String(width)} ${String(height)}`, role: 'img' })
  svg.append(shape('title', {}, `${String(events.length)} events in the last hour; the list below tells each`))
  svg.append(shape('line', { x1: '0', y1: '32', x2: String(width), y2: '32' }))
  for (const minutes of [60, 45, 30, 15]) {
    const x = xOf(now - minutes * 60_000, scale)
    svg.append(
      shape(
        'text',
        { x: String(x + 4), y: '60' },
        width < 500 ? `−${String(minutes)} min` : `${String(minutes)} min ago`,
      ),
    )
    svg.append(shape('line', { x1: String(x), y1: '26', x2: String(x), y2: '48' }))
  }
  for (const event of events) svg.append(mark(event, scale))
  return svg
}

function mark({ time, event, level, msg }: RecordedEvent, scale: Scale): SVGElement {
  const { tone, lane } = looks[event] ?? { tone: 'plain', lane: 1 }
  const colour = event === 'processExited' && level !== 'info' ? 'bad' : tone
  const circle = shape('circle', {
    cx: String(xOf(Date.parse(time), scale)),
    cy: lane === 0 ? '18' : '40',
    r: '6',
    class: colour,
  })
  circle.append(shape('title', {}, `${clock(time)} ${msg}`))
  return circle
}

function xOf(time: number, { now, width }: Scale): number {
  return Math.round((1 - (now - time) / hourMs) * (width - 12)) + 6
}

function shape(name: string, attributes: Readonly<Record<string, string>>, text = ''): SVGElement {
  const made = document.createElementNS(svgNames, name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  if (text !== '') made.textContent = text
  return made
}
