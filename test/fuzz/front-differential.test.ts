import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { top } from '../support/folders.ts'
import { nodeFront, wireFront } from './both-fronts.ts'
import { corpus } from './corpus/corpus.ts'
import { partingOf, rows } from './front-differences.ts'
import { readOurs } from './our-reading.ts'
import { fuzzPlan, Random } from './random.ts'
import { known, requests } from './request-samples.ts'

const { cases, seed, timeout } = fuzzPlan(6_000, 20)

/** The share of all inputs, most of them odd on purpose, of which both fronts have to make the same. */
const LEAST_AGREEMENT = 0.85

const node = nodeFront()
const wire = wireFront()

test(`both fronts make the same of every request, but for the table in src/listen/README.md (seed ${String(seed)})`, {
  timeout,
}, async () => {
  const random = new Random(seed)
  const inputs = new Set([...corpus.map(({ bytes }) => bytes), ...known])
  const occurred = new Map(Object.keys(rows).map((name) => [name, 0]))
  let tried = 0
  let parted = 0
  const compare = async (text: string): Promise<void> => {
    tried++
    // Each front may keep and change what it is given.
    const [first, second] = [Buffer.from(text, 'latin1'), Buffer.from(text, 'latin1')]
    const parting = partingOf(text, readOurs([first]), await wire.receive(first), await node.receive(second))
    if (parting === undefined) return
    parted++
    const context = `case ${String(tried)} of seed ${String(seed)}: ${JSON.stringify(text)}`
    // One may refuse, wait or break off where the other reads; two readings of the same bytes are what nobody may have.
    const isReadTwice = parting.wire.next?.ended === 'whole' && parting.node.next?.ended === 'whole'
    if (isReadTwice) throw new Error(`the fronts read two requests: ${JSON.stringify(parting)}\n${context}`)
    const names = Object.keys(rows).filter((name) => rows[name]?.(parting))
    for (const name of names) occurred.set(name, (occurred.get(name) ?? 0) + 1)
    if (names.length === 0)
      throw new Error(`the fronts differ, and no row says so: ${JSON.stringify(parting)}\n${context}`)
  }
  for (const text of inputs) await compare(text)
  while (tried < cases) await compare(requests(random))
  console.log(
    `seed ${String(seed)}: ${String(tried)} inputs, ${String(parted)} parted: ${JSON.stringify([...occurred])}`,
  )
  expect([...occurred].filter(([, times]) => times === 0)).toEqual([])
  expect(parted / tried).toBeLessThan(1 - LEAST_AGREEMENT)
})

test('the table has exactly the rows that are tested', () => {
  const readme = readFileSync(join(top, 'src/listen/README.md'), 'utf8')
  const table = readme.split('## Where the two fronts differ')[1] ?? ''
  const first = Array.from(table.matchAll(/^\| (?!\|)([^|]+?) \|/gm), ([, cell]) => cell)
  expect(first.filter((cell) => cell !== 'what comes')).toEqual(Object.keys(rows))
})
