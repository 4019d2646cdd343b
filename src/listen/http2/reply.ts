import type { Answer } from '../../http/answer.ts'
import type { ByteSink, Reply, ResponseHead } from '../../http/exchange.ts'
import { fieldsBehind, type ResponseFields } from '../../http/response-fields.ts'
import type { DateField } from '../date-field.ts'
import { Http2Code } from './frames/frame-codes.ts'
import { addOutgoing } from './response-head.ts'
import type { Http2Stream } from './stream.ts'

/** The part of an exchange that its reply uses. */
export interface ReplyOwner {
  readonly stream: Http2Stream
  readonly method: string
  readonly date: DateField
  /** Called when the whole response has been given to the stream. */
  replied(): void
}

/**
 * The reply to one request over its stream. Life: from the head of the request until the whole response is given to the
 * stream, or the stream is closed; owned by its exchange.
 * Invariants: one head, then body bytes, then one end; once `gone` is set, everything written is discarded; a body that
 * ends has exactly as many bytes as its Content-Length says.
 */
export class Http2Reply implements Reply, ByteSink {
  started = false
  gone = false
  complete = false
  status = 0
  bytes = 0
  responseFields: ResponseFields | undefined
  readonly #owner: ReplyOwner
  readonly #stream: Http2Stream
  #hasBody = true
  /** Bytes that Content-Length still promises; -1 without one. */
  #left = -1
  #aborted = false
  #onGone: (() => void) | undefined
  #onDrain: (() => void) | undefined

  constructor(owner: ReplyOwner) {
    this.#owner = owner
    this.#stream = owner.stream
  }

  inform(head: ResponseHead): void {
    // HTTP/2 has no 101 (RFC 9113 8.6).
    if (this.started || this.#isClosed || head.status === 101) return
    const fields: string[] = []
    addOutgoing(head.headers, fields)
    this.#stream.respond(head.status, fields)
  }

  begin(head: ResponseHead): ByteSink {
    if (this.started) throw new Error('a reply begins once')
    this.started = true
    const { status } = head
    this.status = status
    if (this.gone) return this
    this.#hasBody = this.#owner.method !== 'HEAD' && status !== 204 && status !== 205 && status !== 304
    const fields: string[] = []
    addOutgoing(head.headers, fields)
    if (this.responseFields !== undefined) addOutgoing(fieldsBehind(head.headers, this.responseFields), fields)
    this.#readFraming(fields, status)
    this.#stream.respond(status, fields)
    return this
  }

  answer(answer: Answer): void {
    const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body
    const headers = [...answer.headers, 'Content-Length', String(body.length)]
    this.begin({ status: answer.status, reason: answer.reason, headers })
    this.write(body)
    this.end()
  }

  write(chunk: Uint8Array): boolean {
    if (!this.#takes(chunk.length)) return true
    return this.#stream.write(chunk)
  }

  end(trailers?: readonly string[]): void {
    if (this.#isClosed || this.#aborted || this.complete) return
    if (this.#left > 0) {
      this.abort()
      return
    }
    this.complete = true
    const fields: string[] = []
    if (trailers !== undefined && this.#hasBody) addOutgoing(trailers, fields)
    this.#owner.replied()
    this.#stream.end(fields.length > 0 ? fields : undefined)
  }

  fail(): void {
    this.abort()
  }

  /** Resets the stream, so that the client cannot take what it has for a complete response. */
  abort(code: number = Http2Code.internalError): void {
    if (this.gone || this.#aborted) return
    this.#aborted = true
    this.started = true
    this.#stream.reset(code)
  }

  onDrain(listener: () => void): void {
    this.#onDrain = listener
  }

  onGone(listener: () => void): void {
    this.#onGone = listener
  }

  /** Whether the daemon itself has ended the stream. */
  get aborted(): boolean {
    return this.#aborted
  }

  /** Called when the stream becomes a tunnel: this reply writes nothing more to it. */
  becameTunnel(): void {
    this.started = true
    this.complete = true
    this.status = 200
  }

  /** Called when the stream can take more. */
  drained(): void {
    this.#onDrain?.()
  }

  /** Called when the stream is closed. */
  streamClosed(): void {
    if (this.gone || this.complete) return
    this.gone = true
    this.#onGone?.()
  }

  /** Whether nothing can be sent any more, also in the time between the end of the stream and the call of onGone. */
  get #isClosed(): boolean {
    return this.gone || this.#stream.isClosed
  }

  /** Whether so many bytes of the body are to be sent; with more than Content-Length has promised the reply is aborted. */
  #takes(length: number): boolean {
    if (this.gone || this.#aborted || !this.#hasBody || length === 0) return false
    if (this.#left >= 0) {
      if (length > this.#left) {
        this.abort()
        return false
      }
      this.#left -= length
    }
    this.bytes += length
    return true
  }

  /** Reads Content-Length, of which one is kept, and adds Date if it is absent. */
  #readFraming(fields: string[], status: number): void {
    let length: string | undefined
    let hasDate = false
    for (let i = 0; i < fields.length; i += 2) {
      const name = fields[i] as string
      if (name.length === 4 && name === 'date') hasDate = true
      if (name.length !== 14 || name !== 'content-length') continue
      // Neither may have a body, and so neither a Content-Length of one (RFC 9110 8.6, 15.3.6).
      if (length === undefined && status !== 204 && status !== 205) {
        length = fields[i + 1]
        if (this.#hasBody) this.#left = numberOfBytes(length ?? '')
      } else {
        fields.splice(i, 2)
        i -= 2
      }
    }
    if (!hasDate) fields.push('date', this.#owner.date.text)
  }
}

function numberOfBytes(text: string): number {
  const length = Number(text)
  if (!Number.isSafeInteger(length) || length < 0)
    throw new TypeError('a response has a Content-Length that is no number')
  return length
}
