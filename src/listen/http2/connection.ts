import type { Socket } from 'node:net'
import { answerFailure, type Failure } from '../../http/answer.ts'
import type { Connection } from '../../http/exchange.ts'
import type { Clock } from '../../platform/clock.ts'
import { readIntoBuffers } from '../../platform/accepted-reads.ts'
import type { SendQueues } from '../../platform/send-queues.ts'
import type { OpenConnection } from '../connections.ts'
import type { DateField } from '../date-field.ts'
import { IdleTimeouts } from '../idle-timeouts.ts'
import type { FrontLimits } from '../limits.ts'
import { Linger } from '../linger.ts'
import type { ConnectionRefusal, FrontEvents } from '../protocol.ts'
import { WriteProgress } from '../write-progress.ts'
import { type ExchangeConnection, Http2Exchange } from './exchange.ts'
import { FloodGuard } from './flood-guard.ts'
import { Http2Code } from './frames/frame-codes.ts'
import type { HeadList } from './hpack/head-list.ts'
import { http2Limits } from './limits.ts'
import { Pulse } from './pulse.ts'
import { readHttp2Request } from './read-request.ts'
import { Http2Reply } from './reply.ts'
import { Http2Session, type RequestTaker } from './session.ts'
import type { Http2Stream } from './stream.ts'
import type { Flushed, TurnEnd } from '../turn-end.ts'

/** What all connections of one front share. */
export interface Http2Context {
  readonly events: FrontEvents
  readonly limits: FrontLimits
  readonly clock: Clock
  readonly date: DateField
  readonly queues: SendQueues
  /** The buffer into which every socket is read. */
  readonly readBuffer: Buffer
  readonly turn: TurnEnd
  readonly onClosed: (connection: OpenConnection) => void
}

/**
 * One client's connection: its session, its exchanges, its time limits. Life: from accept to the socket's close; owned
 * by the protocol's Connections. Invariant: an exchange is in #open from its head until its stream is closed; once the
 * session is over no further request is taken.
 */
export class Http2Connection implements OpenConnection, ExchangeConnection, RequestTaker, Flushed {
  readonly facts: Connection
  readonly socket: Socket
  readonly limits: FrontLimits
  readonly queues: SendQueues
  bodyBytes = 0
  readonly #context: Http2Context
  readonly #session: Http2Session
  readonly #idleTimeouts: IdleTimeouts
  readonly #flood: FloodGuard
  readonly #pulse: Pulse
  readonly #progress: WriteProgress
  readonly #open: Http2Exchange[] = []
  #requests = 0
  #malformed = 0
  #isDraining = false
  #isPaused = false
  #awaitsTurnEnd = false
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
    this.#progress = new WriteProgress(socket, context.queues)
    const session = new Http2Session(socket, this, () => {
      if (this.#awaitsTurnEnd) return
      this.#awaitsTurnEnd = true
      context.turn.add(this)
    })
    this.#session = session
    this.#pulse = new Pulse(socket, context.queues, now, context.limits, () => {
      session.sender.ping(() => {
        this.#pulse.answered()
      })
    })
    // No client of HTTP/2 half-closes its connection, so an end of the socket is an end of the connection.
    socket.allowHalfOpen = false
    const isBuffered = readIntoBuffers(socket, {
      buffer: () => context.readBuffer,
      callback: (length, buffer) => this.#read(buffer, length),
    })
    if (!isBuffered) socket.on('data', (chunk: Buffer) => void this.#read(chunk, chunk.length))
    socket.on('drain', () => {
      session.sender.pump()
      this.#pauseIfNeeded()
    })
    socket.on('end', () => socket.destroy())
    // Every socket error is followed by `close`; without a listener node would throw.
    socket.on('error', ignore)
    socket.once('close', () => {
      session.closed()
      context.onClosed(this)
    })
  }

  get idle(): boolean {
    return this.#open.length === 0
  }

  get date(): DateField {
    return this.#context.date
  }

  /** Announces the end by GOAWAY if requests are under way, else when the next one is answered. */
  drain(): void {
    this.#isDraining = true
    if (!this.idle) this.#session.goAway()
  }

  /** Ends the connection: an idle one by GOAWAY. */
  destroy(): void {
    if (this.idle && !this.#session.isOver) {
      this.#session.end(Http2Code.noError)
      this.socket.destroySoon()
    } else this.socket.destroy()
  }

  /** Checks every time limit of this connection. */
  sweep(now: number): void {
    const { socket } = this
    if (this.#session.isOver) {
      // The GOAWAY may still be on its way.
      this.#linger ??= new Linger(now, socket.bytesRead)
      if (this.#linger.isOver(now, 0, socket.bytesRead)) socket.destroy()
      return
    }
    if (!this.#pulse.beats(now, !this.idle) || this.#progress.hasStalled(now, this.limits.writeTimeoutMs)) {
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

  flush(): void {
    this.#awaitsTurnEnd = false
    this.#session.flush()
    this.#pauseIfNeeded()
  }

  requestCame(stream: Http2Stream, list: HeadList): void {
    const request = readHttp2Request(list, this.facts.scheme, stream.hasRequest, this.limits)
    if (++this.#requests === http2Limits.requests) this.#session.goAway()
    if (!request.ok) {
      this.#refuse(stream, request.failure, list)
      return
    }
    this.#flood.head(request.value.headBytes, !stream.hasRequest)
    const exchange = new Http2Exchange(stream, request.value, this, this.#context.clock.now())
    exchange.index = this.#open.push(exchange) - 1
    this.#context.events.onExchange(exchange)
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
    if (this.#isDraining) this.#session.goAway()
  }

  #read(bytes: Buffer, length: number): boolean {
    this.#session.read(bytes, 0, length)
    this.#pauseIfNeeded()
    return !this.#isPaused
  }

  /** A client that does not read what it is sent is not read either. */
  #pauseIfNeeded(): void {
    const pauses = this.#session.unsent > http2Limits.unsentBytes
    if (pauses === this.#isPaused) return
    this.#isPaused = pauses
    if (pauses) this.socket.pause()
    else this.socket.resume()
  }

  #refuse(stream: Http2Stream, failure: Failure, list: HeadList): void {
    const valueOf = (name: string): string | undefined => list.fields.find((field) => field.name === name)?.value
    const answer = answerFailure(failure, { accept: valueOf('accept') })
    this.#report({ status: answer.status, failure, remoteAddress: this.facts.remoteAddress })
    const owner = { stream, method: valueOf(':method') ?? '', date: this.date, replied: ignore }
    new Http2Reply(owner).answer(answer)
    if (failure.kind === 'bad-request' && ++this.#malformed > http2Limits.invalidFrames) this.#cutFlood()
  }

  #cutFlood(): void {
    if (this.#session.isOver) return
    this.#report({ status: 0, failure: { kind: 'flood' }, remoteAddress: this.facts.remoteAddress })
    this.#session.end(Http2Code.enhanceYourCalm)
  }

  #report(refusal: ConnectionRefusal): void {
    this.#context.events.onRefusal(refusal)
  }
}

function ignore(): void {}
