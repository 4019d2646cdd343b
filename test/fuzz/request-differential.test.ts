import { expect, test } from 'vitest'
import { comparable } from './comparable.ts'
import { NodeParser } from './node-parser.ts'
import { NodeReader } from './node-reading.ts'
import { fuzzPlan, Random } from './random.ts'
import { RequestDifferences } from './request-differences.ts'
import { requests } from './request-samples.ts'

const { cases, seed, timeout } = fuzzPlan(50_000, 1)

test(`a request that ancmd accepts is read by Node in the same way, in any pieces and behind any other request (seed ${String(seed)})`, {
  timeout,
}, () => {
  const differences = new RequestDifferences(new Random(seed))
  const { tally } = differences
  while (tally.inputs < cases) {
    try {
      differences.tryNext()
    } catch (cause) {
      throw new Error(`case ${String(tally.inputs)} of seed ${String(seed)}: ${String(cause)}`, { cause })
    }
  }
  console.log(`seed ${String(seed)}: ${JSON.stringify(tally)}`)
  // A run in which everything is refused, or nothing, has tried nothing.
  expect(tally.requestsOfNode).toBeGreaterThan(cases / 4)
  expect(tally.begunOfNode).toBeGreaterThan(cases / 100)
  expect(tally.glued).toBeGreaterThan(cases / 100)
  expect(tally.refused).toBeGreaterThan(cases / 10)
})

const ofServer = fuzzPlan(3_000, 20)

test(`node's server reads what node's parser reads (seed ${String(seed)})`, { timeout: ofServer.timeout }, async () => {
  const random = new Random(seed)
  const parser = new NodeParser()
  const server = new NodeReader()
  const tries = Math.min(ofServer.cases, 100_000)
  let compared = 0
  for (let i = 0; i < tries; i++) {
    const text = requests(random)
    const bytes = Buffer.from(text, 'latin1')
    const plain = parser.read([bytes])
    const asked = comparable(plain.requests)
    const served = await server.read([bytes])
    const context = `case ${String(i)} of seed ${String(seed)}: ${JSON.stringify(text)}`
    // The server asks for a Host besides, and reads nothing behind a request without one.
    if (plain.requests.slice(0, asked).some(({ version, fields }) => version === '1.1' && !hasHost(fields))) continue
    expect(served.requests.slice(0, asked), context).toEqual(plain.requests.slice(0, asked))
    compared += asked
  }
  expect(compared).toBeGreaterThan(tries / 10)
})

function hasHost(fields: readonly string[]): boolean {
  return fields.some((name, i) => i % 2 === 0 && name.toLowerCase() === 'host')
}
