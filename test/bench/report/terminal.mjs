// What a run says while it goes on.
import { goals, judge } from '../goals.mjs'
import { scenarios } from '../scenarios.mjs'
import { noiseOf } from '../statistics.mjs'
import { asText, goalTable, tableOf } from './tables.mjs'

export function tellScenario(cells, name, names) {
  const noise = noiseOf(cells, name)
  const loads = cells.filter((cell) => cell.scenario === name).map((cell) => cell.load)
  console.log(
    `\n${name}: ${scenarios[name].title}  (load average ${Math.max(...loads.filter(Number.isFinite)).toFixed(1)})` +
      (noise === undefined ? '' : `\n  NOISY: ${noise}`),
  )
  console.log(asText(tableOf(cells, name, scenarios[name], ['direct', ...names])))
}

export function tellGoals(cells, asked) {
  const judgements = goals.filter(({ scenario }) => asked.includes(scenario)).map((goal) => judge(goal, cells))
  console.log(`\ngoals of ancmd\n${asText(goalTable(judgements))}`)
}
