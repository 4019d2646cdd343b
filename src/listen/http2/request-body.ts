import { BodyMalformed, type ByteSink, BodyTooLarge, BodyTooSlow, type RequestBody } from '../../http/exchange.ts'
import { Lent } from '../../http/lent.ts'
import { areTrailers } from '../../http1/trailer-section.ts'
import { BodyRate } from '../body-rate.ts'
import type { FrontLimits } from '../limits.ts'
import type { Http2Stream } from './stream.ts'
import { type InputTaker, StreamInput } from './stream-input.ts'

/** Where the bytes of bodies are counted: their connection. */
export interface BodyAccount {
  bodyBytes: number
}

/**
 * The body of one request over an HTTP/2 stream. Life: from the start of the exchange until the body is complete, it
 * fails, or destroy() is called; owned by its exchange.
 * Invariant: the sink gets either end() or fail(), once; after destroy() it gets no call.
 */
export class Http2Body implements RequestBody, InputTaker {
  readonly length: number | undefined
  /** Whether every byte has arrived and was taken. */
  complete = false
  readonly #input: StreamInput
  readonly #account: BodyAccount
  readonly #onWanted: (() => void) | undefined
  #sink: ByteSink | undefined
  #failure: Error | undefined
  #limit = Number.POSITIVE_INFINITY
  #received = 0
  #over = false
  #full = false
  #paused = false
  #flowing = false
  #rate: BodyRate | undefined

  /** `onWanted` is called when a sink first wants bytes, to send the 100 (Continue) that the client waits for. */
  constructor(
    stream: Http2Stream,
    account: BodyAccount,
    length: number | undefined,
    onWanted: (() => void) | undefined,
  ) {
    this.#input = new StreamInput(stream, this)
    stream.input = this.#input
    this.#account = account
    this.length = length
    this.#onWanted = onWanted
  }

  limit(bytes: number): void {
    this.#limit = bytes
  }

  into(sink: ByteSink): void {
    if (this.#sink !== undefined) throw new Error('a request body flows once')
    this.#sink = sink
    if (this.#failure !== undefined) {
      this.fail(this.#failure)
      return
    }
    if (this.length !== undefined && this.length > this.#limit) {
      this.fail(new BodyTooLarge(this.#limit))
      return
    }
    this.#onWanted?.()
    sink.onDrain(() => {
      this.#full = false
      this.#flow()
    })
    this.#flow()
  }

  pause(): void {
    this.#paused = true
    this.#flow()
  }

  resume(): void {
    this.#paused = false
    this.#flow()
  }

  destroy(): void {
    if (this.#over) return
    this.#over = true
    this.#flow()
    this.#input.drop()
  }

  /** Marks the body as never complete. The cause is kept for a sink that is attached later. */
  fail(cause: Error): void {
    this.#failure ??= cause
    const sink = this.#sink
    if (sink === undefined || this.#over) return
    this.destroy()
    sink.fail(cause)
  }

  get received(): number {
    return this.#received
  }

  /** Fails the body if the client sends it more slowly than minBodyRate; see BodyRate. */
  sweep(now: number, limits: Pick<FrontLimits, 'minBodyRate' | 'minBodyRateGraceMs'>): void {
    this.#rate ??= new BodyRate()
    if (this.#rate.isTooLow(now, this.#flowing, this.#received, limits)) this.fail(new BodyTooSlow())
  }

  took(chunk: Buffer): boolean {
    this.#received += chunk.length
    this.#account.bodyBytes += chunk.length
    if (this.#received > this.#limit) {
      this.fail(new BodyTooLarge(this.#limit))
      return false
    }
    const sink = this.#sink
    if (sink === undefined) return false
    const outcome = sink.lend?.(chunk) ?? (sink.write(chunk) ? Lent.kept : Lent.full)
    if (outcome === Lent.full) {
      this.#full = true
      this.#flow()
    }
    return outcome !== Lent.done
  }

  inputEnded(trailers: readonly string[] | undefined): void {
    if (trailers !== undefined && !areTrailers(trailers)) {
      this.fail(new BodyMalformed(new Error('its trailer section is malformed or too large')))
      return
    }
    this.complete = true
    this.#over = true
    this.#flowing = false
    this.#sink?.end(trailers)
  }

  /** Lets bytes flow or wait, as the current state says. */
  #flow(): void {
    const flowing = !this.#over && !this.#full && !this.#paused && this.#sink !== undefined
    if (flowing === this.#flowing) return
    this.#flowing = flowing
    this.#input.flow(flowing)
  }
}
