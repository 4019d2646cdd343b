// Figures out of cells. A cell is one peer in one scenario in one round; a void one (something went wrong in it) counts
// nowhere. Ratios are between cells of the same round, because the machine is another one a minute later.

/** The middle one; NaN of nothing. What is not a number is left out. */
export function median(values) {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b)
  if (sorted.length === 0) return Number.NaN
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** {median, min, max, count}. */
export function summary(values) {
  const numbers = values.filter((value) => Number.isFinite(value))
  return { median: median(numbers), min: Math.min(...numbers), max: Math.max(...numbers), count: numbers.length }
}

/** How far the values lie apart, as a part of their median. */
export function spread(values) {
  const { median: middle, min, max, count } = summary(values)
  return count < 2 ? 0 : (max - min) / middle
}

/** The cells of one peer in one scenario that count. */
export function cellsOf(cells, scenario, peer) {
  return cells.filter((cell) => cell.scenario === scenario && cell.peer === peer && cell.void === undefined)
}

export function valuesOf(cells, scenario, peer, measure) {
  return cellsOf(cells, scenario, peer)
    .map((cell) => cell[measure])
    .filter((value) => Number.isFinite(value))
}

/** `measure` of one peer ÷ that of the other, for each round that has both. */
export function ratios(cells, scenario, peer, base, measure) {
  const others = new Map(cellsOf(cells, scenario, base).map((cell) => [cell.round, cell[measure]]))
  return cellsOf(cells, scenario, peer)
    .map((cell) => cell[measure] / others.get(cell.round))
    .filter((ratio) => Number.isFinite(ratio))
}

/** The p50 that a peer adds to the app's own, in microseconds, round by round. */
export function addedLatency(cells, scenario, peer) {
  return addedByRound(cells, scenario, peer).map(([, added]) => added)
}

/** What one peer adds ÷ what the other adds, for each round that has both and the app without a proxy. */
export function addedRatios(cells, scenario, peer, base) {
  const others = new Map(addedByRound(cells, scenario, base))
  return addedByRound(cells, scenario, peer)
    .map(([round, added]) => added / others.get(round))
    .filter((ratio) => Number.isFinite(ratio))
}

function addedByRound(cells, scenario, peer) {
  const direct = new Map(cellsOf(cells, scenario, 'direct').map((cell) => [cell.round, cell.p50]))
  return cellsOf(cells, scenario, peer)
    .filter((cell) => direct.has(cell.round))
    .map((cell) => [cell.round, cell.p50 - direct.get(cell.round)])
}

/** The most that the control's cost may differ between rounds, as a part of its median. */
export const calm = 0.15

/** The peer that can only change if the machine does: the first of these that was measured. */
const controls = ['relay-raw', 'relay-pipe', 'nginx']

/** Why the figures of a scenario decide nothing, or undefined when they do. */
export function noiseOf(cells, scenario) {
  const control = controls.find((peer) => valuesOf(cells, scenario, peer, 'cpu').length > 0)
  if (control === undefined) return undefined
  const costs = valuesOf(cells, scenario, control, 'cpu')
  if (costs.length < 2) return `one round of ${control} does not show how steady the machine is`
  const found = spread(costs)
  return found > calm ? `CPU per request of ${control} spread by ${(found * 100).toFixed(0)} %` : undefined
}
