import type { RequestBody } from '../../http/exchange.ts'
import { Lent } from '../../http/lent.ts'
import type { FramedSink, RawBody } from '../../http1/passthrough.ts'
import type { ApplicationConnection } from './application-connection.ts'
import { FramingSink } from './framing-sink.ts'

/** A body up to this size that came with its head is sent with it, as one string. */
const EARLY_BODY_BYTES = 8_192

export interface SenderOwner {
  /** The whole request has been written. */
  sent(): void
  /** The body will never be complete. */
  sendingFailed(cause: unknown): void
}

/**
 * Sends a request with a body over one connection. Life: from send() until it calls sent() or sendingFailed(), or its
 * owner calls stop(); owned by its delivery. Invariant: the body flows once, over one connection, and the owner gets
 * one call.
 */
export class RequestSender implements FramedSink {
  readonly #owner: SenderOwner
  readonly #connection: ApplicationConnection
  readonly #body: RequestBody
  readonly #rawBody: RawBody | undefined
  /** The head, as long as it waits for the first bytes of the body. */
  #head = ''
  #flows = false
  #full = false
  #onDrained: (() => void) | undefined

  /** `rawBody`: the same body as bytes, if the front reads bytes. */
  constructor(owner: SenderOwner, connection: ApplicationConnection, body: RequestBody, rawBody: RawBody | undefined) {
    this.#owner = owner
    this.#connection = connection
    this.#body = body
    this.#rawBody = rawBody
  }

  /** Whether the body has begun to flow and is not complete. */
  get flows(): boolean {
    return this.#flows
  }

  /** Whether the proxy waits for the client: more of the body could be sent if it came. */
  get waitsForClient(): boolean {
    return this.#flows && !this.#full
  }

  /** Sends the head with the part of a small body that has come, then the rest as it comes. */
  send(head: string): void {
    const rawBody = this.#rawBody
    if (rawBody === undefined) {
      this.#head = head
      this.#flows = true
      this.#body.into(this.#framed())
      this.#sendHead()
      return
    }
    const early = rawBody.takeEarly(EARLY_BODY_BYTES)
    this.#connection.writeText(early === '' ? head : head + early)
    if (rawBody.complete) this.end()
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

  /** Drops the rest of the body. */
  stop(): void {
    this.#flows = false
    this.#body.destroy()
  }

  write(chunk: Uint8Array): boolean {
    if (this.#head !== '') return this.#begin(chunk) !== Lent.full
    this.#full = !this.#connection.write(chunk)
    return !this.#full
  }

  lend(chunk: Uint8Array): number {
    const outcome = this.#head === '' ? this.#connection.lend(chunk) : this.#begin(chunk)
    this.#full = outcome === Lent.full
    return outcome
  }

  end(): void {
    this.#sendHead()
    this.#flows = false
    this.#connection.requestComplete = true
    this.#owner.sent()
  }

  fail(cause: unknown): void {
    this.#owner.sendingFailed(cause)
  }

  /** Sends the head and the first bytes of the body in one piece. */
  #begin(chunk: Uint8Array): number {
    const head = this.#head
    this.#head = ''
    const outcome = this.#connection.lendBehind(head, chunk)
    this.#full = outcome === Lent.full
    return outcome
  }

  #sendHead(): void {
    if (this.#head !== '') this.#connection.writeText(this.#head)
    this.#head = ''
  }

  #framed(): FramingSink {
    return new FramingSink(this, this.#body.length === undefined, (listener) => {
      this.#onDrained = listener
    })
  }
}
