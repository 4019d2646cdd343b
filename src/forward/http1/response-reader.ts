import { BodyKind, BodyReader } from '../../http1/body-reader.ts'
import { http1Limits } from '../../http1/limits.ts'
import { INCOMPLETE, REFUSED } from '../../http1/refusal.ts'
import { hasNoBody, RawResponseHead } from '../../http1/response-head.ts'
import { PendingHead } from './pending-head.ts'

/** Gets the parts of a response as they are read. The bytes are valid during the call only. */
export interface ResponseParts {
  /** Whether the response is still wanted. */
  readonly wanted: boolean
  /** Whether the request was a HEAD. */
  readonly toHead: boolean
  /** Whether chunked bodies are passed on with their framing. */
  readonly keepsFraming: boolean
  /** A 1xx head, but not 101. */
  informed(head: RawResponseHead): void
  /** The final head and the bytes of its body that came with it: `body.from` to `body.to` in `head.bytes`. */
  began(head: RawResponseHead, body: BodyReader): void
  /** More of the body. */
  gave(bytes: Buffer, from: number, to: number): void
  /**
   * A 101, and the bytes that came after it; nothing is read any more. Absent for a request that asks for no upgrade, to
   * which a 101 is no valid response.
   */
  switched?(head: RawResponseHead, after: Buffer): void
}

/** The outcome of a read. */
export const ReadOutcome = Object.freeze({
  /** The response is not complete, or not wanted any more. */
  part: 0,
  /** The response is complete, and no bytes came after it. */
  whole: 1,
  /** The response is complete, but bytes came after it that belong to no request. */
  tooMuch: 2,
  /** The bytes are not a valid response; `fault` says why. */
  broken: 3,
})

const HEAD_LIMITS = { headBytes: http1Limits.responseHeadBytes, headLines: http1Limits.responseHeadLines }

/** Reads one response after another from the bytes of a connection, which owns it. */
export class ResponseReader {
  fault = ''
  readonly #parts: ResponseParts
  readonly #head = new RawResponseHead(HEAD_LIMITS)
  readonly #body = new BodyReader()
  /** The bytes of a head that comes in pieces. */
  readonly #pendingHead = new PendingHead()
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

  /** Whether only the end of the connection ends the body that is being read. */
  get endsWithConnection(): boolean {
    return this.#inBody && this.#body.endsWithConnection
  }

  /** Whether the app will take another request on the connection after this response, which is complete. */
  get keepsAlive(): boolean {
    return this.#head.keepsAlive && !this.#body.endsWithConnection
  }

  /** How many bytes of a body of known length have not come yet. */
  get left(): number {
    return this.#inBody ? this.#body.left : 0
  }

  /** The trailer fields of a complete response that may be forwarded. */
  get trailers(): readonly string[] | undefined {
    return this.#body.trailers
  }

  /** Reads the next `length` bytes; returns a value of ReadOutcome. */
  read(bytes: Buffer, length: number): number {
    if (this.#inBody) return this.#readBody(bytes, 0, length)
    if (this.#pendingHead.length > 0) {
      this.#pendingHead.append(bytes, length)
      return this.#readHeads(this.#pendingHead.bytes, this.#pendingHead.length)
    }
    this.#head.begin(0)
    return this.#readHeads(bytes, length)
  }

  /** Reads informational heads, the final head, and the part of its body that has come. */
  #readHeads(bytes: Buffer, end: number): number {
    const head = this.#head
    let from = 0
    for (;;) {
      const after = head.read(bytes, end)
      if (after === INCOMPLETE) {
        if (this.#pendingHead.keep(bytes, from, end)) head.begin(0)
        return ReadOutcome.part
      }
      if (after === REFUSED) return this.#break(head.refusal?.why)
      if (head.status >= 200) {
        this.#pendingHead.clear()
        return this.#begin(bytes, after, end)
      }
      if (head.status === 101) return this.#switch(bytes.subarray(after, end))
      // No response can follow a 1xx with `Connection: close`, and HTTP/1.0 has no 1xx.
      if (!head.keepsAlive) return this.#break('an informational head ends the connection')
      if (++this.#informationalHeads > http1Limits.informationalHeads) {
        return this.#break('it is informational heads only')
      }
      this.#parts.informed(head)
      if (!this.#parts.wanted) return ReadOutcome.part
      if (after === end) {
        this.#pendingHead.clear()
        return ReadOutcome.part
      }
      from = after
      head.begin(from)
    }
  }

  #switch(after: Buffer): number {
    if (this.#parts.switched === undefined) return this.#break('it switches protocols unasked')
    this.#parts.switched(this.#head, after)
    return ReadOutcome.part
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
    if (!body.done || !this.#parts.wanted) return ReadOutcome.part
    return at === end ? ReadOutcome.whole : ReadOutcome.tooMuch
  }

  #break(why: string | undefined): number {
    this.fault = why ?? ''
    return ReadOutcome.broken
  }
}
