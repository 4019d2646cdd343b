// results.svg: a panel for each scenario, a bar for each peer; CPU per request as a multiple of nginx.
import { scenarios } from '../scenarios.mjs'
import { median, noiseOf, ratios } from '../statistics.mjs'

/** Multiples of nginx at the right end of a panel; a longer bar is cut there, and its figure tells. */
const longest = 6
const bar = 13
const step = 18
const width = 960
const columns = 2
const margin = { left: 136, right: 64, top: 34, bottom: 44 }
const top = 84
const panelWidth = width / columns
const plotWidth = panelWidth - margin.left - margin.right

export function chart({ cells, options, about, names }) {
  const panels = options.scenarios.map((name) => panelOf(cells, name, names)).filter(({ bars }) => bars.length > 0)
  const panelHeight = Math.max(0, ...panels.map(({ bars }) => margin.top + bars.length * step + margin.bottom))
  const height = top + Math.ceil(panels.length / columns) * panelHeight
  const drawn = panels.map((panel, index) =>
    draw(panel, (index % columns) * panelWidth, top + Math.floor(index / columns) * panelHeight),
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title about">
<title id="title">CPU per request as a multiple of nginx</title>
<desc id="about">${text(`Median over ${options.rounds} rounds, less is better. Revision ${about.revision}.`)}</desc>
<style>
  svg { --ink: #1c2430; --soft: #667085; --line: #d8dde5; --page: #ffffff; --ours: #0b6bcb; --other: #a9b4c2; --mark: #c2410c; }
  @media (prefers-color-scheme: dark) {
    svg { --ink: #e6eaf0; --soft: #98a2b3; --line: #36404e; --page: #11161d; --ours: #58a6ff; --other: #566274; --mark: #fb923c; }
  }
  text { font: 12px system-ui, sans-serif; fill: var(--ink); }
  .title { font-size: 20px; font-weight: 600; } .panel { font-weight: 600; } .soft { fill: var(--soft); font-size: 11px; }
  .page { fill: var(--page); } .grid { stroke: var(--line); } .nginx { stroke: var(--mark); stroke-dasharray: 4 3; }
  .bar { fill: var(--other); } .ours { fill: var(--ours); } .noisy { opacity: 0.5; } .end { text-anchor: end; } .mid { text-anchor: middle; }
</style>
<rect class="page" width="${width}" height="${height}"/>
<text class="title" x="24" y="36">CPU per request, as a multiple of nginx</text>
<text class="soft" x="24" y="58">${text(`Less is better. Median over ${options.rounds} rounds of the ratio in the same round; pale panels are noisy. ${about.processor}, revision ${about.revision}, ${about.date.slice(0, 10)}.`)}</text>
${drawn.join('\n')}
</svg>
`
}

function panelOf(cells, name, names) {
  const bars = names
    .map((peer) => ({ peer, ratio: median(ratios(cells, name, peer, 'nginx', 'cpu')) }))
    .filter(({ ratio }) => Number.isFinite(ratio))
  return { name, bars, noise: noiseOf(cells, name) }
}

function draw({ name, bars, noise }, x, y) {
  const [left, first] = [margin.left, margin.top]
  const bottom = first + bars.length * step
  const ticks = Array.from({ length: longest + 1 }, (_, value) => {
    const at = left + place(value)
    const kind = value === 1 ? 'nginx' : 'grid'
    return `<line class="${kind}" x1="${at}" x2="${at}" y1="${first - 4}" y2="${bottom}"/><text class="soft mid" x="${at}" y="${bottom + 14}">${value}</text>`
  })
  const drawn = bars.map(({ peer, ratio }, row) => {
    const lineY = first + row * step
    const length = Math.max(1, place(Math.min(ratio, longest)))
    const figure = `${ratio.toFixed(2)}${ratio > longest ? ' →' : ''}`
    return `<text class="end" x="${left - 8}" y="${lineY + 11}">${text(peer)}</text><rect class="bar${peer.startsWith('ancmd') ? ' ours' : ''}" x="${left}" y="${lineY}" width="${length.toFixed(1)}" height="${bar}" rx="2"/><text x="${(left + length + 5).toFixed(1)}" y="${lineY + 11}">${figure}</text>`
  })
  const axis = `<text class="soft mid" x="${left + plotWidth / 2}" y="${bottom + 30}">CPU per ${scenarios[name].kind === 'echo' ? 'message' : 'request'} ÷ nginx</text>`
  const title = `<text class="panel" x="24" y="${first - 14}">${text(`${name}: ${scenarios[name].title}${noise === undefined ? '' : ' (noisy)'}`)}</text>`
  return `<g transform="translate(${x} ${y})"${noise === undefined ? '' : ' class="noisy"'}>${title}${ticks.join('')}${drawn.join('')}${axis}</g>`
}

const place = (ratio) => Math.round((ratio / longest) * plotWidth * 10) / 10

const text = (plain) => plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
