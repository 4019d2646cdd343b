import type { IncomingData } from './incoming-data.ts'
import { MAX_WINDOW } from './frames/frame-codes.ts'
import { http2Limits } from './limits.ts'
import type { BlockedStream, SessionSender } from './session-sender.ts'
import type { StreamInput } from './stream-input.ts'

/** What a stream tells the code that it serves. */
export interface StreamListener {
  /** More can be written, after write() or lend() returned false. */
  streamDrained(): void
  /** The stream is closed: both sides have ended, or one has reset it, or the connection has ended. Called once. */
  streamClosed(): void
}

/** The part of a session that its streams use. */
export interface StreamOwner {
  readonly sender: SessionSender
  /** The response has been sent before the end of the request, so the client is asked to send no more of it. */
  answered(stream: Http2Stream): void
  readonly incoming: Pick<IncomingData, 'widen' | 'gathered'>
  /** The stream is closed. */
  removed(stream: Http2Stream): void
}

/** Bytes that are read are given back to the client in pieces of at least this many. */
const GIVEN_BACK_BYTES = http2Limits.streamWindow >> 1

/**
 * One stream (RFC 9113 5). Life: from the head of its request until it is closed; owned by its session. Invariant: once
 * it is closed, everything written to it is discarded.
 */
export class Http2Stream implements BlockedStream {
  readonly id: number
  listener: StreamListener | undefined
  /** Takes the body of the request; without one it is dropped. */
  input: StreamInput | undefined
  /** The Content-Length of the request; undefined without one. */
  expectedBytes: number | undefined
  /** Whether the stream is reset when the response has ended before the request; not so for a tunnel. */
  endsWithResponse = true
  /** Whether the whole request has come. */
  hasRequest: boolean
  isClosed = false
  readonly #owner: StreamOwner
  readonly #sender: SessionSender
  #window: number
  #receiveWindow: number = http2Limits.streamWindow
  #largestWindow: number = http2Limits.streamWindow
  #received = 0
  #unreturned = 0
  readonly #queue: Buffer[] = []
  #queuedBytes = 0
  #isEnding = false
  #hasResponse = false
  #trailers: readonly string[] | undefined
  /** Where the last HEADERS or DATA begins in the output, and the generation of the output then. */
  #lastAt = 0
  #lastGeneration = -1

  constructor(id: number, owner: StreamOwner, window: number, hasRequest: boolean) {
    this.id = id
    this.#owner = owner
    this.#sender = owner.sender
    this.#window = window
    this.hasRequest = hasRequest
  }

  /** How many bytes of the response wait for the client. */
  get queuedBytes(): number {
    return this.#queuedBytes
  }

  /** Sends a head, final or informational; `fields` as HTTP/2 has them. */
  respond(status: number, fields: readonly string[]): void {
    if (this.isClosed) return
    this.#sent(this.#sender.head(this.id, status, fields, false))
  }

  /** Takes a chunk of the body, which is not changed after that. False: no more should be written until streamDrained(). */
  write(chunk: Uint8Array): boolean {
    if (this.isClosed || this.#isEnding) return true
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    const sent = this.#queuedBytes > 0 ? 0 : this.#send(bytes, 0, bytes.length)
    if (sent === bytes.length) return true
    this.#keep(sent === 0 ? bytes : bytes.subarray(sent))
    return false
  }

  /** As write(), but the bytes are used only during the call. */
  lend(bytes: Buffer, from: number, to: number): boolean {
    if (this.isClosed || this.#isEnding) return true
    const sent = this.#queuedBytes > 0 ? 0 : this.#send(bytes, from, to)
    if (from + sent === to) return true
    this.#keep(Buffer.from(bytes.subarray(from + sent, to)))
    return false
  }

  /** Ends the response, when everything that was written has been sent. */
  end(trailers?: readonly string[]): void {
    if (this.isClosed || this.#isEnding) return
    this.#isEnding = true
    this.#trailers = trailers
    if (this.#queuedBytes === 0) this.#finish()
  }

  /** Closes the stream in both directions. The listener is told when the caller has returned. */
  reset(code: number): void {
    if (this.isClosed) return
    this.#sender.reset(this.id, code)
    const { listener } = this
    this.listener = undefined
    this.close()
    if (listener !== undefined) {
      process.nextTick(() => {
        listener.streamClosed()
      })
    }
  }

  /** Called when the stream is closed without a frame of ours: by the client, or with the connection. */
  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.#queue.length = 0
    this.#queuedBytes = 0
    this.#sender.unblock(this)
    this.#owner.removed(this)
    this.input?.drop()
    this.listener?.streamClosed()
  }

  sendOne(): boolean {
    const first = this.#queue[0]
    if (first === undefined) return false
    const sent = this.#send(first, 0, first.length, true)
    if (sent === 0) return false
    this.#queuedBytes -= sent
    if (sent < first.length) this.#queue[0] = first.subarray(sent)
    else this.#queue.shift()
    if (this.#queuedBytes > 0) return this.#window > 0
    this.#sender.unblock(this)
    if (this.#isEnding) this.#finish()
    else this.listener?.streamDrained()
    return false
  }

  /** The client has opened the window, or (negative) closed it by its settings; false if it is too large then. */
  opened(bytes: number): boolean {
    this.#window += bytes
    return this.#window <= MAX_WINDOW
  }

  /** A frame of DATA has begun; false if it is larger than the window. */
  charge(bytes: number): boolean {
    this.#receiveWindow -= bytes
    return this.#receiveWindow >= 0
  }

  /** Bytes of the request have come; false if they are more than it has promised. */
  came(bytes: Buffer, from: number, to: number): boolean {
    this.#received += to - from
    if (this.expectedBytes !== undefined && this.#received > this.expectedBytes) return false
    if (to > from) this.input?.came(bytes, from, to)
    return true
  }

  /** How many bytes the largest window has that this stream has had beyond that of every stream. */
  get extraWindow(): number {
    return this.#largestWindow - http2Limits.streamWindow
  }

  /** Bytes have been read, so that the client may send as many more. */
  giveBack(bytes: number): void {
    this.#unreturned += bytes
    if (this.#unreturned < GIVEN_BACK_BYTES || this.hasRequest || this.isClosed) return
    const wider = Math.min(this.#unreturned, http2Limits.largestWindow - this.#largestWindow)
    const extra = wider > 0 ? this.#owner.incoming.widen(wider) : 0
    this.#largestWindow += extra
    this.#receiveWindow += this.#unreturned + extra
    this.#sender.giveBack(this.id, this.#unreturned + extra)
    this.#unreturned = 0
  }

  /** Calls the input's pass() at the end of this turn. */
  gathered(input: StreamInput): void {
    this.#owner.incoming.gathered(input)
  }

  /** How many bytes the request has promised that have not come; undefined if it has promised none. */
  get missing(): number | undefined {
    return this.expectedBytes === undefined ? undefined : this.expectedBytes - this.#received
  }

  /** The whole request has come; false if it is shorter than it has promised. */
  requestEnded(trailers: readonly string[] | undefined): boolean {
    if (this.expectedBytes !== undefined && this.#received !== this.expectedBytes) return false
    this.hasRequest = true
    this.input?.ended(trailers)
    if (this.#hasResponse) {
      this.input?.pass()
      this.close()
    }
    return true
  }

  /** Sends as much as the windows allow, or (`isOne`) at most one frame; returns how many bytes. */
  #send(bytes: Buffer, from: number, to: number, isOne = false): number {
    let at = from
    while (at < to) {
      const length = Math.min(to - at, this.#window, this.#sender.room)
      if (length <= 0) break
      this.#window -= length
      this.#sent(this.#sender.data(this.id, bytes, at, at + length))
      at += length
      if (isOne) break
    }
    return at - from
  }

  #keep(bytes: Buffer): void {
    this.#queue.push(bytes)
    this.#queuedBytes += bytes.length
    this.#sender.block(this)
  }

  #sent(at: number): void {
    this.#lastAt = at
    this.#lastGeneration = this.#sender.output.generation
  }

  #finish(): void {
    const sender = this.#sender
    if (this.#trailers !== undefined) sender.head(this.id, 0, this.#trailers, true)
    // The last frame is still there to be marked as the last.
    else if (this.#lastGeneration === sender.output.generation) sender.output.endStreamAt(this.#lastAt)
    else sender.endWithEmptyData(this.id)
    this.#hasResponse = true
    if (this.hasRequest) this.close()
    else if (this.endsWithResponse) this.#owner.answered(this)
  }
}
