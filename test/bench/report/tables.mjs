// Cells as tables: rows of text, which the terminal and RESULTS.md set in their own ways.
import { addedStart } from '../goals.mjs'
import { addedLatency, cellsOf, median, ratios, summary, valuesOf } from '../statistics.mjs'

/** {head, rows} for one scenario; the peers in the order of `names`. */
export function tableOf(cells, name, { kind }, names) {
  const columns = columnsOf[kind]
  const rows = names
    .filter((peer) => cells.some((cell) => cell.scenario === name && cell.peer === peer))
    .map((peer) => [peer, ...columns.map(([, show]) => show(cells, name, peer))])
  return { head: ['', ...columns.map(([title]) => title)], rows }
}

const of = (measure, digits) => (cells, name, peer) => number(median(valuesOf(cells, name, peer, measure)), digits)
const least = (measure, digits) => (cells, name, peer) =>
  number(summary(valuesOf(cells, name, peer, measure)).min, digits)
const to = (base, measure) => (cells, name, peer) => range(ratios(cells, name, peer, base, measure))
const voids = (cells, name, peer) => {
  const all = cells.filter((cell) => cell.scenario === name && cell.peer === peer)
  const lost = all.filter((cell) => cell.void !== undefined)
  return lost.length === 0 ? '' : `${lost.length} of ${all.length}: ${lost[0].void.split('\n')[0].slice(0, 60)}`
}

const loadColumns = (unit) => [
  [`CPU µs/${unit}`, of('cpu', 1)],
  ['min', least('cpu', 1)],
  ['× nginx (min–max)', to('nginx', 'cpu')],
  ['× http-proxy-agent', (...given) => number(median(ratios(...given, 'http-proxy-agent', 'cpu')), 2)],
  ['× yarp', (...given) => number(median(ratios(...given, 'yarp', 'cpu')), 2)],
  ['× relay-raw', (...given) => number(median(ratios(...given, 'relay-raw', 'cpu')), 2)],
  [`${unit}s/s`, of('rate', 0)],
  ['p50 µs', of('p50', 0)],
  ['p99 µs', of('p99', 0)],
  ['void', voids],
]

const columnsOf = {
  load: loadColumns('request'),
  echo: loadColumns('message'),
  latency: [
    ['p50 µs', of('p50', 0)],
    ['added µs', (cells, name, peer) => (peer === 'direct' ? '' : number(median(addedLatency(cells, name, peer)), 0))],
    ['p99 µs', of('p99', 0)],
    ['CPU µs/request', of('cpu', 1)],
    ['× nginx (min–max)', to('nginx', 'cpu')],
    ['void', voids],
  ],
  memory: [
    ['fresh, MiB', of('fresh', 1)],
    ['after warm-up, MiB', of('base', 1)],
    ['KiB/connection', of('perConnection', 1)],
    ['min', least('perConnection', 1)],
    ['void', voids],
  ],
  start: [
    ['first answer, ms', of('first', 0)],
    ['added ms', (cells, _name, peer) => (peer === 'direct' ? '' : number(median(addedStart(cells, peer)), 0))],
    ['starts', (cells, name, peer) => String(cellsOf(cells, name, peer).length)],
    ['void', voids],
  ],
}

/** {head, rows} of the goals that were judged. */
export function goalTable(judgements) {
  const rows = judgements.map(({ goal, median: middle, min, verdict }) => [
    goal.scenario,
    (goal.peer === undefined ? '' : `${goal.peer}: `) + goal.what + (goal.per === undefined ? '' : ` ÷ ${goal.per}`),
    `≤ ${goal.atMost}${goal.unit === undefined ? '' : ` ${goal.unit}`}`,
    number(middle, goal.unit === undefined ? 2 : 1),
    number(min, goal.unit === undefined ? 2 : 1),
    verdict,
  ])
  return { head: ['scenario', 'what', 'goal', 'median', 'min', 'verdict'], rows }
}

export function number(value, digits) {
  return Number.isFinite(value) ? value.toFixed(digits) : '–'
}

function range(values) {
  const { median: middle, min, max, count } = summary(values)
  return count === 0 ? '–' : `${number(middle, 2)} (${number(min, 2)}–${number(max, 2)})`
}

/** A table for the terminal: names to the left, figures to the right. */
export function asText({ head, rows }) {
  const widths = head.map((title, column) =>
    Math.max(...[head, ...rows].map((row) => row[column].length), title.length),
  )
  const line = (row) =>
    row.map((text, column) => (column === 0 ? text.padEnd(widths[0]) : text.padStart(widths[column]))).join('  ')
  return [head, ...rows].map((row) => `  ${line(row).trimEnd()}`).join('\n')
}

export function asMarkdown({ head, rows }) {
  const line = (row) => `| ${row.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), `|${head.map((_, column) => (column === 0 ? '---|' : '--:|')).join('')}`, ...rows.map(line)].join(
    '\n',
  )
}
