import { BodyMalformed, BodyTooLarge, BodyTooSlow, type ByteSink, type RequestBody } from '../../http/exchange.ts'
import { areTrailers } from '../../http1/trailer-section.ts'
import type { FrontLimits } from '../limits.ts'
import { BodyRate } from './body-rate.ts'

/**
 * A request body whose bytes come one chunk at a time, from a parser that is not ours or in frames: its limit, and when
 * it flows into its sink. What says where the bytes come from is left to the protocol.
 * Invariant: the sink gets either end() or fail(), once; after destroy() it gets no call.
 */
export abstract class FlowingBody implements RequestBody {
  readonly length: number | undefined
  #sink: ByteSink | undefined
  #failure: Error | undefined
  #limit = Number.POSITIVE_INFINITY
  #received = 0
  #hasEnded = false
  #over = false
  #full = false
  #paused = false
  #flowing = false
  #rate: BodyRate | undefined

  constructor(length: number | undefined) {
    this.length = length
  }

  get received(): number {
    return this.#received
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
    sink.onDrain(() => {
      this.#full = false
      this.#update()
    })
    this.begin()
    this.#update()
  }

  pause(): void {
    this.#paused = true
    this.#update()
  }

  resume(): void {
    this.#paused = false
    this.#update()
  }

  destroy(): void {
    if (this.#over) return
    this.#over = true
    this.#update()
    this.drop()
  }

  /** Marks the body as never complete. The cause is kept for a sink that is attached later. */
  fail(cause: Error): void {
    this.#failure ??= cause
    const sink = this.#sink
    if (sink === undefined || this.#over) return
    this.destroy()
    sink.fail(cause)
  }

  /** Fails the body if the client sends it more slowly than minBodyRate; see BodyRate. */
  sweep(now: number, limits: Pick<FrontLimits, 'minBodyRate' | 'minBodyRateGraceMs'>): void {
    this.#rate ??= new BodyRate()
    if (this.#rate.isTooLow(now, this.#flowing, this.#received, limits)) this.fail(new BodyTooSlow())
  }

  /** A sink wants bytes for the first time. */
  protected abstract begin(): void
  /** Lets bytes come, or no more for now. */
  protected abstract flow(flowing: boolean): void
  /** No byte is wanted any more. */
  protected abstract drop(): void

  protected get sink(): ByteSink | undefined {
    return this.#sink
  }

  /** Whether every byte has arrived and was taken. */
  protected get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** Whether it has ended, has failed or was destroyed. */
  protected get over(): boolean {
    return this.#over || this.#failure !== undefined
  }

  /** Counts bytes that have come; undefined, and the body has failed, if they are more than its limit. */
  protected counted(chunk: Uint8Array): ByteSink | undefined {
    this.#received += chunk.length
    if (this.#received <= this.#limit) return this.#sink
    this.fail(new BodyTooLarge(this.#limit))
    return undefined
  }

  /** The sink takes no more bytes until it says that it has room. */
  protected sinkIsFull(): void {
    this.#full = true
    this.#update()
  }

  /** Every byte has come; false, and the body has failed, if what follows them is not a trailer section. */
  protected ended(trailers: readonly string[] | undefined): boolean {
    if (trailers !== undefined && !areTrailers(trailers)) {
      this.fail(new BodyMalformed(new Error('its trailer section is malformed or too large')))
      return false
    }
    this.#hasEnded = true
    this.#over = true
    this.#update()
    this.#sink?.end(trailers)
    return true
  }

  /** Lets bytes flow or wait, as the current state says. */
  #update(): void {
    const flowing = !this.#over && !this.#full && !this.#paused && this.#sink !== undefined
    if (flowing === this.#flowing) return
    this.#flowing = flowing
    this.flow(flowing)
  }
}
