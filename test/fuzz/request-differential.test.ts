import { expect, test } from 'vitest'
import { mutate, request, split } from './generate.ts'
import { comparable, NodeReader } from './node-reading.ts'
import { readOurs } from './our-reading.ts'
import { fuzzPlan, Random } from './random.ts'

const { cases, seed } = fuzzPlan(10_000)

test(`what we read, node reads alike, in whatever pieces it comes (seed ${String(seed)})`, { timeout: 0 }, async () => {
  const random = new Random(seed)
  const node = new NodeReader()
  let compared = 0
  let refused = 0

  for (let i = 0; i < cases; i++) {
    let text = ''
    for (let requests = 1 + random.below(3); requests > 0; requests--) text += request(random)
    if (random.chance(0.8)) text = mutate(random, text)
    const bytes = Buffer.from(text, 'latin1')
    const context = `case ${String(i)} of seed ${String(seed)}: ${JSON.stringify(text)}`

    const whole = readOurs([bytes])
    const inPieces = readOurs(split(random, bytes))
    expect(inPieces.requests, context).toEqual(whole.requests)
    // A line that comes in pieces is judged when it ends.
    if (text.endsWith('\n')) expect(inPieces, context).toEqual(whole)
    const asked = comparable(whole.requests)
    if (asked > 0) {
      const theirs = await node.read([bytes])
      expect(theirs.requests.slice(0, asked), context).toEqual(whole.requests.slice(0, asked))
      compared += asked
    }
    if (whole.refused) refused++
  }
  // A run in which everything is refused, or nothing, has tried nothing.
  expect(compared).toBeGreaterThan(cases / 4)
  expect(refused).toBeGreaterThan(cases / 10)
})
