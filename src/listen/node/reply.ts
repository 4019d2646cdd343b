import type { ServerResponse } from 'node:http'
import type { Answer } from '../../http/answer.ts'
import type { ByteSink, Reply, ResponseHead } from '../../http/exchange.ts'
import { pairsOf } from '../../http/headers.ts'
import type { ResponseFields } from '../../http/response-fields.ts'
import type { ClientConnection } from './client-connection.ts'
import type { NodeBody } from './request-body.ts'
import { frameResponse } from '../response-framing.ts'

/**
 * The answer to one request, over node's ServerResponse. Life: from the request's beginning to the last byte handed to the
 * system, or to the end of the connection; owned by its request slot.
 * Invariants: one head, then body bytes, then one end; after `gone`, whatever is written is thrown away.
 */
export class NodeReply implements Reply, ByteSink {
  started = false
  gone = false
  status = 0
  bytes = 0
  responseFields: ResponseFields | undefined
  readonly #res: ServerResponse
  readonly #connection: ClientConnection
  readonly #body: NodeBody | undefined
  #hasBody = true
  #tunnel = false
  #onGone: (() => void) | undefined
  #onDrain: (() => void) | undefined
  #flush: NodeJS.Immediate | undefined

  constructor(res: ServerResponse, connection: ClientConnection, body: NodeBody | undefined) {
    this.#res = res
    this.#connection = connection
    this.#body = body
    // Node reports a write to a connection that has just ended as an error; the connection reports its end itself.
    res.on('error', () => undefined)
  }

  inform(head: ResponseHead): void {
    if (this.started || this.gone || this.#res.req.httpVersion === '1.0') return
    this.#connection.writeInterimHead(head)
  }

  begin(head: ResponseHead): ByteSink {
    this.#begin(head, false)
    return this
  }

  answer(answer: Answer): void {
    const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body
    const headers = [...answer.headers, 'Content-Length', String(body.length)]
    this.#begin({ status: answer.status, reason: answer.reason, headers }, answer.close)
    if (body.length > 0) this.write(body)
    this.end()
  }

  write(chunk: Uint8Array): boolean {
    if (this.gone || !this.#hasBody) return true
    this.bytes += chunk.length
    this.#cancelFlush()
    return this.#res.write(chunk)
  }

  end(trailers?: readonly string[]): void {
    if (this.gone || this.#res.writableEnded) return
    this.#cancelFlush()
    if (trailers !== undefined && this.#res.chunkedEncoding) this.#res.addTrailers(pairsOf(trailers))
    if (this.#body?.unfinished === true) this.#connection.endAfterReply()
    this.#res.end()
  }

  fail(): void {
    this.abort()
  }

  abort(): void {
    this.#cancelFlush()
    this.#connection.reset()
  }

  onDrain(listener: () => void): void {
    this.#onDrain = listener
  }

  onGone(listener: () => void): void {
    this.#onGone = listener
  }

  /** The whole response has been given, though not all of it may have left. */
  get ended(): boolean {
    return this.#res.writableEnded
  }

  /** The connection can take more bytes. */
  drained(): void {
    this.#onDrain?.()
  }

  /** The connection left HTTP: this reply is complete, and the end of the connection is the tunnel's affair. */
  becameTunnel(): void {
    this.started = true
    this.status = 101
    this.#tunnel = true
  }

  /** The connection has ended. */
  connectionEnded(): void {
    if (this.gone || this.#tunnel || this.#res.writableFinished) return
    this.gone = true
    this.#cancelFlush()
    this.#onGone?.()
  }

  #begin(head: ResponseHead, close: boolean): void {
    if (this.started) throw new Error('a reply begins once')
    this.started = true
    this.status = head.status
    if (this.gone) return
    const res = this.#res
    const framing = frameResponse(head, {
      method: res.req.method ?? '',
      httpVersion: res.req.httpVersion,
      close: close || !res.shouldKeepAlive || this.#connection.ending || this.#body?.abandoned === true,
    })
    this.#hasBody = framing.hasBody
    if (framing.closes) this.#connection.endAfterReply()
    // Node would add a Connection field; the one that is needed, if any, is among the fields.
    res.removeHeader('connection')
    if (this.responseFields !== undefined) framing.fields.push(...this.responseFields.flat)
    res.writeHead(head.status, head.reason, framing.fields)
    // The head waits for the first body bytes, to leave in one write with them, but no longer than until all input at hand
    // has been read: an event stream must not hang on its first event.
    this.#flush = setImmediate(() => {
      this.#flush = undefined
      res.flushHeaders()
    })
  }

  #cancelFlush(): void {
    if (this.#flush === undefined) return
    clearImmediate(this.#flush)
    this.#flush = undefined
  }
}
