import { type ByteSink, ClientGone, type Exchange, type RequestBody } from '../http/exchange.ts'
import type { BodyReader } from '../wire/body-reader.ts'
import { flatFields } from '../wire/head-fields.ts'
import type { ResponseHead } from '../wire/response-head.ts'
import { type FramedSink, Lent, type WireExchange, type WirePeer } from '../wire/seam.ts'
import type { ApplicationConnection, ResponseTaker } from './application-connection.ts'
import type { Delivery, ForwardFailure } from './forward-failure.ts'
import type { ForwardOptions } from './forwarder.ts'
import { FramingSink } from './framing-sink.ts'
import { responseHeaders } from './response-headers.ts'
import { CopyingRelay, LendingRelay, type Relay } from './response-relays.ts'

/** Where connections come from: a free one, or one that has carried nothing yet. */
export type TakeConnection = (fresh: boolean) => ApplicationConnection

/** May be sent again when a kept-alive connection turns out to be dead; everything else is never sent twice. */
const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS'])

/** A body that came with its head, up to this size, goes out with it as one string. */
const EARLY_BODY = 8_192

/**
 * One exchange on its way. Life: run() to the Delivery, once; owned by its upstream.
 *
 * 1. A free or new connection is taken; the head leaves at once, with what has come of a small body.
 * 2. Once connected the rest of the body flows, from the front's source into the connection.
 * 3. Informational heads (1xx) go to the client as they come.
 * 4. The head of the response begins the reply; its body flows, also while the request's body still does.
 * 5. The end of the response frees the connection and is the end of the delivery, whatever of the request is left.
 *
 * Invariant: the promise settles once; from then on nothing of this exchange holds a connection or the body.
 */
export class WireDelivery implements ResponseTaker, WirePeer, FramedSink {
  readonly toHead: boolean
  readonly requestTimeout: number
  readonly #exchange: Exchange
  readonly #wire: WireExchange | undefined
  readonly #take: TakeConnection
  readonly #text: string
  readonly #keepConnection: boolean
  #relay: Relay
  #settle: ((delivery: Delivery) => void) | undefined
  #connection: ApplicationConnection | undefined
  #stage: 'connect' | 'send-request' | 'await-response' | 'read-response' = 'connect'
  #retried = false
  /** The request's body is flowing. */
  #sending = false
  #applicationFull = false
  #clientFull = false
  #onApplicationDrained: (() => void) | undefined

  /** `text` is the request's head as it goes out. */
  constructor(
    exchange: Exchange,
    wire: WireExchange | undefined,
    options: ForwardOptions,
    text: string,
    take: TakeConnection,
  ) {
    this.#exchange = exchange
    this.#keepConnection = options.forwardResponseConnectionHeader
    this.#wire = wire
    this.#take = take
    this.#text = text
    this.toHead = wire === undefined ? exchange.method === 'HEAD' : wire.head.isHead
    this.requestTimeout = options.requestTimeout
    // An HTTP/1.0 client cannot be given chunks as they are.
    this.#relay =
      wire?.wireReply.takesChunks === true
        ? new LendingRelay(wire.wireReply, this.#keepConnection)
        : this.#copyingRelay()
  }

  run(): Promise<Delivery> {
    return new Promise((resolve) => {
      this.#settle = resolve
      const { reply } = this.#exchange
      if (reply.gone) {
        this.clientGone()
        return
      }
      if (this.#wire !== undefined) this.#wire.wireReply.watch(this)
      else {
        reply.onGone(() => {
          this.clientGone()
        })
      }
      this.#attempt(false)
    })
  }

  get keepsFraming(): boolean {
    return this.#relay.keepsFraming
  }

  get waitsForClient(): boolean {
    return this.#clientFull || (this.#sending && !this.#applicationFull)
  }

  connected(): void {
    this.#stage = 'await-response'
    if (this.#exchange.body !== undefined) this.#sendBody()
  }

  applicationDrained(): void {
    if (!this.#applicationFull) return
    this.#applicationFull = false
    this.#onApplicationDrained?.()
  }

  informed(head: ResponseHead): void {
    const { status, line, bytes } = head
    // The front has sent its own 100 when the body was first wanted.
    if (status === 100) return
    const reason = bytes.toString('latin1', line.reasonStart, line.reasonEnd)
    this.#exchange.reply.inform({ status, reason, headers: responseHeaders(flatFields(head), false) })
  }

  began(head: ResponseHead, body: BodyReader): number {
    this.#stage = 'read-response'
    // What only the end of our connection ends must be framed anew for the client, whose connection goes on.
    if (body.endsWithConnection) this.#relay = this.#copyingRelay()
    return this.#noted(this.#relay.began(head, body))
  }

  gave(bytes: Buffer, from: number, to: number): number {
    return this.#noted(this.#relay.gave(bytes, from, to))
  }

  completed(trailers: readonly string[] | undefined): void {
    const settle = this.#settle
    if (settle === undefined) return
    this.#settle = undefined
    // An answer before the end of the request: the rest of it goes nowhere.
    if (this.#sending) this.#exchange.body?.destroy()
    this.#relay.completed(trailers)
    settle({ outcome: 'delivered', status: this.#exchange.reply.status })
  }

  broke(cause: Error): void {
    const connection = this.#connection
    if (this.#mayRetry(connection)) {
      this.#retried = true
      this.#stage = 'connect'
      this.#attempt(true)
    } else this.#fail('application', cause)
  }

  timedOut(): void {
    this.#fail('timeout', new Error('the application let requestTimeout pass'))
  }

  clientGone(): void {
    this.#fail('client', new ClientGone())
  }

  clientDrained(): void {
    this.#clientFull = false
    this.#connection?.resume()
  }

  /** A part of the request's body, framed. */
  write(chunk: Uint8Array): boolean {
    if (this.#connection === undefined) return true
    this.#applicationFull = !this.#connection.write(chunk)
    return !this.#applicationFull
  }

  end(): void {
    this.#sending = false
    this.#stage = this.#stage === 'send-request' ? 'await-response' : this.#stage
    if (this.#connection !== undefined) this.#connection.requestComplete = true
  }

  fail(cause: unknown): void {
    this.#fail('client', cause)
  }

  #attempt(fresh: boolean): void {
    const connection = this.#take(fresh)
    this.#connection = connection
    connection.assign(this)
    const body = this.#exchange.body
    const early = this.#wire?.wireBody?.takeEarly(EARLY_BODY) ?? ''
    connection.writeText(early === '' ? this.#text : this.#text + early)
    if (body === undefined || this.#wire?.wireBody?.complete === true) connection.requestComplete = true
    if (!connection.connecting) this.connected()
  }

  #sendBody(): void {
    const { body } = this.#exchange
    const wireBody = this.#wire?.wireBody
    if (body === undefined || wireBody?.complete === true) return
    this.#stage = 'send-request'
    this.#sending = true
    if (wireBody !== undefined) {
      this.#onApplicationDrained = () => {
        wireBody.sinkDrained()
      }
      wireBody.intoFramed(this)
    } else body.into(this.#framingSink(body))
  }

  #copyingRelay(): Relay {
    return new CopyingRelay(this.#exchange, this.#keepConnection, () => {
      this.clientDrained()
    })
  }

  #framingSink(body: RequestBody): ByteSink {
    return new FramingSink(this, body.length === undefined, (listener) => {
      this.#onApplicationDrained = listener
    })
  }

  #noted(lent: number): number {
    if (lent === Lent.full) this.#clientFull = true
    return lent
  }

  /** Only the connection was stale: nothing of a response came, and sending once more can do no harm. */
  #mayRetry(connection: ApplicationConnection | undefined): boolean {
    if (this.#retried || this.#settle === undefined || connection?.mayBeStale !== true) return false
    return this.#exchange.body === undefined && REPEATABLE.has(this.#exchange.method)
  }

  #fail(side: ForwardFailure['side'], cause: unknown): void {
    const settle = this.#settle
    if (settle === undefined) return
    this.#settle = undefined
    const { reply, body } = this.#exchange
    const { started } = reply
    this.#connection?.destroy()
    if (started) reply.abort()
    body?.destroy()
    settle({ outcome: 'failed', failure: { kind: this.#stage, side, started, cause } })
  }
}
