import { expect, test } from 'vitest'
import { nodeFront, wireFront } from './both-fronts.ts'
import { fuzzPlan, Random } from './random.ts'
import { known, requests } from './request-samples.ts'
import { corpus } from './corpus/corpus.ts'

const { cases, seed, timeout } = fuzzPlan(300, 200)

/** One to three pieces: as many TLS records. */
function inPieces(text: string, random: Random): readonly Buffer[] {
  const bytes = Buffer.from(text, 'latin1')
  const cuts = [0, bytes.length]
  for (let more = random.below(3); more > 0 && bytes.length > 0; more--) cuts.push(random.below(bytes.length))
  cuts.sort((a, b) => a - b)
  return cuts.slice(1).map((to, i) => Buffer.from(bytes.subarray(cuts[i], to)))
}

test.each([
  ['wire', wireFront(), wireFront(true)],
  ['node', nodeFront(), nodeFront(true)],
] as const)(
  `the %s front makes the same of bytes that come over TLS (seed ${String(seed)})`,
  {
    timeout,
  },
  async (_name, plain, secure) => {
    const random = new Random(seed)
    const inputs = [...new Set([...corpus.map(({ bytes }) => bytes), ...known])]
    let tried = 0
    let served = 0
    const compare = async (text: string): Promise<void> => {
      tried++
      const pieces = inPieces(text, random).filter(({ length }) => length > 0)
      const expected = await plain.receive(...pieces.map((piece) => Buffer.from(piece)))
      const context = `case ${String(tried)} of seed ${String(seed)}: ${JSON.stringify(text)}`
      expect(await secure.receive(...pieces), context).toEqual(expected)
      served += expected.seen.length
    }
    // A part of what is known, another one for each seed, and more at random.
    for (let known = 0; known < cases / 2; known++) await compare(random.pick(inputs))
    while (tried < cases) await compare(requests(random))
    expect(served).toBeGreaterThan(0)
  },
)
