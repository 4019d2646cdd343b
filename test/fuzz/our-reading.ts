import { readTarget } from '../../src/http/target.ts'
import { BodyKind, BodyReader } from '../../src/wire/body-reader.ts'
import { flatFields } from '../../src/wire/head-fields.ts'
import { INCOMPLETE, REFUSED } from '../../src/wire/refusal.ts'
import { RequestHead } from '../../src/wire/request-head.ts'
import type { Reading, ReadRequest } from './node-reading.ts'

const limits = { headBytes: 16_384, headLines: 200 }

/** What our reader makes of bytes that come in these pieces: every request that is complete, until one is refused. */
export function readOurs(pieces: readonly Buffer[]): Reading & { readonly why: string | undefined } {
  const requests: ReadRequest[] = []
  const head = new RequestHead(limits)
  const body = new BodyReader()
  let bytes = Buffer.alloc(0)
  let at = 0
  let current: Omit<ReadRequest, 'body' | 'trailers'> | undefined
  let text = ''
  head.begin(0)

  for (const piece of pieces) {
    bytes = Buffer.concat([bytes, piece])
    for (;;) {
      if (current === undefined) {
        if (at === bytes.length) break
        const after = head.read(bytes, bytes.length)
        if (after === INCOMPLETE) break
        if (after === REFUSED) return { requests, refused: true, why: head.refusal?.why }
        current = described(head)
        const target = readTarget(current.method, current.target)
        if (!target.ok) return { requests, refused: true, why: target.failure }
        text = ''
        at = after
        body.begin(kindOf(head), head.framing.length, at, false)
      }
      while (at < bytes.length && !body.done) {
        at = body.read(bytes, at, bytes.length)
        if (at === REFUSED) return { requests, refused: true, why: body.refusal?.why }
        text += bytes.toString('latin1', body.from, body.to)
      }
      if (!body.done) break
      requests.push({ ...current, body: text, trailers: body.trailers ?? [] })
      current = undefined
      head.begin(at)
    }
  }
  return { requests, refused: false, why: undefined }
}

function kindOf(head: RequestHead): number {
  return head.framing.chunked ? BodyKind.chunked : head.hasBody ? BodyKind.length : BodyKind.none
}

function described(head: RequestHead): Omit<ReadRequest, 'body' | 'trailers'> {
  const { bytes, line } = head
  return {
    method: bytes.toString('latin1', line.methodStart, line.methodEnd),
    target: bytes.toString('latin1', line.targetStart, line.targetEnd),
    version: line.minor === 1 ? '1.1' : '1.0',
    fields: flatFields(head),
  }
}
