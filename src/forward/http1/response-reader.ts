import { BodyKind, BodyReader } from '../../http1/body-reader.ts'
import { http1Limits } from '../../http1/limits.ts'
import { INCOMPLETE, REFUSED } from '../../http1/refusal.ts'
import { hasNoBody, RawResponseHead } from '../../http1/response-head.ts'
import { PendingHead } from './pending-head.ts'

/** Who hears of the parts of a response as they are understood. The bytes are there for the call. */
export interface ResponseParts {
  /** Somebody still wants this response. */
  readonly wanted: boolean
  /** The request was a HEAD. */
  readonly toHead: boolean
  /** Chunks are given on as they are. */
  readonly keepsFraming: boolean
  /** A 1xx head, not 101. */
  informed(head: RawResponseHead): void
  /** The final head and what of its body came with it: `body.from` to `body.to` in `head.bytes`. */
  began(head: RawResponseHead, body: BodyReader): void
  /** More of the body. */
  gave(bytes: Buffer, from: number, to: number): void
}

/** What a read came to. */
export const Came = Object.freeze({
  /** More is to come, or nobody wants it. */
  part: 0,
  /** The response is complete, and nothing came behind it. */
  whole: 1,
  /** The response is complete, and bytes that belong to nothing came behind it. */
  tooMuch: 2,
  /** It is no response; `fault` says why. */
  broken: 3,
})

const HEAD_LIMITS = { headBytes: http1Limits.responseHeadBytes, headLines: http1Limits.responseHeadLines }

/** Finds the parts of one response after the other in a connection's bytes. Owned by the connection. */
export class ResponseReader {
  fault = ''
  readonly #parts: ResponseParts
  readonly #head = new RawResponseHead(HEAD_LIMITS)
  readonly #body = new BodyReader()
  /** A head that comes in pieces. */
  readonly #carry = new PendingHead()
  #inBody = false
  #informationalHeads = 0

  constructor(parts: ResponseParts) {
    this.#parts = parts
  }

  /** The next bytes are those of a new response. */
  begin(): void {
    this.#inBody = false
    this.#informationalHeads = 0
  }

  /** Only the end of the connection can end what is being read. */
  get endsWithConnection(): boolean {
    return this.#inBody && this.#body.endsWithConnection
  }

  /** Whether the app will take another request behind this response, which is complete. */
  get keepsAlive(): boolean {
    return this.#head.keepsAlive && !this.#body.endsWithConnection
  }

  /** What is left of a body whose length is known. */
  get left(): number {
    return this.#inBody ? this.#body.left : 0
  }

  /** Those of a complete response that may travel on. */
  get trailers(): readonly string[] | undefined {
    return this.#body.trailers
  }

  /** Takes the next `length` bytes; answers one of Came. */
  read(bytes: Buffer, length: number): number {
    if (this.#inBody) return this.#readBody(bytes, 0, length)
    if (this.#carry.length > 0) {
      this.#carry.append(bytes, length)
      return this.#readHeads(this.#carry.bytes, this.#carry.length)
    }
    this.#head.begin(0)
    return this.#readHeads(bytes, length)
  }

  /** Informational heads, then the final one, then what there is of its body. */
  #readHeads(bytes: Buffer, end: number): number {
    const head = this.#head
    let from = 0
    for (;;) {
      const after = head.read(bytes, end)
      if (after === INCOMPLETE) {
        if (this.#carry.keep(bytes, from, end)) head.begin(0)
        return Came.part
      }
      if (after === REFUSED) return this.#break(head.refusal?.why)
      if (head.status >= 200) {
        this.#carry.clear()
        return this.#begin(bytes, after, end)
      }
      if (head.status === 101) return this.#break('it switches protocols unasked')
      // What follows a head that ends the connection is no response, or the head is none: HTTP/1.0 has no 1xx.
      if (!head.keepsAlive) return this.#break('an informational head ends the connection')
      if (++this.#informationalHeads > http1Limits.informationalHeads) {
        return this.#break('it is informational heads only')
      }
      this.#parts.informed(head)
      if (!this.#parts.wanted) return Came.part
      if (after === end) {
        this.#carry.clear()
        return Came.part
      }
      from = after
      head.begin(from)
    }
  }

  #begin(bytes: Buffer, bodyStart: number, end: number): number {
    const body = this.#body
    this.#inBody = true
    body.begin(this.#kind(), this.#head.framing.length, bodyStart, this.#parts.keepsFraming)
    let at = bodyStart
    if (at < end && !body.done) at = body.read(bytes, at, end)
    if (at === REFUSED) return this.#break(body.refusal?.why)
    this.#parts.began(this.#head, body)
    return this.#readBody(bytes, at, end)
  }

  /** RFC 9112 6.3: how the end of the body is found. */
  #kind(): number {
    const { status, framing } = this.#head
    if (hasNoBody(status, this.#parts.toHead)) return BodyKind.none
    if (framing.chunked) return BodyKind.chunked
    return framing.length >= 0 ? BodyKind.length : BodyKind.untilClose
  }

  #readBody(bytes: Buffer, from: number, end: number): number {
    const body = this.#body
    let at = from
    while (at < end && !body.done && this.#parts.wanted) {
      at = body.read(bytes, at, end)
      if (at === REFUSED) return this.#break(body.refusal?.why)
      if (body.to > body.from) this.#parts.gave(bytes, body.from, body.to)
    }
    if (!body.done || !this.#parts.wanted) return Came.part
    return at === end ? Came.whole : Came.tooMuch
  }

  #break(why: string | undefined): number {
    this.fault = why ?? ''
    return Came.broken
  }
}
