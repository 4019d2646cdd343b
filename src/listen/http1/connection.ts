import type { Socket } from 'node:net'
import { answerFailure, type Failure } from '../../http/answer.ts'
import { ClientGone, type Upgrade } from '../../http/exchange.ts'
import { http1Limits } from '../../http1/limits.ts'
import type { RawRequestHead } from '../../http1/request-head.ts'
import { ClientSocket } from './client-socket.ts'
import type { ConnectionContext } from './connection-context.ts'
import type { OpenConnection } from '../connections.ts'
import type { DateField } from '../date-field.ts'
import { ClientReader } from './client-reader.ts'
import { HeadInput } from './head-input.ts'
import { PendingInput } from './pending-input.ts'
import { Linger } from '../linger.ts'
import { offerUpgrade } from './offer-upgrade.ts'
import { renderRawAnswer } from '../raw-answer.ts'
import { failureOfRefusal, isPlainRequest, resolveRequest } from './resolve-request.ts'
import { IdleTimeouts } from '../idle-timeouts.ts'
import { type BodyConnection, Http1RequestBody } from './request-body.ts'
import type { Http1Client } from './client.ts'
import { Http1Exchange } from './exchange.ts'
import { type ReplyConnection, Http1Reply } from './reply.ts'

/** The values of #reads, which say what the next bytes from the client are: here, those of a request head. */
const HEAD = 0
/** Those of the current request's body. */
const BODY = 1
/** Those of the next request, which is not parsed before the current one is answered. */
const NEXT = 2
const TUNNEL = 3
/** Bytes that are read and discarded, because the connection takes no more requests. */
const ENDED = 4

/**
 * One client's connection, which reads HTTP/1.1 from its socket (plain or TLS). Life: from accept to the socket's
 * close; owned by the protocol's Connections. Invariants: at most one exchange is under way; the next head is read only
 * when its reply and its body are complete; once #last is set, no further head is read.
 */
export class Http1Connection implements OpenConnection, BodyConnection, ReplyConnection {
  readonly input: PendingInput
  readonly output: ClientSocket
  readonly #socket: Socket
  readonly #client: Http1Client
  readonly #context: ConnectionContext
  readonly #heads: HeadInput
  readonly #reader: ClientReader
  #reads = HEAD
  #exchange: Http1Exchange | undefined
  #reply: Http1Reply | undefined
  #last = false
  /** Whether the client said that the current request is its last (RFC 9112 9.6). */
  #clientEnds = false
  #draining = false
  #pumping = false
  #owesContinue = false
  #linger: Linger | undefined
  readonly #idleTimeouts: IdleTimeouts

  constructor(socket: Socket, client: Http1Client, context: ConnectionContext) {
    this.#socket = socket
    this.#client = client
    this.#context = context
    this.#heads = new HeadInput(context.shared)
    this.#idleTimeouts = new IdleTimeouts(context.stamp())
    this.output = new ClientSocket(socket, context.queues)
    this.input = new PendingInput(context.buffers)
    this.#reader = new ClientReader(socket, this.input, this.#heads, context, () => void this.#pump())
    socket.on('drain', () => {
      this.#reply?.drained()
      this.#pump()
    })
    socket.on('end', () => void this.#onEnd())
    // Every socket error is followed by `close`, which is handled here; without a listener node would throw.
    socket.on('error', () => undefined).on('close', () => void this.#onClose())
  }

  get idle(): boolean {
    return this.#reads === HEAD && !this.#heads.hasBegun(this.input) && this.output.unsent === 0
  }

  get ending(): boolean {
    return this.#last || this.#draining
  }

  get date(): DateField {
    return this.#context.date
  }

  drain(): void {
    this.#draining = true
  }

  destroy(): void {
    this.output.destroy()
  }

  sendContinue(): void {
    if (!this.#owesContinue || this.#reply?.started === true) return
    this.#owesContinue = false
    this.output.writeText('HTTP/1.1 100 Continue\r\n\r\n')
  }

  endAfterReply(): void {
    this.#last = true
  }

  onProgress(): void {
    this.#pump()
  }

  sweep(now: number): void {
    const { limits } = this.#context
    if (this.#reads === TUNNEL) return
    if (this.#reads === HEAD && this.output.unsent > 0) this.#idleTimeouts.awaitHead(this.#context.stamp())
    else if (this.#reads === HEAD) {
      const { idleTimeoutMs } = this.#client.facts
      const overdue = this.#idleTimeouts.overdue(now, this.#heads.hasBegun(this.input), limits, idleTimeoutMs)
      if (overdue === 'head') this.#refuse({ kind: 'head-too-slow' })
      else if (overdue === 'idle') this.destroy()
    } else if (this.#reads !== ENDED) {
      this.#exchange?.body?.sweep(now, limits)
      this.#pump()
    } else if (this.#linger?.isOver(now, this.output.unsent, this.#socket.bytesRead) === true) this.destroy()
    if (this.output.hasStalled(now, limits.writeTimeoutMs)) this.output.reset()
  }

  /** Parses the pending input as far as possible. Code that it calls may call it again; such a call does nothing. */
  #pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    do {
      while (this.#step());
    } while (this.#settle())
    this.#pumping = false
    const limit = this.#reads === BODY ? http1Limits.waitingBytes : http1Limits.pipelinedBytes
    this.output.pause(this.input.length >= limit && (this.#reads === BODY || this.#reads === NEXT || this.output.full))
  }

  /** Parses one part of the pending input; false if nothing more can be parsed now. */
  #step(): boolean {
    // While the client does not read its answers, no further request is parsed.
    if (this.#reads === HEAD) return this.input.length > 0 && !this.output.full && this.#readHead()
    const body = this.#exchange?.body
    if (this.#reads !== BODY || body === undefined) return false
    if (!body.complete) return this.input.length > 0 && body.take(this.input)
    this.#reads = NEXT
    return false
  }

  /** Ends the exchange if it is over; true if another head may be read now. */
  #settle(): boolean {
    if (this.#reply?.complete !== true) return false
    const body = this.#exchange?.body
    if (body !== undefined && !body.complete) {
      if (!this.#last && body.canBeReadAway) {
        body.destroy()
        return false
      }
      this.#last = true
      // The client still sends a body; closing the socket before its end would reset it, and could lose the answer.
      this.#clientEnds = false
    }
    this.#exchange = undefined
    this.#reply = undefined
    this.input.forgetLender()
    // A drain after this response's head does not end the connection: the next response first says `Connection: close`.
    if (this.#last) {
      this.#end()
      return false
    }
    this.#reads = HEAD
    this.#idleTimeouts.awaitHead(this.#context.stamp())
    return this.input.length > 0
  }

  #readHead(): boolean {
    const head = this.#heads.read(this.input)
    if (head === undefined) {
      if (this.#heads.hasBegun(this.input)) this.#idleTimeouts.headBegan(this.#context.stamp())
    } else if (head.refusal === undefined) this.#begin(head)
    else this.#refuse(failureOfRefusal(head.refusal))
    return head !== undefined
  }

  #begin(head: RawRequestHead): void {
    const { shared, events, limits, now } = this.#context
    const request = isPlainRequest(head, this.#client) ? undefined : resolveRequest(head, this.#client)
    if (request?.ok === false) return this.#refuse(request.failure)
    // Bytes after a handshake may be WebSocket frames, so they are never parsed as a request, whatever the answer is.
    this.#clientEnds = !head.keepsAlive
    this.#last = this.#clientEnds || head.asksWebSocket || this.#client.countRequest() >= limits.requestsPerConnection
    this.#owesContinue = head.expectsContinue
    const body = head.hasBody ? new Http1RequestBody(this, head) : undefined
    const reply = new Http1Reply(this, head.isHead, head.line.minor === 1, body)
    const upgrade = head.asksWebSocket ? this.#offerUpgrade(head, reply) : undefined
    const isPassing = this.input.reuses(head.bytes)
    const exchange = new Http1Exchange(shared, request?.value, this.#client, now(), body, reply, upgrade, isPassing)
    this.#exchange = exchange
    this.#reply = reply
    this.#reads = body === undefined ? NEXT : BODY
    this.#reader.body = body
    events.onExchange(exchange)
  }

  #offerUpgrade(head: RawRequestHead, reply: Http1Reply): Upgrade {
    return offerUpgrade(head, this.#socket, this.input, () => {
      reply.becameTunnel()
      // From now on the tunnel handles the end of the connection.
      this.#reply = undefined
      this.#exchange = undefined
      this.#reads = TUNNEL
      this.#reader.leave()
    })
  }

  /** Answers input that is not a valid request, and ends the connection. */
  #refuse(failure: Failure): void {
    const answer = answerFailure(failure)
    this.#context.events.onRefusal({ status: answer.status, failure, remoteAddress: this.#client.facts.remoteAddress })
    this.output.write(renderRawAnswer(answer, this.date.text))
    this.#end()
  }

  /** Ends the connection: Linger decides how long it is read, unless the client has already sent its last request. */
  #end(): void {
    this.#reads = ENDED
    this.#reader.stop()
    this.#last = true
    this.#linger = new Linger(this.#context.stamp(), this.#socket.bytesRead)
    this.#heads.stop()
    if (this.#clientEnds && this.input.length === 0) this.output.close()
    else this.output.end()
    this.input.clear()
    this.output.pause(false)
  }

  #onEnd(): void {
    if (this.#reads === TUNNEL || this.#reads === ENDED) return
    // A client that half-closes cannot be told from one that has disconnected, so its request is aborted at once.
    if (this.#reply !== undefined) this.destroy()
    else this.output.end()
  }

  #onClose(): void {
    // The reply is told first, so that the forwarder learns that the client has gone, not just that its body failed.
    this.#reply?.connectionEnded()
    this.#exchange?.body?.fail(new ClientGone())
    this.input.close()
    this.#context.onClosed(this)
  }
}
