import type { Socket } from 'node:net'
import { answerFailure, type Failure } from '../../http/answer.ts'
import { ClientGone, type Upgrade } from '../../http/exchange.ts'
import { http1Limits } from '../../http1/limits.ts'
import type { RawRequestHead } from '../../http1/request-head.ts'
import { ClientSocket } from './client-socket.ts'
import type { ConnectionContext } from './connection-context.ts'
import type { OpenConnection } from '../connections.ts'
import type { DateField } from './date-field.ts'
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

/** What the next bytes from the client are. */
const HEAD = 0
const BODY = 1
/** Of a request that is not looked at before the one under way has been answered. */
const NEXT = 2
const TUNNEL = 3
/** Nothing any more: they are read and thrown away. */
const ENDED = 4

/**
 * One client's connection, reading HTTP/1.1 from its socket (plain or TLS). Life: from accept to the socket's close; owned
 * by the protocol's Connections.
 * Invariants: one exchange is under way at most; it is over when its reply and its body are complete, and only then is the
 * next head read; once #last is set no further head is read.
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
  /** The request under way is the client's last, by its own words (RFC 9112 9.6). */
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
    // Whatever happens to the socket, `close` follows and says all that matters.
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
      const overdue = this.#idleTimeouts.overdue(now, this.#heads.hasBegun(this.input), limits)
      if (overdue === 'head') this.#refuse({ kind: 'head-too-slow' })
      else if (overdue === 'idle') this.destroy()
    } else if (this.#reads !== ENDED) {
      this.#exchange?.body?.sweep(now, limits)
      this.#pump()
    } else if (this.#linger?.isOver(now, this.output.unsent, this.#socket.bytesRead) === true) this.destroy()
    if (this.output.hasStalled(now, limits.writeTimeoutMs)) this.output.reset()
  }

  /** Uses the pending input as far as it goes. Whoever is called by it may call it again. */
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

  /** One use of pending input; false when there is nothing to do but wait. */
  #step(): boolean {
    // A client that does not read its answers gets no further ones.
    if (this.#reads === HEAD) return this.input.length > 0 && !this.output.full && this.#readHead()
    const body = this.#exchange?.body
    if (this.#reads !== BODY || body === undefined) return false
    if (!body.complete) return this.input.length > 0 && body.take(this.input)
    this.#reads = NEXT
    return false
  }

  /** Ends the exchange if it is over; true when another head may be read now. */
  #settle(): boolean {
    if (this.#reply?.complete !== true) return false
    const body = this.#exchange?.body
    if (body !== undefined && !body.complete) {
      if (!this.#last && body.canBeReadAway) {
        body.destroy()
        return false
      }
      this.#last = true
      // The client still sends a body, so its end is awaited: a reset would take the answer with it.
      this.#clientEnds = false
    }
    this.#exchange = undefined
    this.#reply = undefined
    this.input.forgetLender()
    // While draining, a response that could not say any more that it was the last is followed by one that does.
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
    const { shared, events, now } = this.#context
    const request = isPlainRequest(head, this.#client) ? undefined : resolveRequest(head, this.#client)
    if (request?.ok === false) return this.#refuse(request.failure)
    // What comes behind a handshake may be frames and is never read as a request, whatever the answer is.
    this.#clientEnds = !head.keepsAlive
    this.#last = this.#clientEnds || head.asksWebSocket
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
      // From here on the end of the connection is the tunnel's affair.
      this.#reply = undefined
      this.#exchange = undefined
      this.#reads = TUNNEL
      this.#reader.leave()
    })
  }

  /** Answers what never became a request, and ends the connection. */
  #refuse(failure: Failure): void {
    const answer = answerFailure(failure)
    const { remoteAddress } = this.#client.facts
    this.#context.events.onRefusal({ status: answer.status, failure, remoteAddress })
    this.output.write(renderRawAnswer(answer, this.date.text))
    this.#end()
  }

  /** Sends what there is and our end, then reads on until the client is silent, unless it has said to send nothing more. */
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
    // A client that half-closes cannot be told from one that has left; its request is given up at once.
    if (this.#reply !== undefined) this.destroy()
    else this.output.end()
  }

  #onClose(): void {
    // The reply first: whoever sends to the client learns that it has gone before the body fails for that reason.
    this.#reply?.connectionEnded()
    this.#exchange?.body?.fail(new ClientGone())
    this.input.close()
    this.#context.onClosed(this)
  }
}
