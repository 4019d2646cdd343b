import type { IncomingMessage } from 'node:http'
import { BodyMalformed, type ByteSink, BodyTooLarge, BodyTooSlow, type RequestBody } from '../../http/exchange.ts'
import { areTrailers } from '../../http1/trailer-section.ts'
import { BodyRate } from '../body-rate.ts'
import type { FrontLimits } from '../limits.ts'

type RateLimits = Pick<FrontLimits, 'minBodyRate' | 'minBodyRateGraceMs'>

/** Unread bodies of at most this many bytes are read and discarded; beyond it, ending the connection is cheaper. */
const MAX_DISCARDED_BYTES = 65_536

/**
 * The body of one request over node's IncomingMessage. Life: from the start of the exchange until the message is
 * complete, the body fails, or destroy() is called; owned by its request slot.
 * Invariant: the sink gets either end() or fail(), once; after destroy() it gets no call.
 */
export class NodeBody implements RequestBody {
  readonly length: number | undefined
  readonly #req: IncomingMessage
  /** Called when a sink first wants bytes, to send the 100 (Continue) that the client waits for. */
  readonly #onWanted: (() => void) | undefined
  #sink: ByteSink | undefined
  #failure: Error | undefined
  /** Whether the trailer section was malformed, so that the bytes after it cannot be trusted to be a request. */
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
    // The rest is read and discarded, because some clients read the answer only after they have sent everything.
    if (this.#sink !== undefined) this.#req.resume()
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

  /** Whether every byte has arrived. */
  get complete(): boolean {
    return this.#req.complete
  }

  /** Whether bytes are still to come that will not be read, so that no later request can be found on the connection. */
  get abandoned(): boolean {
    if (this.#misframed) return true
    if (this.complete) return false
    if (this.#over || this.#failure !== undefined) return true
    if (this.#sink !== undefined) return false
    return this.#onWanted !== undefined || this.length === undefined || this.length > MAX_DISCARDED_BYTES
  }

  /** Whether a response that is complete now must be the last, because the rest of this body is not waited for. */
  get unfinished(): boolean {
    return this.abandoned || (this.#sink !== undefined && !this.complete)
  }

  /** Fails the body if the client sends it more slowly than minBodyRate; see BodyRate. */
  sweep(now: number, limits: RateLimits): void {
    this.#rate ??= new BodyRate()
    if (this.#rate.isTooLow(now, this.#flowing, this.#received, limits)) this.fail(new BodyTooSlow())
  }

  /** Resumes or pauses the body according to its current state. */
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
