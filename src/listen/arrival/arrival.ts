import type { Socket } from 'node:net'
import { answerFailure } from '../../http/answer.ts'
import { ConnectionFacts, type Learnt, type Listened, plainAddress } from '../connection-facts.ts'
import type { OpenConnection } from '../connections.ts'
import { Linger } from '../linger.ts'
import type { ConnectionRefusal } from '../protocol.ts'
import { renderRawAnswer } from '../raw-answer.ts'
import { type FirstBytes, readFirstBytes } from './client-hello.ts'
import type { Handshakes, SecuredConnection } from './handshakes.ts'

/** What all arrivals of an entrance share. */
export interface ArrivalContext {
  /** Undefined: plain HTTP. */
  readonly handshakes: Handshakes | undefined
  /** The protocol that gets the connection. */
  readonly deliver: (socket: Socket, facts: ConnectionFacts, isHttp2: boolean) => void
  readonly onRefusal: (refusal: ConnectionRefusal) => void
  readonly onGone: (arrival: Arrival) => void
  /** Monotonic milliseconds. */
  readonly now: () => number
  /** The value of a Date field. */
  readonly date: () => string
}

/** Milliseconds from accept to the end of the TLS handshake. Node's own limit is two minutes. */
export const handshakeTimeoutMs = 10_000

/**
 * A connection before its first request: it reads the first bytes, lets TLS do the handshake, and hands the connection
 * to its protocol. Life: from accept until the protocol has the socket or the socket has closed; owned by the
 * entrance's Connections. Invariant: it listens to `data` and `end` of the socket only while it reads.
 */
export class Arrival implements OpenConnection {
  readonly #socket: Socket
  readonly #listened: Listened
  readonly #context: ArrivalContext
  readonly #since: number
  readonly #remoteAddress: string
  #pieces: Buffer[] = []
  #received = 0
  #needed = 1
  /** Set when the connection has been answered and only waits for the client to read the answer. */
  #linger: Linger | undefined
  #isOver = false

  constructor(socket: Socket, listened: Listened, context: ArrivalContext) {
    this.#socket = socket
    this.#listened = listened
    this.#context = context
    this.#since = context.now()
    this.#remoteAddress = plainAddress(socket.remoteAddress ?? '')
    // Every error is followed by `close`.
    socket.on('error', () => undefined).on('close', this.#onClose)
    socket.on('end', this.#onEnd).on('data', this.#onData)
  }

  /** It has no request yet, so a stop may end it. */
  get idle(): boolean {
    return this.#linger === undefined
  }

  drain(): void {
    // The protocol that gets the connection tells the client that it ends.
  }

  destroy(): void {
    this.#socket.destroy()
  }

  sweep(now: number): void {
    if (this.#linger !== undefined) {
      const { writableLength, bytesRead } = this.#socket
      if (this.#linger.isOver(now, writableLength, bytesRead)) this.destroy()
    } else if (now - this.#since > handshakeTimeoutMs) this.#refuse({ kind: 'handshake-too-slow' })
  }

  readonly #onClose = (): void => {
    this.#leave()
  }

  readonly #onEnd = (): void => {
    this.destroy()
  }

  readonly #onData = (piece: Buffer): void => {
    this.#pieces.push(piece)
    this.#received += piece.length
    if (this.#received < this.#needed) return
    const bytes = this.#pieces.length === 1 ? piece : Buffer.concat(this.#pieces)
    this.#pieces = [bytes]
    this.#take(readFirstBytes(bytes), bytes)
  }

  #take(first: FirstBytes, bytes: Buffer): void {
    switch (first.kind) {
      case 'partial':
        this.#needed = first.atLeast
        return
      case 'hello':
        this.#secure(first.serverName, bytes)
        return
      case 'http':
        this.#answerPlainHttp()
        return
      case 'foreign':
        this.#refuse({ kind: 'handshake-failed', why: first.why })
    }
  }

  #secure(serverName: string, bytes: Buffer): void {
    this.#stopReading()
    this.#socket.unshift(bytes)
    const localAddress = (): string => this.#listened.address ?? plainAddress(this.#socket.localAddress ?? '')
    this.#context.handshakes?.begin(this.#socket, serverName, localAddress, {
      onSecured: (secured) => {
        this.#deliverSecured(secured)
      },
      onFailed: (why) => {
        this.#refuse({ kind: 'handshake-failed', why })
      },
    })
  }

  #deliverSecured({ socket, isHttp2, learnt }: SecuredConnection): void {
    // The handshake may end in the same turn of the event loop in which a time limit ended the connection.
    if (this.#isOver || this.#socket.destroyed) socket.destroy()
    else this.#deliver(socket, learnt, isHttp2)
  }

  #deliver(socket: Socket, learnt: Learnt, isHttp2: boolean): void {
    this.#context.deliver(socket, new ConnectionFacts(socket, this.#listened, learnt), isHttp2)
    this.#socket.off('close', this.#onClose)
    this.#leave()
  }

  #stopReading(): void {
    this.#socket.off('data', this.#onData).off('end', this.#onEnd).pause()
    this.#pieces = []
  }

  /** A browser that was told `http://` for this port gets a page that says so, as from nginx. */
  #answerPlainHttp(): void {
    const failure = { kind: 'bad-request', why: 'this port is for https, and the request came as plain http' } as const
    const answer = answerFailure(failure)
    this.#context.onRefusal({ status: answer.status, failure, remoteAddress: this.#remoteAddress })
    this.#pieces = []
    this.#linger = new Linger(this.#context.now(), this.#socket.bytesRead)
    this.#socket.off('data', this.#onData).off('end', this.#onEnd).resume()
    this.#socket.end(renderRawAnswer(answer, this.#context.date()))
  }

  #refuse(failure: ConnectionRefusal['failure']): void {
    if (this.#isOver) return
    this.#context.onRefusal({ status: 0, failure, remoteAddress: this.#remoteAddress })
    this.destroy()
  }

  #leave(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#pieces = []
    this.#context.onGone(this)
  }
}
