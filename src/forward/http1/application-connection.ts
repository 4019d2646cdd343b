import { connect, type Socket } from 'node:net'
import type { Connection } from '../../http/exchange.ts'
import type { BodyReader } from '../../http1/body-reader.ts'
import type { RawResponseHead } from '../../http1/response-head.ts'
import { Lent } from '../../http/lent.ts'
import type { ConnectionOwner } from './connection-owner.ts'
import { ReadBuffer } from './read-buffer.ts'
import { isReset, probeAtEnd } from '../resets.ts'
import { ReadOutcome, type ResponseParts, ResponseReader } from './response-reader.ts'
import type { ResponseReceiver } from './response-receiver.ts'

/**
 * One kept-alive connection to a child. Carries one exchange at a time, never pipelined. Life: from connect() to the
 * socket's close; owned by the upstream.
 * Invariants: it is free only when the last response was read to its exact end and its request was sent completely;
 * bytes that come while it is free, before its request is sent, or after a complete response end the connection; a
 * broken connection reads nothing more.
 */
export class ApplicationConnection implements ResponseParts {
  /** When a byte was last sent or received, in monotonic milliseconds. */
  lastActivityAt: number
  /** Whether the whole request has been written. Set by the receiver. */
  requestComplete = false
  /** The client to which it is bound, because it may be authenticated as that client's user; see BoundConnections. */
  client: Connection | undefined
  readonly #owner: ConnectionOwner
  readonly #socket: Socket
  readonly #buffer: ReadBuffer
  readonly #reader = new ResponseReader(this)
  #receiver: ResponseReceiver | undefined
  /** Whether a part of the request has been written, so that bytes that come may be its response. */
  #hasSent = false
  #hasServed = false
  #hasReceived = false
  #freedInTurn = -1
  #wasUnread = false
  /** Whether reading is paused until the client has taken the bytes that it was lent. */
  #full = false
  #cause: Error | undefined

  constructor(owner: ConnectionOwner) {
    this.#owner = owner
    this.#buffer = new ReadBuffer(owner.spareBuffers)
    this.lastActivityAt = owner.stamp
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
      this.lastActivityAt = owner.stamp
      this.#receiver?.connected()
    })
    socket.on('drain', () => {
      this.lastActivityAt = owner.stamp
      this.#receiver?.applicationDrained()
    })
    const isWaiting = (): boolean => this.#receiver !== undefined && this.#hasSent && this.mayBeStale
    probeAtEnd(socket, isWaiting, () => void (this.#wasUnread = true))
    socket.on('end', () => {
      if (this.#receiver !== undefined && this.#reader.endsWithConnection) this.#complete(false)
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

  /** Whether it is open in both directions, as far as is known. */
  get usable(): boolean {
    return this.#socket.writable && this.#socket.readable
  }

  /** Whether it may have been dead before this exchange: it is not new, and nothing has come for this exchange. */
  get mayBeStale(): boolean {
    return this.#hasServed && !this.#hasReceived
  }

  /** Whether the application closed it before reading the request, as far as can be known. */
  get wasUnread(): boolean {
    return this.#wasUnread
  }

  /**
   * Whether its previous response was read in the turn that has just ended. Then the end of the connection may still be
   * unread: it comes one turn after the bytes before it.
   */
  get wasFreedInLastTurn(): boolean {
    return this.#freedInTurn === this.#owner.turn - 1
  }

  /** Begins an exchange. */
  assign(receiver: ResponseReceiver): void {
    this.#receiver = receiver
    this.#hasSent = false
    this.#hasReceived = false
    this.requestComplete = false
    this.lastActivityAt = this.#owner.stamp
    this.#reader.begin()
  }

  /** Writes Latin-1 text. False: the connection is full until applicationDrained(). */
  writeText(text: string): boolean {
    this.#hasSent = true
    return this.#socket.write(text, 'latin1')
  }

  write(chunk: Uint8Array): boolean {
    this.lastActivityAt = this.#owner.stamp
    return this.#socket.write(chunk)
  }

  /** Writes a chunk that is lent; it is copied if other bytes wait before it. Lent.full: until applicationDrained(). */
  lend(chunk: Uint8Array): number {
    const socket = this.#socket
    if (socket.writableLength > 0) return this.write(Buffer.from(chunk)) ? Lent.done : Lent.full
    return outcomeOf(socket, this.write(chunk))
  }

  /** As lend(), together with a text that comes before the chunk. */
  lendBehind(text: string, chunk: Uint8Array): number {
    const socket = this.#socket
    socket.cork()
    this.writeText(text)
    const hasRoom = this.write(chunk)
    socket.uncork()
    return outcomeOf(socket, hasRoom)
  }

  /** The client can take more: reads on. */
  resume(): void {
    if (!this.#full) return
    this.#full = false
    this.lastActivityAt = this.#owner.stamp
    this.#socket.resume()
  }

  /** Closes it now, without telling its receiver. */
  destroy(): void {
    this.#receiver = undefined
    this.#socket.destroy()
  }

  /** Closes it now, and tells its receiver why. */
  drop(cause: Error): void {
    const receiver = this.#receiver
    this.destroy()
    receiver?.broke(cause)
  }

  /** Checks requestTimeout. */
  sweep(now: number): void {
    const receiver = this.#receiver
    if (receiver === undefined || receiver.requestTimeout === 0) return
    if (receiver.waitsForClient) this.lastActivityAt = now
    else if (now - this.lastActivityAt > receiver.requestTimeout) receiver.timedOut()
  }

  get wanted(): boolean {
    return this.#receiver !== undefined
  }

  get toHead(): boolean {
    return this.#receiver?.toHead === true
  }

  get keepsFraming(): boolean {
    return this.#receiver?.keepsFraming === true
  }

  informed(head: RawResponseHead): void {
    this.#receiver?.informed(head)
  }

  began(head: RawResponseHead, body: BodyReader): void {
    this.#lent(this.#receiver?.began(head, body))
    this.#buffer.expects(this.#reader.left)
  }

  gave(bytes: Buffer, from: number, to: number): void {
    this.#lent(this.#receiver?.gave(bytes, from, to))
  }

  #onRead(bytes: Buffer, length: number): void {
    this.lastActivityAt = this.#owner.stamp
    // Bytes that come before the request is sent are not its response; the request goes over another connection.
    if (!this.#hasSent) {
      this.#socket.destroy()
      return
    }
    this.#hasReceived = true
    switch (this.#reader.read(bytes, length)) {
      case ReadOutcome.whole:
        this.#complete(this.requestComplete && this.#reader.keepsAlive)
        break
      case ReadOutcome.tooMuch:
        this.#complete(false)
        break
      case ReadOutcome.broken:
        this.drop(new Error(`the response of the application is refused: ${this.#reader.fault}`))
        break
    }
  }

  #lent(outcome: number | undefined): void {
    if (outcome === Lent.kept) this.#buffer.stillLent()
    if (outcome !== Lent.full || this.#full) return
    // Reading stops until the client has taken all bytes, so the connection keeps its buffer.
    this.#full = true
    this.#socket.pause()
  }

  #complete(keep: boolean): void {
    const receiver = this.#receiver
    this.#receiver = undefined
    this.#hasSent = false
    this.#hasServed = true
    this.#buffer.shrinkNext()
    if (this.#full) this.#buffer.stillLent()
    if (keep && !this.#socket.destroyed) {
      // A free connection that stayed paused would never read its next response.
      this.resume()
      this.#freedInTurn = this.#owner.turn
      this.#owner.onFree(this)
    } else this.#socket.destroy()
    receiver?.completed(this.#reader.trailers)
  }
}

function outcomeOf(socket: Socket, hasRoom: boolean): number {
  if (socket.writableLength === 0) return Lent.done
  return hasRoom ? Lent.kept : Lent.full
}
