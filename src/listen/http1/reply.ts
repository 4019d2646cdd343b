import type { Answer } from '../../http/answer.ts'
import type { ByteSink, Reply, ResponseHead } from '../../http/exchange.ts'
import type { RequestRecord } from '../../http/request-record.ts'
import { linesBehind, type ResponseFields } from '../../http/response-fields.ts'
import type { Cuts } from '../../http1/cuts.ts'
import type { RawResponseHead } from '../../http1/response-head.ts'
import { Lent } from '../../http/lent.ts'
import type { RawPeer, RawReply } from '../../http1/passthrough.ts'
import type { ClientSocket } from './client-socket.ts'
import type { DateField } from '../date-field.ts'
import { OutgoingBody } from './outgoing-body.ts'
import { renderHead, renderStart } from '../raw-answer.ts'
import { UPGRADE_REQUIRED } from '../../http/headers.ts'
import { connectionOf, frameResponse } from '../response-framing.ts'
import type { Http1RequestBody } from './request-body.ts'

/** The part of a connection that its reply uses. */
export interface ReplyConnection {
  readonly output: ClientSocket
  readonly date: DateField
  /** Whether the connection takes no request after the current one. */
  readonly ending: boolean
  /** Makes the connection end after this reply. */
  endAfterReply(): void
  /** Called when the whole response has been written. */
  onProgress(): void
}

/** A body of at most this many bytes is written with its head, as one string. */
const SMALL_BYTES = 8_192

const ONE = 0x31

/**
 * The reply to one request. Life: from the end of the request's head until the last byte is written to the connection,
 * or until the connection ends; owned by the connection.
 * Invariants: one head, then body bytes, then one end; once `gone` is set, everything written is discarded.
 */
export class Http1Reply implements Reply, RawReply {
  started = false
  gone = false
  complete = false
  status = 0
  bytes = 0
  responseFields: ResponseFields | undefined
  record: RequestRecord | undefined
  readonly takesChunks: boolean
  readonly #connection: ReplyConnection
  readonly #output: ClientSocket
  readonly #toHead: boolean
  readonly #body: Http1RequestBody | undefined
  #peer: RawPeer | undefined
  #onGone: (() => void) | undefined
  #outgoing: OutgoingBody | undefined

  constructor(connection: ReplyConnection, toHead: boolean, isHttp11: boolean, body: Http1RequestBody | undefined) {
    this.#connection = connection
    this.#output = connection.output
    this.#toHead = toHead
    this.takesChunks = isHttp11
    this.#body = body
  }

  inform(head: ResponseHead): void {
    if (this.started || this.gone || !this.takesChunks) return
    this.#output.writeText(renderHead(head.status, head.reason, head.headers))
  }

  begin(head: ResponseHead): ByteSink {
    return this.#begin(head, false)
  }

  answer(answer: Answer): void {
    const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body
    const headers = [...answer.headers, 'Content-Length', String(body.length)]
    const sink = this.#begin({ status: answer.status, reason: answer.reason, headers }, answer.close)
    sink.write(body)
    sink.end()
  }

  abort(): void {
    if (!this.complete && !this.gone) this.#output.reset()
  }

  onGone(listener: () => void): void {
    this.#onGone = listener
  }

  watch(peer: RawPeer): void {
    this.#peer = peer
  }

  beginLent(head: RawResponseHead, cuts: Cuts, end: number, closes: boolean): number {
    this.#start(head.status)
    if (this.gone) return Lent.done
    const { bytes, start, fields, line, dateLine } = head
    const connection = this.#connection
    const bodyStart = fields.end + 2
    this.bytes = end - bodyStart
    const ends = closes || this.#closes
    if (ends) connection.endAfterReply()
    const upgrades = head.status === UPGRADE_REQUIRED && head.namesUpgrade
    const option = connectionOf(ends, !this.takesChunks, upgrades)
    let added = option === '' ? '' : `Connection: ${option}\r\n`
    if (line.minor === 0) bytes[line.minorAt] = ONE
    if (dateLine < 0) added += connection.date.line
    else connection.date.bytes.copy(bytes, fields.valueStart(dateLine))
    const { responseFields } = this
    if (added === '' && cuts.count === 0 && responseFields === undefined) return this.#lend(bytes, start, end)
    // A head with added fields is copied as text; its body is still lent.
    const own = cuts.text(bytes, start, fields.end)
    // They follow the application's fields.
    if (responseFields !== undefined) added += linesBehind(own, responseFields)
    const text = `${own}${added}\r\n`
    if (this.bytes > SMALL_BYTES) return this.#output.lend(text, bytes.subarray(bodyStart, end))
    this.#output.writeText(this.bytes === 0 ? text : text + bytes.toString('latin1', bodyStart, end))
    return Lent.done
  }

  lend(bytes: Buffer, from: number, to: number): number {
    if (this.gone) return Lent.done
    this.bytes += to - from
    return this.#lend(bytes, from, to)
  }

  text(text: string): void {
    if (!this.gone) this.#output.writeText(text)
  }

  endLent(): void {
    this.finish()
  }

  /** Called when the last byte has been written. */
  finish(): void {
    if (this.gone) return
    this.complete = true
    this.#peer = undefined
    this.#connection.onProgress()
  }

  /** Called when the connection can take more bytes. */
  drained(): void {
    if (this.#peer !== undefined) this.#peer.clientDrained()
    else this.#outgoing?.drained()
  }

  /** Called when the connection becomes a tunnel: this reply writes nothing more to it. */
  becameTunnel(): void {
    this.#start(101)
  }

  /** Called when the connection has ended. */
  connectionEnded(): void {
    if (this.gone || this.complete) return
    this.gone = true
    this.#peer?.clientGone()
    this.#onGone?.()
  }

  /** Whether the connection ends after this reply. */
  get #closes(): boolean {
    return this.#connection.ending || this.#body?.lost === true
  }

  #start(status: number): void {
    if (this.started) throw new Error('a reply begins once')
    this.started = true
    this.status = status
  }

  #begin(head: ResponseHead, close: boolean): ByteSink {
    this.#start(head.status)
    const httpVersion = this.takesChunks ? '1.1' : '1.0'
    const framed = frameResponse(head, {
      method: this.#toHead ? 'HEAD' : '',
      httpVersion,
      close: close || this.#closes,
    })
    if (framed.closes) this.#connection.endAfterReply()
    const own = renderStart(head.status, head.reason, framed.fields) + this.#connection.date.line
    const start = this.responseFields === undefined ? own : own + linesBehind(own, this.responseFields)
    this.#outgoing = new OutgoingBody(this, this.#output, start, framed.fields, framed.hasBody, this.takesChunks)
    return this.#outgoing
  }

  #lend(bytes: Buffer, from: number, to: number): number {
    const output = this.#output
    // A copy, so that the few bytes do not keep the lender's buffer. Without TLS a socket with unsent bytes is rare.
    if (output.isTls && output.unsent > 0 && to - from <= SMALL_BYTES) {
      return output.writeText(bytes.toString('latin1', from, to)) ? Lent.done : Lent.full
    }
    return output.lend('', bytes.subarray(from, to))
  }
}
