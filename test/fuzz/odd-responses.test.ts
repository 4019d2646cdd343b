import { expect, onTestFinished, test } from 'vitest'
import { mutate, response, split } from './generate.ts'
import { HandClock } from '../support/hand-clock.ts'
import { OddApp, type OddResponse } from './odd-app.ts'
import { ask, openPipe, type Pipe, passTime, QUIET, type Received, withoutBytes } from './odd-pipe.ts'
import { fuzzPlan, Random } from './random.ts'

const { cases, seed, timeout } = fuzzPlan(1_000, 100)

/** So many at once. */
const BATCH = 50

test(`bytes that go on as they are say what they say taken apart (seed ${String(seed)})`, { timeout }, async () => {
  const { odd, port, clock } = await openOddApp()
  let whole = 0
  const tryOne = async (i: number): Promise<void> => {
    // Connections of its own for each, so that nothing is left of another.
    const pipes = [await openPipe(clock, port), await openPipe(clock, port, withoutBytes)]
    const [lent, copied] = await Promise.all(pipes.map((pipe) => ask(pipe.port, `/odd/${String(i)}`)))
    for (const pipe of pipes) pipe.close()
    expect(lent, describe(odd, i)).toEqual(copied)
    if (lent?.whole === true) whole++
  }
  for (let i = 0; i < cases; i += BATCH) await passTime(clock, Promise.all(batchAt(i).map(tryOne)))
  expect(whole).toBeGreaterThan(cases / 10)
})

test(`no odd app changes another request's answer (seed ${String(seed)})`, { timeout }, async () => {
  const { app, odd, port, clock } = await openOddApp()
  const pipe = await openPipe(clock, port)
  onTestFinished(() => {
    pipe.close()
  })
  const tryOne = async (i: number): Promise<void> => {
    const [, beside] = await Promise.all([ask(pipe.port, `/odd/${String(i)}`), askNumber(pipe, i)])
    // Beside odd responses an honest one may fail: bytes that come behind a response when its connection has already been
    // given to another request cannot be told from that one's answer. They are never taken for a good one.
    if (beside.whole) expect(numberIn(beside), describe(odd, i)).toBe(i)
  }
  for (let i = 0; i < cases; i += BATCH) {
    await passTime(clock, Promise.all(batchAt(i).map(tryOne)))
    // Whatever comes behind a response comes now, and costs its connection.
    while (!app.isSilent) await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setTimeout(resolve, QUIET))
    for (const answer of await Promise.all(batchAt(i).map((n) => askNumber(pipe, n)))) {
      expect(answer.whole, `the batch at ${String(i)} of seed ${String(seed)}`).toBe(true)
    }
  }
})

/** The app with its responses, and the clock of whoever asks it; over with the test. */
async function openOddApp(): Promise<{ app: OddApp; odd: readonly OddResponse[]; port: number; clock: HandClock }> {
  const random = new Random(seed)
  const odd = Array.from({ length: cases }, () => oddResponse(random))
  const app = new OddApp(odd)
  onTestFinished(() => {
    app.close()
  })
  return { app, odd, port: await app.open(), clock: new HandClock() }
}

function oddResponse(random: Random): OddResponse {
  let text = response(random)
  if (random.chance(0.6)) text = mutate(random, text)
  const hasSecond = random.chance(0.1)
  if (hasSecond) text += response(random)
  const bytes = Buffer.from(text, 'latin1')
  const start = bytes.subarray(0, 2_000)
  // A good response that comes late enough to be another request's answer could not be told from it by anybody.
  const pieces = hasSecond || random.chance(0.5) ? [bytes] : [...split(random, start), bytes.subarray(2_000)]
  return { pieces, then: random.pick(['stays', 'stays', 'ends', 'resets'] as const) }
}

function batchAt(start: number): number[] {
  return Array.from({ length: Math.min(BATCH, cases - start) }, (_, n) => start + n)
}

function askNumber(pipe: Pipe, number: number): Promise<Received> {
  return ask(pipe.port, `/sentinel/${String(number)}`)
}

function numberIn(answer: Received): number {
  return answer.whole ? Number(/\n\n(\d+)$/.exec(answer.text)?.[1]) : Number.NaN
}

function describe(odd: readonly OddResponse[], i: number): string {
  const pieces = odd[i]?.pieces.map((piece) => piece.toString('latin1').slice(0, 500))
  return `case ${String(i)} of seed ${String(seed)}: ${JSON.stringify(pieces)}, then ${String(odd[i]?.then)}`
}
