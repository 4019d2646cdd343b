import { connect, type Socket } from 'node:net'
import type { Connection } from '../../http/exchange.ts'
import type { BodyReader } from '../../http1/body-reader.ts'
import type { RawResponseHead } from '../../http1/response-head.ts'
import { Lent } from '../../http1/passthrough.ts'
import { ReadBuffer } from './read-buffer.ts'
import { isReset } from '../resets.ts'
import { Came, type ResponseParts, ResponseReader } from './response-reader.ts'
import type { ResponseTaker } from './response-taker.ts'

/** Whose connections these are. */
export interface ConnectionOwner {
  readonly port: number
  readonly spareBuffers: Buffer[]
  /** The time to note for what happens now; see Ticker. */
  readonly stamp: number
  /** Counts the turns of the event loop that follow a request. */
  readonly turn: number
  /** It may carry another exchange. */
  onFree(connection: ApplicationConnection): void
  onClosed(connection: ApplicationConnection): void
}

/** From here on a body is worth a large buffer. */
const LARGE_BODY = 262_144

/**
 * One kept-alive connection to a child. Carries one exchange at a time, never pipelined. Life: from connect() to the socket's
 * close; owned by the upstream.
 * Invariants: it is free only when the last response was read to its exact end and the request was sent to its end; what is
 * read while it is free, before its request is sent, or behind a response, ends it; after a break it reads nothing.
 */
export class ApplicationConnection implements ResponseParts {
  /** When a byte last moved. */
  touched: number
  /** The whole request has been written. Set by the taker. */
  requestComplete = false
  /** Whose it is, when it may have been authenticated; see BoundConnections. */
  client: Connection | undefined
  readonly #owner: ConnectionOwner
  readonly #socket: Socket
  readonly #buffer: ReadBuffer
  readonly #reader = new ResponseReader(this)
  #taker: ResponseTaker | undefined
  /** Something of the taker's request has been written: what comes may be its response. */
  #asked = false
  #hasServed = false
  #hasReceived = false
  #askedIn = 0
  #wasUnread = false
  /** Nothing is read until the client has taken what it was lent. */
  #full = false
  #cause: Error | undefined

  constructor(owner: ConnectionOwner) {
    this.#owner = owner
    this.#buffer = new ReadBuffer(owner.spareBuffers)
    this.touched = owner.stamp
    const socket = connect({
      host: '127.0.0.1',
      port: owner.port,
      noDelay: true,
      onread: {
        buffer: () => this.#buffer.next(),
        callback: (length, bytes) => {
          this.#onRead(bytes as Buffer, length)
          return true
        },
      },
    })
    this.#socket = socket
    socket.on('connect', () => {
      this.touched = owner.stamp
      this.#taker?.connected()
    })
    socket.on('drain', () => {
      this.touched = owner.stamp
      this.#taker?.applicationDrained()
    })
    socket.on('end', () => {
      // What is there in the first turn after a request was, unless the turn was long, there before it.
      this.#wasUnread ||= this.#askedIn === owner.turn
      if (this.#taker !== undefined && this.#reader.endsWithConnection) this.#complete(false)
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#cause = error
      this.#wasUnread ||= isReset(error)
    })
    socket.on('close', () => {
      this.drop(this.#cause ?? new Error('the application ended the connection before its response was complete'))
      owner.onClosed(this)
    })
  }

  get connecting(): boolean {
    return this.#socket.connecting
  }

  /** It is open in both directions, as far as is known. */
  get usable(): boolean {
    return this.#socket.writable && this.#socket.readable
  }

  /** It has carried an exchange before this one, and nothing has come for this one: it may have been dead already. */
  get mayBeStale(): boolean {
    return this.#hasServed && !this.#hasReceived
  }

  /** The application's end of it was closed before somebody there read the request, as far as can be known. */
  get wasUnread(): boolean {
    return this.#wasUnread
  }

  /** The exchange that is under way from now on. */
  assign(taker: ResponseTaker): void {
    this.#taker = taker
    this.#asked = false
    this.#hasReceived = false
    this.requestComplete = false
    this.touched = this.#owner.stamp
    this.#reader.begin()
  }

  /** Latin-1. False: full, until applicationDrained(). */
  writeText(text: string): boolean {
    this.#asked = true
    this.#askedIn = this.#owner.turn
    return this.#socket.write(text, 'latin1')
  }

  write(chunk: Uint8Array): boolean {
    this.touched = this.#owner.stamp
    return this.#socket.write(chunk)
  }

  /** Of a chunk that is lent; what waits behind other bytes is copied. Lent.full: until applicationDrained(). */
  lend(chunk: Uint8Array): number {
    const socket = this.#socket
    if (socket.writableLength > 0) return this.write(Buffer.from(chunk)) ? Lent.done : Lent.full
    const hasRoom = this.write(chunk)
    if (socket.writableLength === 0) return Lent.done
    return hasRoom ? Lent.kept : Lent.full
  }

  /** The client can take more. */
  resume(): void {
    if (!this.#full) return
    this.#full = false
    this.touched = this.#owner.stamp
    this.#socket.resume()
  }

  /** Ends it now; its taker hears nothing. */
  destroy(): void {
    this.#taker = undefined
    this.#socket.destroy()
  }

  /** Ends it now; its taker hears why. */
  drop(cause: Error): void {
    const taker = this.#taker
    this.destroy()
    taker?.broke(cause)
  }

  sweep(now: number): void {
    const taker = this.#taker
    if (taker === undefined || taker.requestTimeout === 0) return
    if (taker.waitsForClient) this.touched = now
    else if (now - this.touched > taker.requestTimeout) taker.timedOut()
  }

  get wanted(): boolean {
    return this.#taker !== undefined
  }

  get toHead(): boolean {
    return this.#taker?.toHead === true
  }

  get keepsFraming(): boolean {
    return this.#taker?.keepsFraming === true
  }

  informed(head: RawResponseHead): void {
    this.#taker?.informed(head)
  }

  began(head: RawResponseHead, body: BodyReader): void {
    this.#lent(this.#taker?.began(head, body))
    if (this.#reader.left >= LARGE_BODY) this.#buffer.enlargeNext()
  }

  gave(bytes: Buffer, from: number, to: number): void {
    this.#lent(this.#taker?.gave(bytes, from, to))
  }

  #onRead(bytes: Buffer, length: number): void {
    this.touched = this.#owner.stamp
    // What nobody has asked for yet is not the answer to what is about to be asked: that goes over another connection.
    if (!this.#asked) {
      this.#socket.destroy()
      return
    }
    this.#hasReceived = true
    switch (this.#reader.read(bytes, length)) {
      case Came.whole:
        this.#complete(this.requestComplete && this.#reader.keepsAlive)
        break
      case Came.tooMuch:
        this.#complete(false)
        break
      case Came.broken:
        this.drop(new Error(`the response of the application is refused: ${this.#reader.fault}`))
        break
    }
  }

  #lent(outcome: number | undefined): void {
    if (outcome === Lent.kept) this.#buffer.stillLent()
    if (outcome !== Lent.full || this.#full) return
    // Nothing is read until the client has taken all of it, so that the buffer need not be left to it.
    this.#full = true
    this.#socket.pause()
  }

  #complete(keep: boolean): void {
    const taker = this.#taker
    this.#taker = undefined
    this.#asked = false
    this.#hasServed = true
    this.#buffer.shrinkNext()
    if (this.#full) this.#buffer.stillLent()
    if (keep && !this.#socket.destroyed) {
      // A connection that rests paused would never hear its next response.
      this.resume()
      this.#owner.onFree(this)
    } else this.#socket.destroy()
    taker?.completed(this.#reader.trailers)
  }
}
