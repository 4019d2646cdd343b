import { ascii, isWord } from './bytes.ts'
import { Field } from './field-names.ts'
import { HeadReader } from './head-reader.ts'
import { REFUSED, type Refusal, refusals } from './refusal.ts'
import { RequestLine } from './request-line.ts'

const continue100 = ascii('100-continue')
const websocket = ascii('websocket')
const get = ascii('GET')
const head = ascii('HEAD')

/** The length of SP, HTTP-version and CRLF between the target and the first field line. */
const AFTER_TARGET_BYTES = 11

/** Reads one request head after another, and determines what the request asks for. Owner: a client's connection. */
export class RawRequestHead extends HeadReader {
  readonly line = new RequestLine()
  /** Index of the Host line; -1 without one, which HTTP/1.0 allows. */
  hostLine = -1
  /** Whether the client asks for a WebSocket (RFC 9110 7.8), in the only form that RFC 6455 4.1 allows. */
  asksWebSocket = false
  /** Index of the Upgrade line, if asksWebSocket. */
  upgradeLine = -1
  #expects = false

  get start(): number {
    return this.line.methodStart
  }

  /** Offset of the first field line. */
  get fieldsStart(): number {
    return this.line.targetEnd + AFTER_TARGET_BYTES
  }

  /** RFC 9112 9.3: whether the client wants to keep the connection. */
  get keepsAlive(): boolean {
    if (this.options.close) return false
    return this.line.minor === 1 || this.options.keepAlive
  }

  /** RFC 9112 6.3: whether there is a body; a length of 0 is none, as is a request without framing fields. */
  get hasBody(): boolean {
    return this.framing.chunked || this.framing.length > 0
  }

  /** RFC 9110 10.1.1: whether the client waits for a 100 before it sends the body. */
  get expectsContinue(): boolean {
    return this.#expects && this.hasBody
  }

  /** Whether the method is HEAD, whose responses have no body (RFC 9110 9.3.2). */
  get isHead(): boolean {
    return this.#methodIs(head)
  }

  protected override readStartLine(from: number, end: number): number {
    const at = this.line.read(this.bytes, from, end)
    return at === REFUSED ? this.refuse(this.line.refusal) : at
  }

  protected override interpret(): Refusal | undefined {
    const { fields, line } = this
    const broken = this.framing.read(this.bytes, fields, line.minor)
    if (broken !== undefined) return broken
    this.options.read(this.bytes, fields)
    this.hostLine = -1
    this.#expects = false
    let upgrades = 0
    let isUnknownExpectation = false
    for (let n = 0; n < fields.knownCount; n++) {
      const i = fields.known(n)
      const field = fields.field(i)
      if (field === Field.host) {
        if (this.hostLine >= 0) return refusals.severalHosts
        this.hostLine = i
      } else if (field === Field.expect && line.minor === 1) {
        // RFC 9110 10.1.1: Expect of an HTTP/1.0 client is ignored. A second line would make a list, which is an
        // unknown expectation.
        if (this.#expects || !this.#valueIs(i, continue100)) isUnknownExpectation = true
        this.#expects = true
      } else if (field === Field.upgrade) {
        upgrades++
        this.upgradeLine = i
      }
    }
    // 3.2: every HTTP/1.1 request has exactly one Host field.
    if (this.hostLine < 0 && line.minor === 1) return refusals.noHost
    if (isUnknownExpectation) return refusals.expectation
    this.asksWebSocket = upgrades === 1 && this.#isWebSocket()
    return undefined
  }

  #isWebSocket(): boolean {
    const { line, options } = this
    if (!options.upgrade || line.minor === 0 || this.hasBody) return false
    return this.#methodIs(get) && this.#valueIs(this.upgradeLine, websocket)
  }

  /** Methods are case-sensitive (RFC 9110 9.1). */
  #methodIs(word: Uint8Array): boolean {
    const { methodStart, methodEnd } = this.line
    if (methodEnd - methodStart !== word.length) return false
    for (let i = 0; i < word.length; i++) if (this.bytes[methodStart + i] !== word[i]) return false
    return true
  }

  #valueIs(i: number, lowerCase: Uint8Array): boolean {
    return isWord(this.bytes, this.fields.valueStart(i), this.fields.valueEnd(i), lowerCase)
  }
}
