import uPlot from 'uplot'
import type { ApplicationSeries } from '../admin/history.ts'
import { build } from './dom.ts'
import { latency, mebibytes, rate } from './format.ts'

interface Line {
  readonly label: string
  readonly colour: string
  readonly values: (past: ApplicationSeries) => readonly (number | null)[]
}

interface PlotKind {
  readonly title: string
  readonly lines: readonly Line[]
  readonly unit: (value: number | null | undefined) => string
}

const kinds: readonly PlotKind[] = [
  {
    title: 'Requests a second',
    unit: rate,
    lines: [
      { label: 'all', colour: '--series-1', values: (past) => past.requestsPerSecond },
      { label: '5xx', colour: '--series-3', values: (past) => past.errorsPerSecond },
    ],
  },
  {
    title: 'Latency',
    unit: latency,
    lines: [
      { label: 'p50', colour: '--series-1', values: (past) => past.p50Ms },
      { label: 'p90', colour: '--series-2', values: (past) => past.p90Ms },
      { label: 'p99', colour: '--series-3', values: (past) => past.p99Ms },
    ],
  },
  {
    title: 'Memory',
    unit: mebibytes,
    lines: [{ label: 'resident', colour: '--series-1', values: (past) => past.rssBytes }],
  },
  {
    title: 'Processor, of one core',
    unit: (value) => (value === null || value === undefined ? '–' : `${value.toFixed(0)} %`),
    lines: [{ label: 'CPU', colour: '--series-1', values: (past) => past.cpuPercent }],
  },
]

/** The plots of one application. Life: until another application is shown. Follows the width of the page. */
export class Plots {
  readonly element = build('div', { class: 'plots' })
  readonly #plots: uPlot[] = []
  readonly #places: HTMLElement[] = []
  readonly #resizes = new ResizeObserver(() => {
    this.#fit()
  })

  constructor() {
    for (const kind of kinds) {
      const place = build('div', { class: 'plot' })
      this.#places.push(place)
      this.element.append(build('figure', {}, build('figcaption', {}, kind.title), place))
      this.#plots.push(
        new uPlot(optionsOf(kind), [[], ...kind.lines.map(() => [])] as unknown as uPlot.AlignedData, place),
      )
    }
    this.#resizes.observe(this.element)
  }

  show(times: readonly number[], past: ApplicationSeries): void {
    for (const [at, kind] of kinds.entries()) {
      this.#plots[at]?.setData([times, ...kind.lines.map((line) => line.values(past))] as unknown as uPlot.AlignedData)
    }
  }

  close(): void {
    this.#resizes.disconnect()
    for (const plot of this.#plots) plot.destroy()
  }

  #fit(): void {
    for (const [at, plot] of this.#plots.entries()) {
      const width = this.#places[at]?.clientWidth ?? 0
      if (width > 0) plot.setSize({ width, height: 176 })
    }
  }
}

function optionsOf({ lines, unit }: PlotKind): uPlot.Options {
  const colour = (name: string) => (): string => resolved(name)
  const axis = { stroke: colour('--soft'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } }
  return {
    width: 320,
    height: 176,
    scales: { y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.1 : 1] } },
    axes: [axis, { ...axis, size: 64, values: (_plot, values) => values.map((value) => unit(value)) }],
    series: [
      {},
      ...lines.map(({ label, colour: name }) => ({
        label,
        stroke: colour(name),
        width: 2,
        points: { show: false },
        value: (_plot: uPlot, value: number | null) => unit(value),
      })),
    ],
  }
}

/** Canvas knows no CSS variables and no light-dark(), so an element is asked for the colour that it would have. */
function resolved(name: string): string {
  probe.style.color = `var(${name})`
  return getComputedStyle(probe).color
}

const probe = build('span', { hidden: '' })
document.body.append(probe)
