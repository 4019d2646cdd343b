import { ClientGone, type Exchange } from '../http/exchange.ts'
import type { BodyReader } from '../wire/body-reader.ts'
import type { ResponseHead } from '../wire/response-head.ts'
import { type FramedSink, Lent, type WireExchange, type WirePeer } from '../wire/seam.ts'
import type { ApplicationConnection, ResponseTaker } from './application-connection.ts'
import type { Delivery, ForwardFailure } from './forward-failure.ts'
import type { ForwardOptions } from './forwarder.ts'
import { FramingSink } from './framing-sink.ts'
import { CopyingRelay, inform, LendingRelay, type Relay } from './response-relays.ts'

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
  #bodyTaken = false
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
    if (this.#exchange.body !== undefined) this.#send()
    else if (this.#stage === 'connect') this.#stage = 'await-response'
  }

  applicationDrained(): void {
    if (!this.#applicationFull) return
    this.#applicationFull = false
    this.#onApplicationDrained?.()
  }

  informed(head: ResponseHead): void {
    // The front has sent its own 100 when the body was first wanted.
    if (head.status !== 100) inform(this.#exchange, head)
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
      // The stage stays: something may have reached the application, whatever becomes of the second attempt.
      this.#retried = true
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
    if (this.#stage === 'send-request') this.#stage = 'await-response'
    if (this.#connection !== undefined) this.#connection.requestComplete = true
  }

  fail(cause: unknown): void {
    this.#fail('client', cause)
  }

  #attempt(fresh: boolean): void {
    const connection = this.#take(fresh)
    this.#connection = connection
    connection.assign(this)
    if (!connection.connecting) this.#send()
    // A head without a body may wait in the socket; a body stays with the front until there is somebody to take it.
    else if (this.#exchange.body === undefined) this.#write(connection, this.#text)
  }

  #send(): void {
    const connection = this.#connection
    if (connection === undefined) return
    const { body } = this.#exchange
    if (body === undefined) {
      if (this.#stage === 'connect') this.#stage = 'await-response'
      return this.#write(connection, this.#text)
    }
    this.#stage = 'send-request'
    this.#bodyTaken = true
    const wireBody = this.#wire?.wireBody
    const early = wireBody?.takeEarly(EARLY_BODY) ?? ''
    if (wireBody?.complete === true) {
      this.#stage = 'await-response'
      return this.#write(connection, this.#text + early)
    }
    connection.writeText(early === '' ? this.#text : this.#text + early)
    this.#sending = true
    if (wireBody !== undefined) {
      this.#onApplicationDrained = () => {
        wireBody.sinkDrained()
      }
      wireBody.intoFramed(this)
      return
    }
    const framing = new FramingSink(this, body.length === undefined, (listener) => {
      this.#onApplicationDrained = listener
    })
    body.into(framing)
  }

  /** All of the request. */
  #write(connection: ApplicationConnection, text: string): void {
    connection.writeText(text)
    connection.requestComplete = true
  }

  #copyingRelay(): Relay {
    return new CopyingRelay(this.#exchange, this.#keepConnection, () => {
      this.clientDrained()
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
    // A body that was never taken stays whole, for whoever may have the exchange next.
    if (this.#bodyTaken) body?.destroy()
    settle({ outcome: 'failed', failure: { kind: this.#stage, side, started, cause } })
  }
}
