import type { Socket } from 'node:net'
import { answerFailure, type Failure } from '../../http/answer.ts'
import type { Connection, ResponseHead } from '../../http/exchange.ts'
import { resetSocket } from '../../platform/reset-socket.ts'
import type { SendQueues } from '../../platform/send-queues.ts'
import type { FrontLimits } from '../front.ts'
import { Linger } from '../linger.ts'
import { renderHead, renderRawAnswer } from '../raw-answer.ts'
import { NodeIdleTimeouts } from './idle-timeouts.ts'

/** One request's time on a connection. */
export interface Turn {
  /** Everything before it has been answered: it may answer now. */
  begin(): void
  /** Nothing of its response is missing any more. */
  readonly answered: boolean
  /** The request's body turned out to be broken; false if all of it had arrived, so that the break lies behind it. */
  breakBody(cause: Error): boolean
  /** The connection can take more bytes. */
  drained(): void
  /** The connection has ended. */
  connectionEnded(): void
  sweep(now: number): void
}

export interface ConnectionEvents {
  readonly onRefusal: (failure: Failure, connection: ClientConnection) => void
  readonly onClosed: (connection: ClientConnection) => void
}

/** Requests that may wait behind the one under way before no more is read. */
const PIPELINED = 16

/**
 * One client's connection. Life: from accept to the socket's close; owned by the front's Connections.
 * Invariants: at most one turn is under way; turns answer in the order in which they came; once #last is set no further turn
 * is taken, and the connection ends when those that were taken are over.
 */
export class ClientConnection {
  readonly facts: Connection
  readonly socket: Socket
  readonly #events: ConnectionEvents
  readonly #silence: NodeIdleTimeouts
  readonly #now: () => number
  #turn: Turn | undefined
  #newest: Turn | undefined
  #waiting: Turn[] = []
  #last = false
  #draining = false
  #tunnel = false
  /** From when the connection has ended. */
  #linger: Linger | undefined

  constructor(
    socket: Socket,
    facts: Connection,
    limits: FrontLimits,
    now: () => number,
    events: ConnectionEvents,
    queues: SendQueues,
  ) {
    this.socket = socket
    this.facts = facts
    this.#now = now
    this.#events = events
    this.#silence = new NodeIdleTimeouts(socket, limits, now(), queues)
    // Whatever happens to the socket, `close` follows and says all that matters.
    socket.on('error', () => undefined)
    socket.on('drain', () => this.#turn?.drained())
    // Node lets the socket be read again at the end of each request that it has found, and when the socket drains.
    socket.on('resume', () => {
      this.#holdBack()
    })
    socket.on('end', () => {
      // A client that half-closes cannot be told from one that has left; its request is given up at once.
      if (!this.#tunnel && this.#turn?.answered === false) socket.destroy()
    })
    socket.on('close', () => {
      this.#waiting = []
      this.#turn?.connectionEnded()
      events.onClosed(this)
    })
    // Node ends a connection with this after the last response; destroying it there and then would let unread bytes turn
    // into a reset that takes the response with it.
    socket.destroySoon = () => {
      this.endGently()
    }
  }

  /** No turn is under way, and no head has begun. */
  get idle(): boolean {
    return this.#turn === undefined && this.#linger === undefined && !this.#silence.headHasBegun
  }

  /** Nothing is to follow the response under way. */
  get ending(): boolean {
    return this.#draining || (this.#last && this.#waiting.length === 0)
  }

  /** Takes what the parser has found; `last` when the client wants nothing after it. */
  take(turn: Turn, last: boolean): void {
    if (this.#last || this.#linger !== undefined) return
    this.#last = last
    this.#newest = turn
    if (this.#turn === undefined) {
      this.#start(turn)
      return
    }
    this.#waiting.push(turn)
    this.#holdBack()
  }

  /** The turn under way is over; the next one begins, or the connection rests or ends. */
  finishTurn(): void {
    if (this.#newest === this.#turn) this.#newest = undefined
    this.#turn = undefined
    const next = this.#waiting.shift()
    if (next !== undefined) {
      if (this.#waiting.length < PIPELINED) this.socket.resume()
      this.#start(next)
    } else if (this.#last) {
      // While draining, a response that could not say any more that it was the last is followed by one that does.
      this.endGently()
    } else {
      this.#silence.rest(this.#now())
    }
  }

  /** The turn under way turned out to be none; what comes next is read afresh. */
  giveTurnBack(): void {
    this.#turn = undefined
    this.#newest = undefined
  }

  /** What is being read is not HTTP any more. `failure` is undefined when the connection itself broke. */
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
    const answer = answerFailure(failure)
    this.take(
      {
        begin: () => {
          this.#events.onRefusal(failure, this)
          this.socket.write(renderRawAnswer(answer))
          this.endGently()
        },
        answered: true,
        breakBody: () => true,
        drained: () => undefined,
        connectionEnded: () => undefined,
        sweep: () => undefined,
      },
      true,
    )
  }

  /** A head of the 1xx class, ahead of the response of the turn under way. */
  writeInterimHead(head: ResponseHead): void {
    this.socket.write(renderHead(head.status, head.reason, head.headers), 'latin1')
  }

  /** The connection ends after the turn under way; whatever waits behind it is not served. */
  endAfterTurn(): void {
    this.#last = true
    this.#waiting = []
  }

  /** From now on every response says that the connection ends after it. */
  drain(): void {
    this.#draining = true
  }

  /** The turn under way leaves HTTP: no time limit holds any more, and the socket may be half-closed. */
  becomeTunnel(): void {
    this.#tunnel = true
    this.#last = true
  }

  /** Sends what there is and our end, then waits a moment for the client's. Idempotent. */
  endGently(): void {
    if (this.#linger !== undefined) return
    this.#linger = new Linger(this.#now(), this.socket.bytesRead)
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
      else if (this.#silence.clientDoesNotRead(now)) this.reset()
      return
    }
    if (this.#tunnel) return
    if (this.#turn === undefined) {
      const overdue = this.#silence.overdueAtRest(now)
      if (overdue === 'head') this.refuse({ kind: 'head-too-slow' })
      else if (overdue === 'idle') this.socket.destroy()
      return
    }
    this.#turn.sweep(now)
    if (this.#silence.clientDoesNotRead(now)) this.reset()
  }

  /** Reads nothing more while many requests wait; at the end of this tick, when node has done what it does. */
  #holdBack(): void {
    if (this.#waiting.length < PIPELINED) return
    process.nextTick(() => {
      if (this.#waiting.length >= PIPELINED) this.socket.pause()
    })
  }

  #start(turn: Turn): void {
    this.#turn = turn
    turn.begin()
  }
}
