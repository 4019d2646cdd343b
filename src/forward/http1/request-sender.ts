import type { RequestBody } from '../../http/exchange.ts'
import { type FramedSink, Lent, type RawBody } from '../../http1/passthrough.ts'
import type { ApplicationConnection } from './application-connection.ts'
import { FramingSink } from './framing-sink.ts'

/** A body that came with its head, up to this size, goes out with it as one string. */
const EARLY_BODY = 8_192

export interface SenderOwner {
  /** The whole request is on its way. */
  sent(): void
  /** The body will never be complete. */
  sendingFailed(cause: unknown): void
}

/**
 * A request with a body on its way into one connection. Life: from send() until its owner has been told of the end or calls
 * stop(); owned by its delivery.
 * Invariant: the body flows once, into one connection, and the owner hears of exactly one end.
 */
export class RequestSender implements FramedSink {
  readonly #owner: SenderOwner
  readonly #connection: ApplicationConnection
  readonly #body: RequestBody
  readonly #rawBody: RawBody | undefined
  #flows = false
  #full = false
  #onDrained: (() => void) | undefined

  /** `rawBody`: the same body as bytes, where the front has it so. */
  constructor(owner: SenderOwner, connection: ApplicationConnection, body: RequestBody, rawBody: RawBody | undefined) {
    this.#owner = owner
    this.#connection = connection
    this.#body = body
    this.#rawBody = rawBody
  }

  /** The body has not been given on to its end. */
  get flows(): boolean {
    return this.#flows
  }

  /** More would go on if the client sent it. */
  get waitsForClient(): boolean {
    return this.#flows && !this.#full
  }

  /** The head, with what has come of a small body; then the rest as it comes. */
  send(head: string): void {
    const rawBody = this.#rawBody
    const early = rawBody?.takeEarly(EARLY_BODY) ?? ''
    this.#connection.writeText(early === '' ? head : head + early)
    if (rawBody === undefined) {
      this.#flows = true
      this.#body.into(this.#framed())
    } else if (rawBody.complete) this.end()
    else {
      this.#flows = true
      this.#onDrained = () => {
        rawBody.sinkDrained()
      }
      rawBody.intoFramed(this)
    }
  }

  /** The application can take more. */
  drained(): void {
    if (!this.#full) return
    this.#full = false
    this.#onDrained?.()
  }

  /** What is left of the body goes nowhere. */
  stop(): void {
    this.#flows = false
    this.#body.destroy()
  }

  write(chunk: Uint8Array): boolean {
    this.#full = !this.#connection.write(chunk)
    return !this.#full
  }

  lend(chunk: Uint8Array): number {
    const outcome = this.#connection.lend(chunk)
    this.#full = outcome === Lent.full
    return outcome
  }

  end(): void {
    this.#flows = false
    this.#connection.requestComplete = true
    this.#owner.sent()
  }

  fail(cause: unknown): void {
    this.#owner.sendingFailed(cause)
  }

  #framed(): FramingSink {
    return new FramingSink(this, this.#body.length === undefined, (listener) => {
      this.#onDrained = listener
    })
  }
}
