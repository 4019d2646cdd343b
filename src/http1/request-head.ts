import { ascii, isWord } from './bytes.ts'
import { Field } from './field-names.ts'
import { HeadReader } from './head-reader.ts'
import { REFUSED, type Refusal, refusals } from './refusal.ts'
import { RequestLine } from './request-line.ts'

const continue100 = ascii('100-continue')
const websocket = ascii('websocket')
const get = ascii('GET')
const head = ascii('HEAD')

/** SP, HTTP-version and CRLF between the target and the first field line. */
const AFTER_TARGET = 11

/** One request head, and what it asks for. */
export class RawRequestHead extends HeadReader {
  readonly line = new RequestLine()
  /** Index of the Host line, -1 without one (HTTP/1.0 only). */
  hostLine = -1
  /** RFC 9110 7.8: the client asks to leave HTTP for WebSocket, in the only form that RFC 6455 4.1 allows. */
  asksWebSocket = false
  /** Index of the Upgrade line of such a request. */
  upgradeLine = -1
  #expects = false

  get start(): number {
    return this.line.methodStart
  }

  /** Offset of the first field line. */
  get fieldsStart(): number {
    return this.line.targetEnd + AFTER_TARGET
  }

  /** RFC 9112 9.3: does the client want the connection to stay? */
  get keepsAlive(): boolean {
    if (this.options.close) return false
    return this.line.minor === 1 || this.options.keepAlive
  }

  /** RFC 9112 6.3: a request without either framing field has no body; nor is there one of no bytes. */
  get hasBody(): boolean {
    return this.framing.chunked || this.framing.length > 0
  }

  /** RFC 9110 10.1.1: the client waits for a 100 before it sends the body. */
  get expectsContinue(): boolean {
    return this.#expects && this.hasBody
  }

  /** Answers to it have no body (RFC 9110 9.3.2). */
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
        // RFC 9110 10.1.1: what an HTTP/1.0 client expects is ignored. A second line makes a list, which is not known.
        if (this.#expects || !this.#valueIs(i, continue100)) isUnknownExpectation = true
        this.#expects = true
      } else if (field === Field.upgrade) {
        upgrades++
        this.upgradeLine = i
      }
    }
    // 3.2: every HTTP/1.1 request has exactly one Host.
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

  /** Methods are compared with case (RFC 9110 9.1). */
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
