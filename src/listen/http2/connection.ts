import { constants, performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { answerFailure, type Failure } from '../../http/answer.ts'
import type { Connection } from '../../http/exchange.ts'
import { RawHeaders } from '../../http/headers.ts'
import type { Clock } from '../../platform/clock.ts'
import type { SendQueues } from '../../platform/send-queues.ts'
import type { OpenConnection } from '../connections.ts'
import { IdleTimeouts } from '../idle-timeouts.ts'
import type { FrontLimits } from '../limits.ts'
import { Linger } from '../linger.ts'
import type { ConnectionRefusal, FrontEvents } from '../protocol.ts'
import { type ExchangeConnection, Http2Exchange } from './exchange.ts'
import { FloodGuard } from './flood-guard.ts'
import { http2Limits } from './limits.ts'
import { Pulse } from './pulse.ts'
import { readHttp2Request } from './read-request.ts'
import { endUnread, Http2Reply } from './reply.ts'

/** What all connections of one front share. */
export interface Http2Context {
  readonly events: FrontEvents
  readonly limits: FrontLimits
  readonly clock: Clock
  readonly queues: SendQueues
  readonly onClosed: (connection: OpenConnection) => void
}

const sessionOptions = {
  maxHeaderListPairs: http2Limits.headLines,
  maxSessionInvalidFrames: http2Limits.invalidFrames,
  maxSendHeaderBlockLength: http2Limits.sendHeadBytes,
  maxSessionMemory: http2Limits.memoryMegabytes,
  settings: {
    maxConcurrentStreams: http2Limits.streams,
    maxHeaderListSize: http2Limits.headBytes,
    enableConnectProtocol: true,
  },
}

/**
 * One client's connection, as a session of Node's HTTP/2 library. Life: from accept to the socket's close; owned by the
 * protocol's Connections. Invariant: an exchange is in #open from its head until its stream is closed; once the session
 * is closed or destroyed no further request is taken.
 */
export class Http2Connection implements OpenConnection, ExchangeConnection {
  readonly facts: Connection
  readonly socket: Socket
  readonly limits: FrontLimits
  readonly queues: SendQueues
  bodyBytes = 0
  readonly #context: Http2Context
  readonly #session: ServerHttp2Session
  readonly #idleTimeouts: IdleTimeouts
  readonly #flood: FloodGuard
  readonly #pulse: Pulse
  readonly #open: Http2Exchange[] = []
  /** Replies whose heads wait for the end of this turn. */
  #waiting: Http2Reply[] = []
  #requests = 0
  #isDraining = false
  #linger: Linger | undefined

  constructor(socket: Socket, facts: Connection, context: Http2Context) {
    this.socket = socket
    this.facts = facts
    this.limits = context.limits
    this.queues = context.queues
    this.#context = context
    const now = context.clock.now()
    this.#idleTimeouts = new IdleTimeouts(now)
    this.#flood = new FloodGuard(now)
    // No client of HTTP/2 half-closes its connection, so an end of the socket is an end of the connection.
    socket.allowHalfOpen = false
    // Every socket error is followed by `close`; without a listener node would throw.
    socket.on('error', ignore)
    socket.once('close', () => {
      context.onClosed(this)
    })
    const session = performServerHandshake(socket, sessionOptions)
    this.#session = session
    this.#pulse = new Pulse(session, socket, context.queues, now, context.limits)
    session.on('error', ignore)
    session.on('stream', this.#onStream as (stream: ServerHttp2Stream) => void)
  }

  get idle(): boolean {
    return this.#open.length === 0
  }

  /** Announces the end by GOAWAY if requests are under way, else when the next one is answered. */
  drain(): void {
    this.#isDraining = true
    if (!this.idle) this.#session.close()
  }

  /** Ends the connection: an idle one by GOAWAY. */
  destroy(): void {
    if (this.idle && !this.#session.destroyed) this.#session.destroy()
    else this.socket.destroy()
  }

  /** Checks every time limit of this connection. */
  sweep(now: number): void {
    const { socket } = this
    if (this.#session.destroyed) {
      // The GOAWAY may still be on its way.
      this.#linger ??= new Linger(now, socket.bytesRead)
      if (this.#linger.isOver(now, 0, socket.bytesRead)) socket.destroy()
      return
    }
    if (!this.#pulse.beats(now, !this.idle)) {
      socket.destroy()
      return
    }
    const { bodyBytes } = this
    this.bodyBytes = 0
    if (!this.#flood.sweep(now, socket.bytesRead, socket.bytesWritten, bodyBytes)) {
      this.#cutFlood()
      return
    }
    if (!this.idle) {
      for (const exchange of [...this.#open]) exchange.sweep(now)
      return
    }
    const overdue = this.#idleTimeouts.overdue(now, false, this.limits, this.facts.idleTimeoutMs)
    if (overdue !== undefined) this.destroy()
  }

  flushAtEndOfTurn(reply: Http2Reply): void {
    if (this.#waiting.push(reply) === 1) setImmediate(this.#flush)
  }

  onOver(exchange: Http2Exchange): void {
    const last = this.#open.pop() as Http2Exchange
    if (last !== exchange) {
      last.index = exchange.index
      this.#open[last.index] = last
    }
    if (!this.#flood.requestOver(exchange.wasReset)) this.#cutFlood()
    if (!this.idle) return
    this.#idleTimeouts.awaitHead(this.#context.clock.now())
    if (this.#isDraining) this.#session.close()
  }

  readonly #onStream = (stream: ServerHttp2Stream, _fields: object, _flags: number, raw: readonly string[]): void => {
    const session = this.#session
    if (session.destroyed) return
    if (stream.destroyed || stream.closed) {
      // The client has reset it already; its application never hears of it.
      stream.on('error', ignore)
      if (!this.#flood.requestOver(true)) this.#cutFlood()
      return
    }
    const request = readHttp2Request(raw, this.facts.scheme, this.limits)
    if (++this.#requests === http2Limits.requests) session.close()
    if (!request.ok) {
      this.#refuse(stream, request.failure, raw)
      return
    }
    this.#flood.head(request.value.headBytes, !stream.endAfterHeaders)
    const exchange = new Http2Exchange(stream, request.value, this, this.#context.clock.now())
    exchange.index = this.#open.push(exchange) - 1
    this.#context.events.onExchange(exchange)
  }

  #refuse(stream: ServerHttp2Stream, failure: Failure, raw: readonly string[]): void {
    const answer = answerFailure(failure, { accept: new RawHeaders(raw).get('accept') })
    this.#report({ status: answer.status, failure, remoteAddress: this.facts.remoteAddress })
    const method = raw[raw.indexOf(':method') + 1] as string
    stream.on('error', ignore)
    const reply = new Http2Reply({
      stream,
      method,
      flushAtEndOfTurn: () => undefined,
      replied: () => {
        if (!stream.endAfterHeaders) endUnread(stream)
      },
    })
    reply.answer(answer)
  }

  #cutFlood(): void {
    if (this.#session.destroyed) return
    this.#report({ status: 0, failure: { kind: 'flood' }, remoteAddress: this.facts.remoteAddress })
    this.#session.destroy(new Error('a flood of useless frames or resets'), constants.NGHTTP2_ENHANCE_YOUR_CALM)
  }

  #report(refusal: ConnectionRefusal): void {
    this.#context.events.onRefusal(refusal)
  }

  readonly #flush = (): void => {
    const waiting = this.#waiting
    this.#waiting = []
    for (const reply of waiting) reply.flush()
  }
}

function ignore(): void {}
