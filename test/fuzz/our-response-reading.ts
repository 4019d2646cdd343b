import { ReadOutcome, type ResponseParts, ResponseReader } from '../../src/forward/http1/response-reader.ts'
import type { BodyReader } from '../../src/http1/body-reader.ts'
import { flatFields } from '../../src/http1/head-fields.ts'
import type { RawResponseHead } from '../../src/http1/response-head.ts'

/** A response as a parser understood it; fields and trailers flat. */
export interface ReadResponse {
  readonly status: number
  readonly minor: number
  readonly fields: readonly string[]
  body: string
  trailers: readonly string[]
}

export interface OurResponseReading {
  /** What became of the bytes: one of ReadOutcome. */
  readonly came: number
  readonly informed: number
  /** Of what is broken only what was said before it broke. */
  readonly response: ReadResponse | undefined
  readonly endsWithConnection: boolean
}

class Parts implements ResponseParts {
  readonly wanted = true
  readonly keepsFraming = false
  readonly toHead: boolean
  informedCount = 0
  response: ReadResponse | undefined

  constructor(toHead: boolean) {
    this.toHead = toHead
  }

  informed(): void {
    this.informedCount++
  }

  began(head: RawResponseHead, body: BodyReader): void {
    const { status, line } = head
    this.response = { status, minor: line.minor, fields: flatFields(head), body: '', trailers: [] }
    this.gave(head.bytes, body.from, body.to)
  }

  gave(bytes: Buffer, from: number, to: number): void {
    if (this.response !== undefined) this.response.body += bytes.toString('latin1', from, to)
  }
}

/** What the upstream's reader makes of the bytes of a connection, which come in these pieces; behind a whole response all is too much. */
export function readOurResponse(pieces: readonly Buffer[], toHead: boolean): OurResponseReading {
  const parts = new Parts(toHead)
  const reader = new ResponseReader(parts)
  let came: number = ReadOutcome.part
  reader.begin()
  for (const piece of pieces) {
    if (came === ReadOutcome.whole) came = ReadOutcome.tooMuch
    if (came !== ReadOutcome.part) break
    // The buffer that a socket reads into is larger, and what was in it before is still there.
    const buffer = Buffer.alloc(piece.length + 16, '\r\n')
    piece.copy(buffer)
    came = reader.read(buffer, piece.length)
  }
  if (parts.response !== undefined) parts.response.trailers = reader.trailers ?? []
  return {
    came,
    informed: parts.informedCount,
    response: parts.response,
    endsWithConnection: reader.endsWithConnection,
  }
}
