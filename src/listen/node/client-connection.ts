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

/** Reading from the socket pauses while this many requests wait for the current one. */
const MAX_WAITING = 16

/**
 * One client's connection. Life: from accept to the socket's close; owned by the protocol's Connections.
 * Invariants: at most one request is under way; requests are answered in the order in which they came; once #last is
 * set, no further request is taken, and the connection ends when all requests already taken are answered.
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
  /** The request taken last; if the parser is reading a body, it is that of this request. */
  #newest: RequestSlot | undefined
  #waiting: RequestSlot[] = []
  #last = false
  #requests = 0
  #draining = false
  #tunnel = false
  /** Set once this side of the connection is closed for writing. */
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
    // Every socket error is followed by `close`, which is handled below; without a listener node would throw.
    socket.on('error', () => undefined)
    socket.on('drain', () => this.#current?.drained())
    // Node resumes the socket after each parsed request and after each `drain`, so the pause is repeated here.
    socket.on('resume', () => {
      this.#holdBack()
    })
    socket.on('end', () => {
      // A client that half-closes cannot be told from one that has disconnected, so its request is aborted at once.
      if (!this.#tunnel && this.#current?.answered === false) socket.destroy()
    })
    socket.on('close', () => {
      this.#waiting = []
      this.#current?.connectionEnded()
      events.onClosed(this)
    })
    // Node calls this after the last response. Node's own method would destroy the socket at once; if bytes from the
    // client were still unread, the client would get a reset and could lose the response.
    socket.destroySoon = () => {
      this.endGently()
    }
  }

  /** No request is under way, and no head has begun. */
  get idle(): boolean {
    return this.#current === undefined && this.#linger === undefined && !this.#head.hasBegun
  }

  /** Whether the response under way is the last on this connection. */
  get ending(): boolean {
    return this.#draining || (this.#last && this.#waiting.length === 0)
  }

  /** Takes a request from the parser. `last`: the client said that it is the last on this connection. */
  take(request: RequestSlot, last: boolean): void {
    if (this.#last || this.#linger !== undefined) return
    this.#last = last || ++this.#requests >= this.#limits.requestsPerConnection
    this.#newest = request
    if (this.#current === undefined) {
      this.#start(request)
      return
    }
    this.#waiting.push(request)
    this.#holdBack()
  }

  /** Called when the current request is answered: begins the next one, or makes the connection idle, or ends it. */
  finishRequest(): void {
    if (this.#newest === this.#current) this.#newest = undefined
    this.#current = undefined
    const next = this.#waiting.shift()
    if (next !== undefined) {
      if (this.#waiting.length < MAX_WAITING) this.socket.resume()
      this.#start(next)
    } else if (this.#last) {
      // A drain alone does not end the connection here: if it came after this response's head, the next response must
      // tell the client `Connection: close` first.
      this.endGently()
    } else {
      this.#head.awaitHead()
      this.#idleTimeouts.awaitHead(this.#clock.now())
    }
  }

  /** Forgets the current request, because the caller gives its bytes to the parser a second time. */
  withdrawRequest(): void {
    this.#current = undefined
    this.#newest = undefined
  }

  /** Called when the parser cannot read the input. `failure` is undefined if the connection itself broke. */
  parserFailed(failure: Failure | undefined, cause: Error): void {
    if (failure === undefined) {
      this.socket.destroy()
    } else if (this.#newest?.breakBody(cause) === true) {
      this.#last = true
    } else {
      this.refuse(failure)
    }
  }

  /** Answers input that is not a valid request, after all earlier requests are answered, and ends the connection. */
  refuse(failure: Failure): void {
    const slot = refusalSlot(() => {
      this.#events.onRefusal(failure, this)
      this.socket.write(renderRawAnswer(answerFailure(failure), this.#clock.wallTime().toUTCString()))
      this.endGently()
    })
    this.take(slot, true)
  }

  /** Writes a 1xx head, before the final response to the current request. */
  writeInterimHead(head: ResponseHead): void {
    this.socket.write(renderHead(head.status, head.reason, head.headers), 'latin1')
  }

  /** Makes the connection end after the current response; waiting requests are dropped. */
  endAfterReply(): void {
    this.#last = true
    this.#waiting = []
  }

  /** Makes every response that begins from now on say `Connection: close` and be the last. */
  drain(): void {
    this.#draining = true
  }

  /** The current request becomes a tunnel: no time limit applies any more, and the socket may be half-closed. */
  becomeTunnel(): void {
    this.#tunnel = true
    this.#last = true
  }

  /**
   * Sends all that is buffered, closes the socket for writing, and reads on until Linger decides to close it. Calling
   * it again does nothing.
   */
  endGently(): void {
    if (this.#linger !== undefined) return
    this.#linger = new Linger(this.#clock.now(), this.socket.bytesRead)
    this.#last = true
    this.#waiting = []
    this.socket.end()
    this.socket.resume()
  }

  /** Resets the connection, so that the client cannot take an incomplete response for a complete one. */
  reset(): void {
    resetSocket(this.socket)
  }

  destroy(): void {
    this.socket.destroy()
  }

  /** Checks every time limit of this connection. */
  sweep(now: number): void {
    if (this.#linger !== undefined) {
      if (this.#linger.isOver(now, this.socket.writableLength, this.socket.bytesRead)) this.socket.destroy()
      else if (this.#clientDoesNotRead(now)) this.reset()
      return
    }
    if (this.#tunnel) return
    if (this.#current === undefined) {
      const overdue = this.#idleTimeouts.overdue(now, this.#head.hasBegun, this.#limits, this.facts.idleTimeoutMs)
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

  /** Pauses reading while many requests wait; in the next tick, because node resumes the socket in this one. */
  #holdBack(): void {
    if (this.#waiting.length < MAX_WAITING) return
    process.nextTick(() => {
      if (this.#waiting.length >= MAX_WAITING) this.socket.pause()
    })
  }

  #start(request: RequestSlot): void {
    this.#current = request
    request.begin()
  }
}
