import type { Socket } from 'node:net'
import { answerFailure, type Failure } from '../../http/answer.ts'
import type { Connection, ResponseHead } from '../../http/exchange.ts'
import type { Clock } from '../../platform/clock.ts'
import { resetSocket } from '../../platform/reset-socket.ts'
import type { SendQueues } from '../../platform/send-queues.ts'
import type { OpenConnection } from '../connections.ts'
import { IdleTimeouts } from '../idle-timeouts.ts'
import type { FrontLimits } from '../limits.ts'
import { Linger } from '../linger.ts'
import { renderHead, renderRawAnswer } from '../raw-answer.ts'
import { WriteProgress } from '../write-progress.ts'
import { HeadArrival } from './head-arrival.ts'
import { type RequestSlot, refusalSlot } from './request-slot.ts'

export interface ConnectionEvents {
  readonly onRefusal: (failure: Failure, connection: ClientConnection) => void
  readonly onClosed: (connection: ClientConnection) => void
}

/** Requests that may wait behind the one under way before no more is read. */
const PIPELINED = 16

/**
 * One client's connection. Life: from accept to the socket's close; owned by the protocol's Connections.
 * Invariants: at most one request is under way; requests are answered in the order in which they came; once #last is set no
 * further request is taken, and the connection ends when those that were taken are over.
 */
export class ClientConnection implements OpenConnection {
  readonly facts: Connection
  readonly socket: Socket
  readonly #events: ConnectionEvents
  readonly #limits: FrontLimits
  readonly #head: HeadArrival
  readonly #idleTimeouts: IdleTimeouts
  readonly #progress: WriteProgress
  readonly #clock: Clock
  #current: RequestSlot | undefined
  /** What was taken last: the one whose body the parser is reading, if it reads any. */
  #newest: RequestSlot | undefined
  #waiting: RequestSlot[] = []
  #last = false
  #draining = false
  #tunnel = false
  /** Set when our end has been sent. */
  #linger: Linger | undefined

  constructor(
    socket: Socket,
    facts: Connection,
    limits: FrontLimits,
    clock: Clock,
    events: ConnectionEvents,
    queues: SendQueues,
  ) {
    this.socket = socket
    this.facts = facts
    this.#clock = clock
    this.#events = events
    this.#limits = limits
    this.#head = new HeadArrival(socket)
    this.#idleTimeouts = new IdleTimeouts(clock.now())
    this.#progress = new WriteProgress(socket, queues)
    // Whatever happens to the socket, `close` follows and says all that matters.
    socket.on('error', () => undefined)
    socket.on('drain', () => this.#current?.drained())
    // Node resumes the socket at the end of each request that it has found, and when the socket drains.
    socket.on('resume', () => {
      this.#holdBack()
    })
    socket.on('end', () => {
      // A client that half-closes cannot be told from one that has left; its request is given up at once.
      if (!this.#tunnel && this.#current?.answered === false) socket.destroy()
    })
    socket.on('close', () => {
      this.#waiting = []
      this.#current?.connectionEnded()
      events.onClosed(this)
    })
    // Node calls this behind the last response. Its own would destroy the socket at once, and bytes of the client that are
    // still unread would then turn into a reset, which takes the response with it.
    socket.destroySoon = () => {
      this.endGently()
    }
  }

  /** No request is under way, and no head has begun. */
  get idle(): boolean {
    return this.#current === undefined && this.#linger === undefined && !this.#head.hasBegun
  }

  /** No response is to follow the one under way. */
  get ending(): boolean {
    return this.#draining || (this.#last && this.#waiting.length === 0)
  }

  /** Takes a request that the parser has found; `last`: it is the last one by the client's own words. */
  take(request: RequestSlot, last: boolean): void {
    if (this.#last || this.#linger !== undefined) return
    this.#last = last
    this.#newest = request
    if (this.#current === undefined) {
      this.#start(request)
      return
    }
    this.#waiting.push(request)
    this.#holdBack()
  }

  /** The request under way has its whole answer; the next one begins, or the connection becomes idle, or ends. */
  finishRequest(): void {
    if (this.#newest === this.#current) this.#newest = undefined
    this.#current = undefined
    const next = this.#waiting.shift()
    if (next !== undefined) {
      if (this.#waiting.length < PIPELINED) this.socket.resume()
      this.#start(next)
    } else if (this.#last) {
      // While draining, a response that could not say any more that it was the last is followed by one that does.
      this.endGently()
    } else {
      this.#head.awaitHead()
      this.#idleTimeouts.awaitHead(this.#clock.now())
    }
  }

  /** The request under way goes back to the parser, which will find it once more. */
  withdrawRequest(): void {
    this.#current = undefined
    this.#newest = undefined
  }

  /** The parser cannot read what came. `failure` is undefined when the connection itself broke. */
  parserFailed(failure: Failure | undefined, cause: Error): void {
    if (failure === undefined) {
      this.socket.destroy()
    } else if (this.#newest?.breakBody(cause) === true) {
      this.#last = true
    } else {
      this.refuse(failure)
    }
  }

  /** Answers what never became a request, after those before it, and ends the connection. */
  refuse(failure: Failure): void {
    const slot = refusalSlot(() => {
      this.#events.onRefusal(failure, this)
      this.socket.write(renderRawAnswer(answerFailure(failure), this.#clock.wallTime().toUTCString()))
      this.endGently()
    })
    this.take(slot, true)
  }

  /** A head of the 1xx class, ahead of the response to the request under way. */
  writeInterimHead(head: ResponseHead): void {
    this.socket.write(renderHead(head.status, head.reason, head.headers), 'latin1')
  }

  /** The connection ends after the response to the request under way; whatever waits behind it is not served. */
  endAfterReply(): void {
    this.#last = true
    this.#waiting = []
  }

  /** From now on every response says that the connection ends after it. */
  drain(): void {
    this.#draining = true
  }

  /** The request under way leaves HTTP: no time limit holds any more, and the socket may be half-closed. */
  becomeTunnel(): void {
    this.#tunnel = true
    this.#last = true
  }

  /** Sends what there is and our end, then reads on until the client is silent (see Linger). Idempotent. */
  endGently(): void {
    if (this.#linger !== undefined) return
    this.#linger = new Linger(this.#clock.now(), this.socket.bytesRead)
    this.#last = true
    this.#waiting = []
    this.socket.end()
    this.socket.resume()
  }

  /** Ends it so that the client cannot take what it has for the whole of anything. */
  reset(): void {
    resetSocket(this.socket)
  }

  destroy(): void {
    this.socket.destroy()
  }

  /** Looks at every time limit of this connection. */
  sweep(now: number): void {
    if (this.#linger !== undefined) {
      if (this.#linger.isOver(now, this.socket.writableLength, this.socket.bytesRead)) this.socket.destroy()
      else if (this.#clientDoesNotRead(now)) this.reset()
      return
    }
    if (this.#tunnel) return
    if (this.#current === undefined) {
      const overdue = this.#idleTimeouts.overdue(now, this.#head.hasBegun, this.#limits)
      if (overdue === 'head') this.refuse({ kind: 'head-too-slow' })
      else if (overdue === 'idle') this.socket.destroy()
      return
    }
    this.#current.sweep(now)
    if (this.#clientDoesNotRead(now)) this.reset()
  }

  #clientDoesNotRead(now: number): boolean {
    return this.#progress.hasStalled(now, this.#limits.writeTimeoutMs)
  }

  /** Reads nothing more while many requests wait; at the end of this tick, because node resumes the socket until then. */
  #holdBack(): void {
    if (this.#waiting.length < PIPELINED) return
    process.nextTick(() => {
      if (this.#waiting.length >= PIPELINED) this.socket.pause()
    })
  }

  #start(request: RequestSlot): void {
    this.#current = request
    request.begin()
  }
}
