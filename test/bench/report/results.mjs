// RESULTS.md: everything that was found in one run.
import { goals, judge } from '../goals.mjs'
import { scenarios } from '../scenarios.mjs'
import { calm, noiseOf, summary } from '../statistics.mjs'
import { asMarkdown, goalTable, tableOf } from './tables.mjs'

/** `absent` maps names to reasons. */
export function resultsDocument({ cells, options, about, names, absent }) {
  return [
    '# What forwarding costs',
    'Written by `npm run bench`; how it is measured, and what the figures do not say, is in [README.md](README.md).',
    '![CPU per request of every peer in every scenario, as a multiple of nginx](results.svg)',
    circumstancesPart(options, about, cells),
    [...absent].map(([name, reason]) => `- ${name} is **absent**: ${reason}`).join('\n'),
    '## Goals',
    'A verdict is about `ancmd`, unless another is named, by the median over the rounds. `noisy` neither passes nor fails.',
    asMarkdown(
      goalTable(goals.filter(({ scenario }) => options.scenarios.includes(scenario)).map((goal) => judge(goal, cells))),
    ),
    ...options.scenarios.map((name) => scenarioPart(name, cells, names)),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n')
}

function circumstancesPart({ rounds, seconds }, about, cells) {
  const versions = Object.entries(about.versions).map(([name, version]) => `${name} ${version ?? 'not installed'}`)
  const { median, max } = summary(cells.map((cell) => cell.load))
  const stolen = cells.reduce((sum, cell) => sum + (cell.requests === undefined ? 0 : cell.steal), 0)
  return [
    `- revision ${about.revision}, ${about.date.slice(0, 10)}`,
    `- ${about.processor}, ${about.cores} cores, Linux ${about.kernel}; ${about.layout}`,
    `- ${rounds} rounds of ${seconds} s, in another order each; load by ${about.load}`,
    `- load average of the machine ${median.toFixed(1)} in the middle, ${max.toFixed(1)} at most; ${stolen} ticks of 10 ms stolen by the hypervisor during the cells`,
    `- ${versions.join(', ')}`,
  ].join('\n')
}

function scenarioPart(name, cells, names) {
  const noise = noiseOf(cells, name)
  return [
    `## ${name}: ${scenarios[name].title}`,
    ...(noise === undefined ? [] : [`**Noisy**: ${noise} over the rounds (calm is up to ${calm * 100} %).`]),
    asMarkdown(tableOf(cells, name, scenarios[name], ['direct', ...names])),
  ].join('\n\n')
}
