import { comparableReading, endsConnection, isKnownMethod } from './comparable.ts'
import { split } from './generate.ts'
import { NodeParser } from './node-parser.ts'
import { type OurReading, readOurs } from './our-reading.ts'
import type { Random } from './random.ts'
import { isSameRequest, type OpenReading, type ReadRequest } from './reading.ts'
import { requests } from './request-samples.ts'
import { hasSizeLineBlanks } from './size-line-blanks.ts'

/** What a run has tried. */
export interface Tally {
  /** Inputs, each read by us whole, in pieces, and behind its neighbour where that ended with a request. */
  inputs: number
  readingsOfOurs: number
  glued: number
  refused: number
  /** Inputs of which node was asked about a request or more, and those requests. */
  inputsOfNode: number
  requestsOfNode: number
  /** Among them, those whose body had not ended. */
  begunOfNode: number
}

/** Two readings of the same bytes that should be one. */
export class Difference extends Error {}

/** Inputs one after the other, each compared in every way there is. */
export class RequestDifferences {
  readonly tally: Tally = {
    inputs: 0,
    readingsOfOurs: 0,
    glued: 0,
    refused: 0,
    inputsOfNode: 0,
    requestsOfNode: 0,
    begunOfNode: 0,
  }
  readonly #node = new NodeParser()
  readonly #random: Random
  #before: { readonly bytes: Buffer; readonly reading: OurReading } | undefined

  constructor(random: Random) {
    this.#random = random
  }

  /** Answers the input. Throws a Difference. */
  tryNext(): string {
    const text = requests(this.#random)
    const bytes = Buffer.from(text, 'latin1')
    const whole = readOurs([bytes])
    const { tally } = this
    tally.inputs++
    tally.readingsOfOurs += 2
    if (whole.refused) tally.refused++
    const pieces = split(this.#random, bytes)
    // A line that comes in pieces is judged when it ends; what is not refused as a whole is not refused in pieces.
    expectSame('in pieces', pieces, whole, readOurs(pieces), !whole.refused || text.endsWith('\n'))
    this.#tryBehindNeighbour(bytes, whole)
    this.#tryNode(bytes, whole)
    return text
  }

  /** What stands before an input changes nothing, and it changes nothing of what stands before it. */
  #tryBehindNeighbour(bytes: Buffer, whole: OurReading): void {
    const { tally } = this
    if (this.#before !== undefined) {
      const { bytes: start, reading } = this.#before
      const together = [Buffer.concat([start, bytes])]
      const glued = readOurs(together)
      tally.glued++
      tally.readingsOfOurs++
      expectSame('behind another', together, { ...whole, requests: [...reading.requests, ...whole.requests] }, glued)
    }
    const endsWithRequest = whole.used === bytes.length && whole.over === undefined
    this.#before = endsWithRequest ? { bytes, reading: whole } : undefined
  }

  #tryNode(bytes: Buffer, whole: OurReading): void {
    const asked = comparableReading(whole, bytes)
    const last = whole.requests[asked - 1]
    const isOver = asked < whole.requests.length || (last !== undefined && endsConnection(last))
    const isUnknown = whole.begun === undefined || !isKnownMethod(whole.begun.method)
    const hasBlanks = hasSizeLineBlanks(bytes.toString('latin1'), whole.used)
    const begun = isOver || isUnknown || hasBlanks ? undefined : whole.begun
    if (asked === 0 && begun === undefined) return
    const theirs = this.#node.read([bytes])
    this.tally.inputsOfNode++
    this.tally.requestsOfNode += asked
    for (let i = 0; i < asked; i++) {
      const ours = whole.requests[i]
      const other = theirs.requests[i]
      if (ours === undefined || other === undefined || !isSameRequest(ours, other))
        fail('by node', [bytes], whole, theirs)
    }
    if (begun === undefined) return
    this.tally.begunOfNode++
    // What is on its way to the application already: node may know more of it, but nothing else.
    const other = theirs.requests[asked] ?? theirs.begun
    const start = { ...begun, body: '', trailers: [] }
    if (other === undefined || !isSameRequest({ ...other, body: '', trailers: [] }, start)) {
      fail('by node', [bytes], whole, theirs)
    }
    if (!other.body.startsWith(begun.body)) fail('by node', [bytes], whole, theirs)
  }
}

/** `isJudged`: every line has ended, so that the refusals have to be the same, too. */
function expectSame(
  how: string,
  pieces: readonly Buffer[],
  expected: OurReading,
  found: OurReading,
  isJudged = true,
): void {
  const hasSameRequests =
    expected.requests.length === found.requests.length &&
    expected.requests.every((request, i) => isSameRequest(request, found.requests[i] as ReadRequest))
  const hasSameRest =
    expected.refused === found.refused && expected.why === found.why && isSameBeginning(expected.begun, found.begun)
  if (!hasSameRequests || (isJudged && !hasSameRest)) fail(how, pieces, expected, found)
}

function isSameBeginning(a: ReadRequest | undefined, b: ReadRequest | undefined): boolean {
  return a === undefined || b === undefined ? a === b : isSameRequest(a, b)
}

function fail(how: string, pieces: readonly Buffer[], expected: OpenReading, found: OpenReading): never {
  const texts = pieces.map((piece) => piece.toString('latin1'))
  throw new Difference(
    `read ${how} as ${JSON.stringify(found)}\ninstead of ${JSON.stringify(expected)}\nthe bytes: ${JSON.stringify(texts)}`,
  )
}
