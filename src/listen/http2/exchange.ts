import type { Socket } from 'node:net'
import { ClientGone, type Connection, type Exchange, type Upgrade } from '../../http/exchange.ts'
import { RawHeaders } from '../../http/headers.ts'
import type { SendQueues } from '../../platform/send-queues.ts'
import type { DateField } from '../date-field.ts'
import { nextExchangeId } from '../exchange-id.ts'
import type { FrontLimits } from '../limits.ts'
import { WriteProgress } from '../write-progress.ts'
import { Http2Code } from './frames/frame-codes.ts'
import type { Http2Request } from './read-request.ts'
import { Http2Reply, type ReplyOwner } from './reply.ts'
import { Http2Body } from './request-body.ts'
import type { Http2Stream, StreamListener } from './stream.ts'
import { offerTunnel } from './tunnel.ts'

/** The part of a connection that its exchanges use. */
export interface ExchangeConnection {
  readonly facts: Connection
  readonly limits: FrontLimits
  readonly queues: SendQueues
  readonly socket: Socket
  /** Bytes of bodies that have come; the exchanges add theirs. */
  bodyBytes: number
  readonly date: DateField
  /** Called when the stream of this exchange is closed. */
  onOver(exchange: Http2Exchange): void
}

/**
 * One request and its stream. Life: from the head of the request until its stream is closed, and beyond it while it is
 * referenced; owned by its connection.
 */
export class Http2Exchange implements Exchange, ReplyOwner, StreamListener {
  readonly id = nextExchangeId()
  readonly httpVersion = '2'
  readonly receivedAt: number
  readonly connection: Connection
  readonly method: string
  readonly target: string
  readonly path: string
  readonly host: string
  readonly headers: RawHeaders
  readonly body: Http2Body | undefined
  readonly upgrade: Upgrade | undefined
  readonly reply: Http2Reply
  readonly stream: Http2Stream
  /** Its index among the exchanges of its connection, which alone sets this. */
  index = -1
  readonly #owner: ExchangeConnection
  #progress: WriteProgress | undefined
  /** Set when the stream has become a tunnel. */
  #tunnel: StreamListener | undefined

  constructor(stream: Http2Stream, request: Http2Request, owner: ExchangeConnection, receivedAt: number) {
    this.stream = stream
    this.#owner = owner
    this.receivedAt = receivedAt
    this.connection = owner.facts
    this.method = request.method
    this.target = request.target
    this.path = request.path
    this.host = request.host
    this.reply = new Http2Reply(this)
    this.headers = new RawHeaders(request.fields)
    stream.listener = this
    if (request.isWebSocket) {
      this.upgrade = offerTunnel(stream, owner, (tunnel) => {
        this.#tunnel = tunnel
        this.reply.becameTunnel()
      })
      return
    }
    stream.expectedBytes = request.length
    if (stream.hasRequest || request.length === 0) return
    this.body = new Http2Body(stream, owner, request.length, request.expectsContinue ? this.#sendContinue : undefined)
  }

  /** Whether the client, or a fault of it, closed the stream before the answer was complete. */
  get wasReset(): boolean {
    return this.reply.gone && !this.reply.aborted
  }

  get date(): DateField {
    return this.#owner.date
  }

  replied(): void {
    // The answer came before the end of the request.
    if (this.body?.complete === false) this.body.fail(new ClientGone())
  }

  streamDrained(): void {
    if (this.#tunnel === undefined) this.reply.drained()
    else this.#tunnel.streamDrained()
  }

  streamClosed(): void {
    // The reply is told first, so that the forwarder learns that the client has gone, not just that its body failed.
    this.reply.streamClosed()
    if (this.body?.complete === false) this.body.fail(new ClientGone())
    this.#tunnel?.streamClosed()
    this.#owner.onOver(this)
  }

  /** Checks the time limits of this exchange. */
  sweep(now: number): void {
    if (this.#tunnel !== undefined) return
    const { limits, queues, socket } = this.#owner
    const { reply, stream } = this
    this.body?.sweep(now, limits)
    const unsent = stream.queuedBytes
    if (unsent === 0 && this.#progress === undefined) return
    this.#progress ??= new WriteProgress(socket, queues)
    if (this.#progress.hasStalled(now, limits.writeTimeoutMs, unsent, reply.bytes)) reply.abort(Http2Code.cancel)
  }

  readonly #sendContinue = (): void => {
    if (!this.reply.started) this.stream.respond(100, [])
  }
}
