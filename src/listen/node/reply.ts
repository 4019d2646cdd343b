import type { ServerResponse } from 'node:http'
import type { Answer } from '../../http/answer.ts'
import type { ByteSink, Reply, ResponseHead } from '../../http/exchange.ts'
import { pairsOf } from '../../http/headers.ts'
import { fieldsBehind, type ResponseFields } from '../../http/response-fields.ts'
import type { ClientConnection } from './client-connection.ts'
import type { NodeBody } from './request-body.ts'
import { frameResponse } from '../response-framing.ts'

/**
 * The reply to one request, over node's ServerResponse. Life: from the start of the request until the operating system
 * has the last byte, or until the connection ends; owned by its request slot.
 * Invariants: one head, then body bytes, then one end; once `gone` is set, everything written is discarded.
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
    // A write to a connection that has just ended emits an error; connectionEnded() handles that end.
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

  /** Whether the whole response has been written, although node may not have sent all of it yet. */
  get ended(): boolean {
    return this.#res.writableEnded
  }

  /** Called when the connection can take more bytes. */
  drained(): void {
    this.#onDrain?.()
  }

  /** Called when the connection becomes a tunnel, which then handles the connection's end; this reply is complete. */
  becameTunnel(): void {
    this.started = true
    this.status = 101
    this.#tunnel = true
  }

  /** Called when the connection has ended. */
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
    // Keeps node from adding a Connection field of its own; `framing.fields` has one if it is needed.
    res.removeHeader('connection')
    if (this.responseFields !== undefined) framing.fields.push(...fieldsBehind(framing.fields, this.responseFields))
    res.writeHead(head.status, head.reason, framing.fields)
    // The head waits for the first bytes of the body, so that one write sends both, but only until the end of this turn
    // of the event loop: a client must see the head of an event stream before its first event.
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
