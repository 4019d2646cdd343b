import { BodyMalformed, BodyTooLarge, BodyTooSlow, type ByteSink, type RequestBody } from '../../http/exchange.ts'
import { BodyKind, BodyReader, trailerText } from '../../http1/body-reader.ts'
import type { RawRequestHead } from '../../http1/request-head.ts'
import { REFUSED } from '../../http1/refusal.ts'
import { Lent } from '../../http/lent.ts'
import type { FramedSink, RawBody } from '../../http1/passthrough.ts'
import { BodyRate } from '../body/body-rate.ts'
import type { FrontLimits } from '../limits.ts'
import type { PendingInput } from './pending-input.ts'

/** The part of a connection that its request body uses. */
export interface BodyConnection {
  /** The bytes that have come and have not been parsed. */
  readonly input: PendingInput
  /** Sends the 100 (Continue) that the client waits for, unless the final response has begun. */
  sendContinue(): void
  /** Called when the body has taken bytes, or when it starts or stops taking them. */
  onProgress(): void
}

/** At most this many bytes of an unwanted body are read and discarded; beyond it, ending the connection is cheaper. */
const MAX_DISCARDED_BYTES = 65_536

/** At most this many bytes are read through the shared buffer, not through a large one. */
const SMALL_BYTES = 8_192

/**
 * The body of one request. Life: from the start of the exchange until its last byte is parsed, it fails, or destroy()
 * is called, after which the rest is discarded; owned by the connection, which passes it the input.
 * Invariant: the sink gets either end() or fail(), once; after destroy() it gets no call.
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
  /** Whether the client waits for a 100 (Continue) before it sends the body. */
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

  /** Called when the framed sink can take more bytes. */
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

  /** Marks the body as never complete. The cause is kept for a sink that is attached later. */
  fail(cause: Error): void {
    if (!this.complete) this.#fail(cause)
  }

  get complete(): boolean {
    return this.#begun && this.#reader.done && this.#failure === undefined
  }

  get received(): number {
    return this.#begun ? this.#reader.total : 0
  }

  /** Whether its consumer wants no bytes now. */
  get holdsBack(): boolean {
    return (this.#full || this.#paused) && !this.#unwanted
  }

  /** Whether bytes are still to come that will not be read, so that no later request can be found on the connection. */
  get lost(): boolean {
    if (this.complete) return false
    if (this.#failure !== undefined) return true
    return (this.#sink === undefined || this.#unwanted) && !this.canBeReadAway
  }

  /** Whether discarding the rest of it is cheaper than a new connection. */
  get canBeReadAway(): boolean {
    if (this.#failure !== undefined || this.#owesContinue || this.length === undefined) return false
    return (this.#begun ? this.#reader.left : this.length) <= MAX_DISCARDED_BYTES
  }

  /** Whether so much is still to come after the `pending` bytes at hand that a large buffer is worth its cost. */
  awaits(pending: number): boolean {
    if (this.#unwanted || this.#failure !== undefined) return false
    if (this.length !== undefined) return (this.#begun ? this.#reader.left : this.length) - pending > SMALL_BYTES
    return this.#begun && pending === 0 && !this.#reader.done
  }

  /** Parses pending input and passes it to the sink; false if it can take none now. */
  take(input: PendingInput): boolean {
    const flows = this.#unwanted || (this.#sink !== undefined && !this.#full && !this.#paused)
    if (!flows || this.#failure !== undefined || this.complete) return false
    this.#begin(this.#keepsFraming)
    const { bytes } = input
    if (!this.#read(input)) return false
    this.#give(bytes)
    return true
  }

  /** Fails the body if the client sends it more slowly than minBodyRate; see BodyRate. */
  sweep(now: number, limits: Pick<FrontLimits, 'minBodyRate' | 'minBodyRateGraceMs'>): void {
    const waits = (this.#sink !== undefined || this.#unwanted) && !this.holdsBack && !this.complete
    this.#rate ??= new BodyRate()
    if (this.#rate.isTooLow(now, waits, this.received, limits)) this.fail(new BodyTooSlow())
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

  /** Runs one step of the reader on the pending input; false if the body failed. */
  #read(input: PendingInput): boolean {
    const next = this.#reader.read(input.bytes, input.start, input.end)
    if (next === REFUSED) {
      this.#fail(new BodyMalformed(this.#reader.refusal?.why))
      return false
    }
    this.#owesContinue = false
    input.use(next)
    if (this.#reader.total <= this.#limit) return true
    // A body beyond the limit fails even if this step has completed it.
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

  /** Passes bytes to the sink; false if the sink is full. */
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

  /** The sink; undefined after destroy(), which the sink may call during any write. */
  get #wantingSink(): ByteSink | FramedSink | undefined {
    return this.#unwanted ? undefined : this.#sink
  }
}
