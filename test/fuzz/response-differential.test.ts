import { expect, test } from 'vitest'
import { ReadOutcome } from '../../src/forward/http1/response-reader.ts'
import { oddResponses } from './corpus/odd-responses.ts'
import { mutate, response, split } from './generate.ts'
import { NodeResponseParser } from './node-response-parser.ts'
import { type OurResponseReading, readOurResponse } from './our-response-reading.ts'
import { fuzzPlan, Random } from './random.ts'
import { hasSizeLineBlanks } from './size-line-blanks.ts'

const { cases, seed, timeout } = fuzzPlan(50_000, 1)

/** Above this, a response is about a limit. */
const LONGEST = 2_000

const LF = 0x0a

const known = oddResponses.map(({ pieces }) => pieces.join('')).filter((bytes) => bytes.length <= LONGEST)

test(`a response that ancmd accepts is read by Node in the same way, in whatever pieces it comes (seed ${String(seed)})`, {
  timeout,
}, () => {
  const random = new Random(seed)
  const node = new NodeResponseParser()
  let compared = 0
  let broken = 0
  for (let i = 0; i < cases; i++) {
    let text = random.chance(0.15) ? random.pick(known) : response(random)
    if (random.chance(0.6)) text = mutate(random, text)
    if (random.chance(0.1)) text += response(random)
    const bytes = Buffer.from(text.slice(0, LONGEST), 'latin1')
    const toHead = random.chance(0.1)
    const context = `case ${String(i)} of seed ${String(seed)}: ${JSON.stringify(text)}${toHead ? ', to a HEAD' : ''}`
    const ours = readOurResponse([bytes], toHead)
    expectAlike(readOurResponse(split(random, bytes), toHead), ours, bytes, context)
    if (ours.came === ReadOutcome.broken) broken++
    if (ours.came === ReadOutcome.broken || ours.response === undefined) continue
    // Node takes Proxy-Connection for another Connection, and reads nothing behind an informational head that says close there.
    if (ours.informed > 0 && /proxy-connection/i.test(text)) continue
    // Node refuses blanks in size lines, and lengths that are said again.
    const head = text.length - finalHead(text).length
    if (hasSizeLineBlanks(text, head) || finalHead(text).split(/\r\ncontent-length:/i).length > 2) continue
    const theirs = node.read(bytes, toHead, ours.endsWithConnection)
    if (JSON.stringify(theirs.response) !== JSON.stringify(ours.response)) {
      expect(theirs.response, context).toEqual(ours.response)
    }
    const isWhole = ours.came !== ReadOutcome.part || ours.endsWithConnection
    if (theirs.isWhole !== isWhole) throw new Error(`whole for node: ${String(theirs.isWhole)}; ${context}`)
    compared++
  }
  console.log(
    `seed ${String(seed)}: ${String(cases)} responses, ${String(compared)} compared, ${String(broken)} broken`,
  )
  expect(compared).toBeGreaterThan(cases / 10)
  expect(broken).toBeGreaterThan(cases / 10)
})

test('each odd response is read in the same way wherever it is split, and byte by byte', () => {
  for (const text of known) {
    const bytes = Buffer.from(text, 'latin1')
    const whole = readOurResponse([bytes], false)
    for (let at = 1; at < bytes.length; at++) {
      const pieces = [bytes.subarray(0, at), bytes.subarray(at)]
      expectAlike(readOurResponse(pieces, false), whole, bytes, `${JSON.stringify(text)} split at ${String(at)}`)
    }
    const bytewise = Array.from(bytes, (byte) => Buffer.of(byte))
    expectAlike(readOurResponse(bytewise, false), whole, bytes, `${JSON.stringify(text)} byte by byte`)
  }
})

/** A text from its first head on that is not informational. */
function finalHead(text: string): string {
  return text.replace(/^(?:HTTP\/1\.1 1[^]*?\r\n\r\n)*/, '')
}

/** What is broken may break later in pieces: a line is judged when it ends, and a head that is whole is told before its body. */
function expectAlike(found: OurResponseReading, whole: OurResponseReading, bytes: Buffer, context: string): void {
  const endsInLine = bytes.at(-1) !== LF
  if (
    whole.came === ReadOutcome.broken &&
    (found.came === ReadOutcome.broken || (found.came === ReadOutcome.part && endsInLine))
  )
    return
  if (JSON.stringify(found) !== JSON.stringify(whole)) expect(found, context).toEqual(whole)
}
