import { constants, type ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { ClientGone, type Connection, type Exchange, type Upgrade } from '../../http/exchange.ts'
import { RawHeaders } from '../../http/headers.ts'
import type { SendQueues } from '../../platform/send-queues.ts'
import { nextExchangeId } from '../exchange-id.ts'
import type { FrontLimits } from '../limits.ts'
import { WriteProgress } from '../write-progress.ts'
import type { Http2Request } from './read-request.ts'
import { endUnread, Http2Reply, type ReplyOwner } from './reply.ts'
import { Http2Body } from './request-body.ts'
import { offerTunnel } from './tunnel.ts'

const { NGHTTP2_CANCEL } = constants

/** The part of a connection that its exchanges use. */
export interface ExchangeConnection {
  readonly facts: Connection
  readonly limits: FrontLimits
  readonly queues: SendQueues
  readonly socket: Socket
  /** Bytes of bodies that have come; the exchanges add theirs. */
  bodyBytes: number
  flushAtEndOfTurn(reply: Http2Reply): void
  /** Called when the stream of this exchange is closed. */
  onOver(exchange: Http2Exchange): void
}

/**
 * One request and its stream. Life: from the head of the request until its stream is closed, and beyond it while it is
 * referenced; owned by its connection.
 */
export class Http2Exchange implements Exchange, ReplyOwner {
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
  readonly stream: ServerHttp2Stream
  /** Its index among the exchanges of its connection, which alone sets this. */
  index = -1
  readonly #owner: ExchangeConnection
  #progress: WriteProgress | undefined
  #isTunnel = false

  constructor(stream: ServerHttp2Stream, request: Http2Request, owner: ExchangeConnection, receivedAt: number) {
    this.stream = stream
    this.#owner = owner
    this.receivedAt = receivedAt
    this.connection = owner.facts
    this.method = request.method
    this.target = request.target
    this.path = request.path
    this.host = request.host
    const reply = new Http2Reply(this)
    this.reply = reply
    stream.on('close', this.#closed)
    // Every error is followed by `close`; without a listener node would throw.
    stream.on('error', ignore)
    this.headers = new RawHeaders(request.fields)
    if (request.isWebSocket) {
      this.upgrade = offerTunnel(stream, owner, () => {
        this.#isTunnel = true
        reply.becameTunnel()
      })
      return
    }
    if (stream.endAfterHeaders || request.length === 0) return
    this.body = new Http2Body(stream, owner, request.length, request.expectsContinue ? this.#sendContinue : undefined)
    // A client may reset with NO_ERROR; then `close` comes only after what is paused was read.
    stream.once('aborted', () => {
      process.nextTick(() => {
        stream.destroy()
      })
    })
  }

  /** Whether the client, or the library, closed the stream before the answer was complete. */
  get wasReset(): boolean {
    return this.reply.gone && !this.reply.aborted
  }

  flushAtEndOfTurn(reply: Http2Reply): void {
    this.#owner.flushAtEndOfTurn(reply)
  }

  replied(): void {
    if (this.stream.endAfterHeaders || this.body?.complete === true) return
    // The answer came before the end of the request. NO_ERROR asks the client to send no more (RFC 9113 8.1).
    this.body?.fail(new ClientGone())
    endUnread(this.stream)
  }

  /** Checks the time limits of this exchange. */
  sweep(now: number): void {
    if (this.#isTunnel) return
    const { limits, queues } = this.#owner
    const { reply, stream } = this
    // A client has reset it with NO_ERROR, and the library waits until somebody reads the body of a HEAD.
    if (stream.closed && !reply.complete) stream.destroy()
    this.body?.sweep(now, limits)
    const unsent = stream.destroyed ? 0 : stream.writableLength
    if (unsent === 0 && this.#progress === undefined) return
    this.#progress ??= new WriteProgress(this.#owner.socket, queues)
    if (this.#progress.hasStalled(now, limits.writeTimeoutMs, unsent, reply.bytes)) reply.abort(NGHTTP2_CANCEL)
  }

  readonly #closed = (): void => {
    // The reply is told first, so that the forwarder learns that the client has gone, not just that its body failed.
    this.reply.streamClosed()
    this.body?.fail(new ClientGone())
    this.#owner.onOver(this)
  }

  readonly #sendContinue = (): void => {
    if (!this.reply.started && !this.stream.destroyed && !this.stream.closed)
      this.stream.additionalHeaders({ ':status': 100 })
  }
}

function ignore(): void {}
