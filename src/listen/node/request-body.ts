import type { IncomingMessage } from 'node:http'
import { BodyMalformed, type ByteSink, BodyTooLarge, BodyTooSlow, type RequestBody } from '../../http/exchange.ts'
import { areTrailers } from '../../http1/trailer-section.ts'
import { BodyRate } from '../body-rate.ts'
import type { FrontLimits } from '../limits.ts'

type RateLimits = Pick<FrontLimits, 'minBodyRate' | 'minBodyRateGraceMs'>

/** An unread body of at most this many bytes is read and thrown away; for more, ending the connection is cheaper. */
const READ_AWAY = 65_536

/**
 * The body of one request over node's IncomingMessage. Life: made with the exchange, over when the message is complete, when
 * it fails, or when nobody wants it any more; owned by its request slot.
 * Invariant: the sink hears exactly one of end and fail, and nothing after destroy().
 */
export class NodeBody implements RequestBody {
  readonly length: number | undefined
  readonly #req: IncomingMessage
  /** Called when the first byte is wanted: the time to send a 100 (Continue). */
  readonly #onWanted: (() => void) | undefined
  #sink: ByteSink | undefined
  #failure: Error | undefined
  /** The body ended in a malformed trailer section: nothing behind it can be trusted. */
  #misframed = false
  #limit = Number.POSITIVE_INFINITY
  #received = 0
  #over = false
  #full = false
  #paused = false
  #flowing = false
  #rate: BodyRate | undefined

  constructor(req: IncomingMessage, length: number | undefined, onWanted: (() => void) | undefined) {
    this.#req = req
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
    this.#req.on('data', this.#onData)
    this.#req.once('end', this.#onEnd)
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
    this.#req.off('data', this.#onData)
    this.#req.off('end', this.#onEnd)
    // What still comes is thrown away: a client may read its answer only when it has sent everything.
    if (this.#sink !== undefined) this.#req.resume()
  }

  /** The body will never be complete. Kept for a sink that is still to come. */
  fail(cause: Error): void {
    this.#failure ??= cause
    const sink = this.#sink
    if (sink === undefined || this.#over) return
    this.destroy()
    sink.fail(cause)
  }

  /** Every byte has arrived. */
  get complete(): boolean {
    return this.#req.complete
  }

  /** Bytes of it are still to come and nobody will read them, so that no further request can be found behind them. */
  get abandoned(): boolean {
    if (this.#misframed) return true
    if (this.complete) return false
    if (this.#over || this.#failure !== undefined) return true
    if (this.#sink !== undefined) return false
    return this.#onWanted !== undefined || this.length === undefined || this.length > READ_AWAY
  }

  /** The response is complete before the request is, and the connection will not wait for the rest. */
  get unfinished(): boolean {
    return this.abandoned || (this.#sink !== undefined && !this.complete)
  }

  /** Ends the body if the client has fallen below the least rate, averaged over the time in which it could send. */
  sweep(now: number, limits: RateLimits): void {
    this.#rate ??= new BodyRate()
    if (this.#rate.isTooLow(now, this.#flowing, this.#received, limits)) this.fail(new BodyTooSlow())
  }

  /** Lets the body flow, or stops it, when that has changed. */
  #flow(): void {
    const flowing = !this.#over && !this.#full && !this.#paused && this.#sink !== undefined
    if (flowing === this.#flowing) return
    this.#flowing = flowing
    if (flowing) this.#req.resume()
    else if (!this.#over) this.#req.pause()
  }

  readonly #onData = (chunk: Uint8Array): void => {
    this.#received += chunk.length
    if (this.#received > this.#limit) {
      this.fail(new BodyTooLarge(this.#limit))
      return
    }
    if (this.#sink?.write(chunk) === false) {
      this.#full = true
      this.#flow()
    }
  }

  readonly #onEnd = (): void => {
    const { rawTrailers } = this.#req
    if (!areTrailers(rawTrailers)) {
      this.#misframed = true
      this.fail(new BodyMalformed(new Error('its trailer section is malformed or too large')))
      return
    }
    this.#over = true
    this.#flow()
    this.#sink?.end(rawTrailers.length === 0 ? undefined : rawTrailers)
  }
}
