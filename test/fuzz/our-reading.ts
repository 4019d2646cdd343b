import { Socket } from 'node:net'
import { isPlainRequest, resolveRequest } from '../../src/listen/http1/resolve-request.ts'
import { ConnectionFacts } from '../../src/listen/connection-facts.ts'
import { Http1Client } from '../../src/listen/http1/client.ts'
import { BodyKind, BodyReader } from '../../src/http1/body-reader.ts'
import { flatFields } from '../../src/http1/head-fields.ts'
import { INCOMPLETE, REFUSED } from '../../src/http1/refusal.ts'
import { RawRequestHead } from '../../src/http1/request-head.ts'
import type { OpenReading, ReadRequest } from './reading.ts'

const limits = { headBytes: 16_384, headLines: 200 }

/** As OpenReading. */
export interface OurReading extends OpenReading {
  /** Why the next one is refused. */
  readonly why: string | undefined
  /** How many bytes the complete requests have taken. */
  readonly used: number
  /** Where each of the complete requests ends. */
  readonly ends: readonly number[]
  /** Nothing behind the last request is read: it ends the connection, or HTTP on it. */
  readonly over: 'closed' | 'handshake' | undefined
}

/** Steps of the readers for each byte, at most: who takes more does not come to an end. */
const STEPS_A_BYTE = 4

let room = Buffer.alloc(65_536)
const head = new RawRequestHead(limits)
const body = new BodyReader()
/** A client of nobody, for what is asked of a head's text. */
const facts = new ConnectionFacts(new Socket(), { scheme: 'http', address: undefined, port: 80 })
const client = new Http1Client(facts, { last: '' })

/**
 * What our reader makes of bytes that come in these pieces: every request that is complete, until one is refused or ends the
 * connection, as in Http1Connection. Behind what
 * has come there are line ends in the buffer, which nobody may look at.
 */
export function readOurs(pieces: readonly Buffer[]): OurReading {
  const total = pieces.reduce((sum, piece) => sum + piece.length, 0)
  if (total + 64 > room.length) room = Buffer.alloc(total * 2)
  const bytes = room.fill('\r\n', 0, total + 64)
  const requests: ReadRequest[] = []
  let steps = STEPS_A_BYTE * (total + pieces.length) + 16
  let end = 0
  let at = 0
  let used = 0
  let current: Omit<ReadRequest, 'body'> | undefined
  let text = ''
  let over: OurReading['over']
  const ends: number[] = []
  head.begin(0)

  const reading = (refused: boolean, why: string | undefined): OurReading => {
    const begun = current === undefined ? undefined : { ...current, body: text }
    return { requests, begun, refused, why, used, ends, over: current === undefined ? over : undefined }
  }
  for (const piece of pieces) {
    end += piece.copy(bytes, end)
    for (;;) {
      if (--steps < 0) throw new Error('the reader goes round in circles')
      if (current === undefined) {
        if (at === end) break
        const after = head.read(bytes, end)
        if (after === INCOMPLETE) break
        if (after === REFUSED) return reading(true, head.refusal?.why)
        const described = describe()
        const fault = faultOf(described)
        if (fault !== undefined) return reading(true, fault)
        current = described
        text = ''
        over = !head.keepsAlive ? 'closed' : head.asksWebSocket ? 'handshake' : undefined
        at = after
        body.begin(kindOf(head), head.framing.length, at, false)
      }
      while (at < end && !body.done) {
        if (--steps < 0) throw new Error('the reader goes round in circles')
        at = body.read(bytes, at, end)
        if (at === REFUSED) return reading(true, body.refusal?.why)
        if (body.to > body.from) text += bytes.toString('latin1', body.from, body.to)
      }
      if (!body.done) break
      requests.push({ ...current, body: text, trailers: body.trailers ?? [] })
      current = undefined
      used = at
      ends.push(at)
      if (over !== undefined) return reading(false, undefined)
      head.begin(at)
    }
  }
  return reading(false, undefined)
}

/** What is wrong with the text of a head whose bytes are in order. */
function faultOf({ target }: { readonly target: string }): string | undefined {
  const plain = isPlainRequest(head, client)
  const resolved = resolveRequest(head, client)
  if (!plain) return resolved.ok ? undefined : JSON.stringify(resolved.failure)
  if (!resolved.ok || resolved.value.target !== target) throw new Error(`a plain request that is not: ${target}`)
  return undefined
}

function kindOf({ framing, hasBody }: RawRequestHead): number {
  return framing.chunked ? BodyKind.chunked : hasBody ? BodyKind.length : BodyKind.none
}

function describe(): Omit<ReadRequest, 'body'> {
  const { bytes, line } = head
  return {
    method: bytes.toString('latin1', line.methodStart, line.methodEnd),
    target: bytes.toString('latin1', line.targetStart, line.targetEnd),
    version: line.minor === 1 ? '1.1' : '1.0',
    fields: flatFields(head),
    trailers: [],
  }
}
