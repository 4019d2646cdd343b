import { BodyMalformed, BodyTooLarge, BodyTooSlow, type ByteSink, type RequestBody } from '../../http/exchange.ts'
import { BodyKind, BodyReader, trailerText } from '../../http1/body-reader.ts'
import type { RawRequestHead } from '../../http1/request-head.ts'
import { REFUSED } from '../../http1/refusal.ts'
import { type FramedSink, Lent, type RawBody } from '../../http1/passthrough.ts'
import { BodyRate } from '../body-rate.ts'
import type { FrontLimits } from '../limits.ts'
import type { PendingInput } from './pending-input.ts'

/** What a body needs of its connection. */
export interface BodyConnection {
  /** What has come and has not been used. */
  readonly input: PendingInput
  /** Sends a 100, unless it is too late for one. */
  sendContinue(): void
  /** The body has taken bytes, or takes them now and did not before, or the other way round. */
  onProgress(): void
}

/** A body that lacks at most this much is read away when nobody wants it; for more, ending the connection is cheaper. */
const READ_AWAY = 65_536

/** What is not more than this comes through small buffers. */
const SMALL = 8_192

/**
 * The body of one request. Life: made with the exchange; over when its last byte is understood, when it fails, or when
 * nobody wants it (then the rest is read away); owned by the connection, which gives it its bytes.
 * Invariant: the sink hears exactly one of end and fail, and nothing after destroy().
 */
export class Http1RequestBody implements RequestBody, RawBody {
  readonly length: number | undefined
  readonly #connection: BodyConnection
  readonly #reader = new BodyReader()
  readonly #kind: number
  #sink: (ByteSink | FramedSink) | undefined
  #keepsFraming = false
  #begun = false
  #full = false
  #paused = false
  #unwanted = false
  #failure: Error | undefined
  #limit = Number.POSITIVE_INFINITY
  /** The client waits for a 100 before it sends. */
  #owesContinue: boolean
  #rate: BodyRate | undefined

  constructor(connection: BodyConnection, head: RawRequestHead) {
    const { chunked, length } = head.framing
    this.#connection = connection
    this.length = chunked ? undefined : length
    this.#kind = chunked ? BodyKind.chunked : BodyKind.length
    this.#owesContinue = head.expectsContinue
  }

  limit(bytes: number): void {
    this.#limit = bytes
  }

  into(sink: ByteSink): void {
    sink.onDrain(() => {
      this.#full = false
      this.#connection.onProgress()
    })
    this.#flow(sink, false)
  }

  intoFramed(sink: FramedSink): void {
    this.#flow(sink, true)
  }

  /** The framed sink can take more. */
  sinkDrained(): void {
    this.#full = false
    this.#connection.input.returned(this)
    this.#connection.onProgress()
  }

  takeEarly(maxBytes: number): string {
    const { input } = this.#connection
    if (input.length === 0 || input.length > maxBytes || this.#failure !== undefined) return ''
    this.#begin(true)
    let text = ''
    while (input.length > 0 && !this.complete) {
      const { bytes } = input
      if (!this.#read(input)) break
      text += bytes.toString('latin1', this.#reader.from, this.#reader.to)
    }
    if (this.complete && this.#reader.trailers !== undefined) text += trailerText(this.#reader.trailers)
    this.#connection.onProgress()
    return text
  }

  pause(): void {
    this.#paused = true
    this.#connection.onProgress()
  }

  resume(): void {
    this.#paused = false
    this.#connection.onProgress()
  }

  destroy(): void {
    if (this.#unwanted) return
    this.#unwanted = true
    this.#connection.onProgress()
  }

  /** The body will never be complete. Kept for a sink that is still to come. */
  fail(cause: Error): void {
    if (!this.complete) this.#fail(cause)
  }

  get complete(): boolean {
    return this.#begun && this.#reader.done && this.#failure === undefined
  }

  /** Its consumer wants no bytes just now. */
  get holdsBack(): boolean {
    return (this.#full || this.#paused) && !this.#unwanted
  }

  /** Bytes of it are missing that nobody will read, so that no further request can be found behind them. */
  get lost(): boolean {
    if (this.complete) return false
    if (this.#failure !== undefined) return true
    return (this.#sink === undefined || this.#unwanted) && !this.canBeReadAway
  }

  /** Whether reading on to its end is cheaper than a new connection. */
  get canBeReadAway(): boolean {
    if (this.#failure !== undefined || this.#owesContinue || this.length === undefined) return false
    return (this.#begun ? this.#reader.left : this.length) <= READ_AWAY
  }

  /** So much is certain to come beyond these pending bytes that a large buffer is worth while. */
  awaits(pending: number): boolean {
    if (this.#unwanted || this.#failure !== undefined) return false
    if (this.length !== undefined) return (this.#begun ? this.#reader.left : this.length) - pending > SMALL
    return this.#begun && pending === 0 && !this.#reader.done
  }

  /** Uses pending input; false when it can use none now. */
  take(input: PendingInput): boolean {
    const flows = this.#unwanted || (this.#sink !== undefined && !this.#full && !this.#paused)
    if (!flows || this.#failure !== undefined || this.complete) return false
    this.#begin(this.#keepsFraming)
    const { bytes } = input
    if (!this.#read(input)) return false
    this.#give(bytes)
    return true
  }

  /** Ends the body if the client has fallen below the least rate, averaged over the time in which it could send. */
  sweep(now: number, limits: Pick<FrontLimits, 'minBodyRate' | 'minBodyRateGraceMs'>): void {
    const waits = (this.#sink !== undefined || this.#unwanted) && !this.holdsBack && !this.complete
    const received = this.#begun ? this.#reader.total : 0
    this.#rate ??= new BodyRate()
    if (this.#rate.isTooLow(now, waits, received, limits)) this.fail(new BodyTooSlow())
  }

  #flow(sink: ByteSink | FramedSink, keepsFraming: boolean): void {
    if (this.#sink !== undefined) throw new Error('a request body flows once')
    this.#sink = sink
    this.#keepsFraming = keepsFraming
    if (this.#failure === undefined && this.length !== undefined && this.length > this.#limit) {
      this.#failure = new BodyTooLarge(this.#limit)
    }
    if (this.#failure !== undefined) {
      sink.fail(this.#failure)
      return
    }
    if (this.#owesContinue && this.#connection.input.length === 0) this.#connection.sendContinue()
    this.#owesContinue = false
    this.#connection.onProgress()
  }

  #begin(keepsFraming: boolean): void {
    if (this.#begun) return
    this.#begun = true
    this.#reader.begin(this.#kind, this.length ?? 0, 0, keepsFraming)
  }

  /** One step of the reader over the pending input; false when it failed. */
  #read(input: PendingInput): boolean {
    const next = this.#reader.read(input.bytes, input.start, input.end)
    if (next === REFUSED) {
      this.#fail(new BodyMalformed(this.#reader.refusal?.why))
      return false
    }
    this.#owesContinue = false
    input.use(next)
    if (this.#reader.total <= this.#limit) return true
    // A body that is too large fails although it is complete.
    this.#fail(new BodyTooLarge(this.#limit))
    return false
  }

  #fail(cause: Error): void {
    if (this.#failure !== undefined) return
    this.#failure = cause
    if (!this.#unwanted) this.#sink?.fail(cause)
  }

  #give(bytes: Buffer): void {
    const { from, to } = this.#reader
    const sink = this.#wantingSink
    if (to > from && sink !== undefined && !this.#giveTo(sink, bytes, from, to)) this.#full = true
    if (this.#reader.done) this.#finish()
  }

  /** False: the sink is full. */
  #giveTo(sink: ByteSink | FramedSink, bytes: Buffer, from: number, to: number): boolean {
    const { input } = this.#connection
    if (!input.reuses(bytes)) return sink.write(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to))
    const chunk = bytes.subarray(from, to)
    if (!('lend' in sink) || !input.lends(bytes)) return sink.write(Buffer.from(chunk))
    const outcome = sink.lend(chunk)
    input.lent(outcome, this)
    return outcome !== Lent.full
  }

  #finish(): void {
    const sink = this.#wantingSink
    if (sink === undefined) return
    const { trailers } = this.#reader
    if (!this.#keepsFraming) {
      ;(sink as ByteSink).end(trailers)
      return
    }
    if (trailers !== undefined) sink.write(Buffer.from(trailerText(trailers), 'latin1'))
    sink.end()
  }

  /** The sink; undefined once nothing more is wanted, which may come to be at any write. */
  get #wantingSink(): ByteSink | FramedSink | undefined {
    return this.#unwanted ? undefined : this.#sink
  }
}
