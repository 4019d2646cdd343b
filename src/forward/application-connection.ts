import { connect, type Socket } from 'node:net'
import { BodyKind, BodyReader } from '../wire/body-reader.ts'
import { wireLimits } from '../wire/limits.ts'
import { INCOMPLETE, REFUSED } from '../wire/refusal.ts'
import { hasNoBody, ResponseHead } from '../wire/response-head.ts'
import { Lent } from '../wire/seam.ts'
import { Carry } from './carry.ts'
import { ReadBuffer } from './read-buffer.ts'

/** Who takes the response that a connection reads. */
export interface ResponseTaker {
  /** The request was a HEAD. */
  readonly toHead: boolean
  /** Chunks are given on as they are. */
  readonly keepsFraming: boolean
  /** 0 = infinite. */
  readonly requestTimeout: number
  /** It is the client that lets us wait, not the application. */
  readonly waitsForClient: boolean
  connected(): void
  /** The application can take more of the request. */
  applicationDrained(): void
  /** A 1xx head, not 101. */
  informed(head: ResponseHead): void
  /** The final head and what of its body came with it: `body.from` to `body.to` in `head.bytes`. These are lent. */
  began(head: ResponseHead, body: BodyReader): number
  /** More of the body. Lent. */
  gave(bytes: Buffer, from: number, to: number): number
  /** The response is complete, and this connection is somebody else's or gone. */
  completed(trailers: readonly string[] | undefined): void
  /** The response will never be complete; the connection is gone. */
  broke(cause: Error): void
  timedOut(): void
}

/** Whose connections these are. */
export interface ConnectionOwner {
  readonly port: number
  readonly spareBuffers: Buffer[]
  /** As of the last sweep. */
  readonly recently: number
  /** It may carry another exchange. */
  onFree(connection: ApplicationConnection): void
  onClosed(connection: ApplicationConnection): void
}

const HEAD_LIMITS = { headBytes: wireLimits.responseHeadBytes, headLines: wireLimits.responseHeadLines }

/** From here on a body is worth a large buffer. */
const LARGE_BODY = 262_144

/**
 * One kept-alive connection to a child. Carries one exchange at a time, never pipelined. Life: from connect() to the socket's
 * close; owned by the upstream.
 * Invariants: it is free only when the last response was read to its exact end and the request was sent to its end; what is
 * read while it is free, or behind a response, ends it; after a break it reads nothing.
 */
export class ApplicationConnection {
  /** When a byte last moved. */
  touched: number
  /** The whole request has been written. Set by the taker. */
  requestComplete = false
  readonly #owner: ConnectionOwner
  readonly #socket: Socket
  readonly #buffer: ReadBuffer
  readonly #head = new ResponseHead(HEAD_LIMITS)
  readonly #body = new BodyReader()
  #taker: ResponseTaker | undefined
  /** A head that comes in pieces. */
  readonly #carry = new Carry()
  #inBody = false
  #keeps = true
  #hasServed = false
  #hasReceived = false
  #full = false
  #informationalHeads = 0
  #cause: Error | undefined

  constructor(owner: ConnectionOwner) {
    this.#owner = owner
    this.#buffer = new ReadBuffer(owner.spareBuffers)
    this.touched = owner.recently
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
      this.touched = owner.recently
      this.#taker?.connected()
    })
    socket.on('drain', () => {
      this.touched = owner.recently
      this.#taker?.applicationDrained()
    })
    socket.on('end', () => {
      this.#onEnd()
    })
    socket.on('error', (error) => {
      this.#cause = error
    })
    socket.on('close', () => {
      this.#break(this.#cause ?? new Error('the application ended the connection before its response was complete'))
      owner.onClosed(this)
    })
  }

  get connecting(): boolean {
    return this.#socket.connecting
  }

  /** It has carried an exchange before this one, and nothing has come for this one: it may have been dead already. */
  get mayBeStale(): boolean {
    return this.#hasServed && !this.#hasReceived
  }

  /** The exchange that is under way from now on. */
  assign(taker: ResponseTaker): void {
    this.#taker = taker
    this.#hasReceived = false
    this.#informationalHeads = 0
    this.requestComplete = false
    this.touched = this.#owner.recently
  }

  /** Latin-1. */
  writeText(text: string): boolean {
    return this.#socket.write(text, 'latin1')
  }

  write(chunk: Uint8Array): boolean {
    this.touched = this.#owner.recently
    return this.#socket.write(chunk)
  }

  /** The client can take more. */
  resume(): void {
    if (!this.#full) return
    this.#full = false
    this.touched = this.#owner.recently
    this.#socket.resume()
  }

  /** Ends it now; its taker hears nothing. */
  destroy(): void {
    this.#taker = undefined
    this.#socket.destroy()
  }

  /** Ends it now; its taker hears why. */
  drop(cause: Error): void {
    this.#break(cause)
  }

  sweep(now: number): void {
    const taker = this.#taker
    if (taker === undefined || taker.requestTimeout === 0) return
    if (taker.waitsForClient) this.touched = now
    else if (now - this.touched > taker.requestTimeout) taker.timedOut()
  }

  #onRead(bytes: Buffer, length: number): void {
    this.touched = this.#owner.recently
    if (this.#taker === undefined) {
      this.#socket.destroy()
      return
    }
    this.#hasReceived = true
    if (this.#inBody) this.#readBody(bytes, 0, length)
    else if (this.#carry.length === 0) {
      this.#head.begin(0)
      this.#readHeads(bytes, length)
    } else {
      this.#carry.append(bytes, length)
      this.#readHeads(this.#carry.bytes, this.#carry.length)
    }
  }

  /** Informational heads, then the final one, then what there is of its body. */
  #readHeads(bytes: Buffer, end: number): void {
    const taker = this.#taker
    let from = 0
    for (;;) {
      const after = this.#head.read(bytes, end)
      if (after === INCOMPLETE) {
        if (this.#carry.keep(bytes, from, end)) this.#head.begin(0)
        return
      }
      const fault = after === REFUSED ? this.#head.refusal?.why : this.#faultOfStatus()
      if (fault !== undefined || taker === undefined) {
        this.#break(new Error(`the response of the application is refused: ${fault ?? ''}`))
        return
      }
      if (this.#head.status >= 200) {
        this.#carry.clear()
        this.#begin(bytes, after, end, taker)
        return
      }
      taker.informed(this.#head)
      if (this.#taker !== taker) return
      if (after === end) {
        this.#carry.clear()
        return
      }
      from = after
      this.#head.begin(from)
    }
  }

  #faultOfStatus(): string | undefined {
    const { status } = this.#head
    if (status >= 200) return undefined
    if (status === 101) return 'it switches protocols unasked'
    return ++this.#informationalHeads > wireLimits.informationalHeads ? 'it is informational heads only' : undefined
  }

  #begin(bytes: Buffer, bodyStart: number, end: number, taker: ResponseTaker): void {
    const body = this.#body
    const { chunked, length } = this.#head.framing
    let kind: number = chunked ? BodyKind.chunked : length >= 0 ? BodyKind.length : BodyKind.untilClose
    if (hasNoBody(this.#head.status, taker.toHead)) kind = BodyKind.none
    this.#keeps = this.#head.keepsAlive && kind !== BodyKind.untilClose
    this.#inBody = true
    body.begin(kind, length, bodyStart, taker.keepsFraming)
    let at = bodyStart
    if (at < end && !body.done) at = body.read(bytes, at, end)
    if (at === REFUSED) {
      this.#refuseBody()
      return
    }
    if (kind === BodyKind.length && body.left >= LARGE_BODY) this.#buffer.enlargeNext()
    this.#lend(taker.began(this.#head, body))
    if (this.#taker === taker) this.#readBody(bytes, at, end)
  }

  #readBody(bytes: Buffer, from: number, end: number): void {
    const taker = this.#taker
    const body = this.#body
    let at = from
    while (at < end && !body.done) {
      at = body.read(bytes, at, end)
      if (at === REFUSED) {
        this.#refuseBody()
        return
      }
      if (body.to > body.from) this.#lend(taker?.gave(bytes, body.from, body.to) ?? Lent.done)
      if (this.#taker !== taker) return
    }
    if (body.done) this.#complete(at === end)
  }

  #refuseBody(): void {
    this.#break(new Error(`the response of the application is broken: ${this.#body.refusal?.why ?? ''}`))
  }

  #lend(outcome: number): void {
    if (outcome === Lent.kept) this.#buffer.stillLent()
    if (outcome !== Lent.full || this.#full) return
    // Nothing is read until the client has taken all of it, so that the buffer need not be left to it.
    this.#full = true
    this.#socket.pause()
  }

  /** `exactly`: nothing came behind the response. */
  #complete(exactly: boolean): void {
    const taker = this.#taker
    this.#taker = undefined
    this.#inBody = false
    this.#hasServed = true
    this.#buffer.shrinkNext()
    if (this.#full) this.#buffer.stillLent()
    if (this.#keeps && exactly && this.requestComplete && !this.#socket.destroyed) {
      // A connection that rests paused would never hear its next response.
      this.resume()
      this.#owner.onFree(this)
    } else this.#socket.destroy()
    taker?.completed(this.#body.trailers)
  }

  #onEnd(): void {
    if (this.#taker === undefined || !this.#inBody || !this.#body.endsWithConnection) return
    this.#keeps = false
    this.#complete(true)
  }

  #break(cause: Error): void {
    const taker = this.#taker
    this.#taker = undefined
    this.#socket.destroy()
    taker?.broke(cause)
  }
}
