import { constants, type ServerHttp2Stream } from 'node:http2'
import type { Answer } from '../../http/answer.ts'
import type { ByteSink, Reply, ResponseHead } from '../../http/exchange.ts'
import { fieldsBehind, type ResponseFields } from '../../http/response-fields.ts'
import { OutgoingFields } from './response-head.ts'

const { NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR } = constants

/** The part of an exchange that its reply uses. */
export interface ReplyOwner {
  readonly stream: ServerHttp2Stream
  readonly method: string
  /** Calls the reply's flush() at the end of this turn of the event loop. */
  flushAtEndOfTurn(reply: Http2Reply): void
  /** Called when the whole response has been given to the stream. */
  replied(): void
}

/**
 * The reply to one request over its stream. The head waits for the first bytes of the body, but only until the end of
 * this turn of the event loop, so that a small response is known as a whole when it is sent. Life: from the head of the
 * request until the whole response is given to the stream, or the stream is closed; owned by its exchange.
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
  #head: OutgoingFields['fields'] | undefined
  /** The first bytes of the body, while the head waits. */
  #first: Uint8Array | undefined
  #hasBody = true
  /** Bytes that Content-Length still promises; -1 without one. */
  #left = -1
  #aborted = false
  #trailers: readonly string[] | undefined
  #onGone: (() => void) | undefined
  #onDrain: (() => void) | undefined
  #isListening = false

  constructor(owner: ReplyOwner) {
    this.#owner = owner
  }

  inform(head: ResponseHead): void {
    // HTTP/2 has no 101 (RFC 9113 8.6).
    if (this.started || this.#isClosed || head.status === 101) return
    const outgoing = new OutgoingFields()
    outgoing.fields[':status'] = head.status
    outgoing.add(head.headers)
    this.#owner.stream.additionalHeaders(outgoing.fields)
  }

  begin(head: ResponseHead): ByteSink {
    if (this.started) throw new Error('a reply begins once')
    this.started = true
    const { status } = head
    this.status = status
    if (this.gone) return this
    this.#hasBody = this.#owner.method !== 'HEAD' && status !== 204 && status !== 205 && status !== 304
    const outgoing = new OutgoingFields()
    const { fields } = outgoing
    fields[':status'] = status
    outgoing.add(head.headers)
    if (this.responseFields !== undefined) outgoing.add(fieldsBehind(head.headers, this.responseFields))
    const length = fields['content-length']
    // Neither may have a body, and so neither a Content-Length of one (RFC 9110 8.6, 15.3.6).
    if (length !== undefined && (status === 204 || status === 205)) fields['content-length'] = undefined
    else if (length !== undefined && this.#hasBody) this.#left = numberOfBytes(length as string)
    this.#head = fields
    this.#owner.flushAtEndOfTurn(this)
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
    if (this.gone || this.#aborted || !this.#hasBody || chunk.length === 0) return true
    if (this.#left >= 0) {
      if (chunk.length > this.#left) {
        this.abort()
        return true
      }
      this.#left -= chunk.length
    }
    this.bytes += chunk.length
    if (this.#head !== undefined) {
      if (this.#first === undefined) {
        this.#first = chunk
        return true
      }
      this.flush()
    }
    return this.#write(chunk)
  }

  end(trailers?: readonly string[]): void {
    if (this.#isClosed || this.#aborted || this.complete) return
    if (this.#left > 0) {
      this.abort()
      return
    }
    const { stream } = this.#owner
    const head = this.#head
    if (head === undefined) {
      this.#trailers = trailers
      stream.end()
    } else if (trailers !== undefined && this.#hasBody) {
      this.flush()
      this.#trailers = trailers
      stream.end()
    } else {
      this.#head = undefined
      if (this.#first === undefined) stream.respond(head, { endStream: true })
      else {
        stream.respond(head)
        stream.end(this.#first)
        this.#first = undefined
      }
    }
    this.complete = true
    this.#owner.replied()
  }

  fail(): void {
    this.abort()
  }

  /** Resets the stream, so that the client cannot take what it has for a complete response. */
  abort(code: number = NGHTTP2_INTERNAL_ERROR): void {
    if (this.gone || this.#aborted) return
    this.#aborted = true
    this.started = true
    this.#head = undefined
    this.#first = undefined
    this.#owner.stream.close(code)
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

  /** Sends the head, and the first bytes of the body if they have come. */
  flush(): void {
    const head = this.#head
    if (head === undefined || this.#isClosed) return
    this.#head = undefined
    const { stream } = this.#owner
    // Whether there will be trailers is not known yet. A body with a length has none in HTTP/1.1.
    const waitForTrailers = this.#hasBody && this.#left < 0
    if (waitForTrailers) stream.once('wantTrailers', this.#sendTrailers)
    stream.respond(head, { waitForTrailers })
    const first = this.#first
    this.#first = undefined
    if (first !== undefined) this.#write(first)
  }

  /** Called when the stream becomes a tunnel: this reply writes nothing more to it. */
  becameTunnel(): void {
    this.started = true
    this.complete = true
    this.status = 200
  }

  /** Called when the stream is closed. */
  streamClosed(): void {
    if (this.gone || this.complete) return
    this.gone = true
    this.#head = undefined
    this.#first = undefined
    this.#onGone?.()
  }

  /** Whether nothing can be sent any more, also in the time between the end of the stream and its `close`. */
  get #isClosed(): boolean {
    const { stream } = this.#owner
    return this.gone || stream.destroyed || stream.closed
  }

  #write(chunk: Uint8Array): boolean {
    const { stream } = this.#owner
    if (stream.write(chunk)) return true
    if (!this.#isListening) {
      this.#isListening = true
      stream.on('drain', () => this.#onDrain?.())
    }
    return false
  }

  readonly #sendTrailers = (): void => {
    const outgoing = new OutgoingFields()
    if (this.#trailers !== undefined) outgoing.add(this.#trailers)
    this.#owner.stream.sendTrailers(outgoing.fields)
  }
}

/**
 * Ends a stream whose response is complete before its request. NO_ERROR asks the client to send no more of it (RFC 9113
 * 8.1). What has come is read and dropped, because the library closes a stream only when everything was read.
 */
export function endUnread(stream: ServerHttp2Stream): void {
  const end = (): void => {
    stream.close(NGHTTP2_NO_ERROR)
    stream.resume()
  }
  // Trailers are sent in a turn of their own, after `finish`; a HEAD is finished from the beginning.
  const later = (): void => void setImmediate(() => setImmediate(end))
  if (stream.writableFinished) later()
  else stream.once('finish', later)
}

function numberOfBytes(text: string): number {
  const length = Number(text)
  if (!Number.isSafeInteger(length) || length < 0)
    throw new TypeError('a response has a Content-Length that is no number')
  return length
}
