import { ClientGone, type Connection, type Exchange } from '../../http/exchange.ts'
import type { BodyReader } from '../../http1/body-reader.ts'
import type { RawResponseHead } from '../../http1/response-head.ts'
import { Lent, type RawExchange, type RawPeer } from '../../http1/passthrough.ts'
import type { ApplicationConnection } from './application-connection.ts'
import { presentsConnectionCredentials } from './bound-connections.ts'
import type { Delivery, ForwardFailure } from '../forward-failure.ts'
import type { ForwardOptions } from '../forwarder.ts'
import { maySendAgain } from '../idempotent.ts'
import { RequestSender, type SenderOwner } from './request-sender.ts'
import type { ResponseTaker } from './response-taker.ts'
import { CopyingRelay, inform, LendingRelay, type Relay } from './response-passthrough.ts'

/** Where connections come from. */
export interface ConnectionSource {
  /** The client's own, else a free one, or one that has carried nothing yet. */
  take(client: Connection, fresh: boolean): ApplicationConnection
  /** It may have become this client's user's, and carries nobody else's exchange any more. */
  bind(connection: ApplicationConnection, client: Connection): void
  /** Calls the delivery's sendIfAlive() at the end of this turn of the event loop. */
  atEndOfTurn(delivery: Http1Delivery): void
}

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
export class Http1Delivery implements ResponseTaker, RawPeer, SenderOwner {
  readonly toHead: boolean
  readonly requestTimeout: number
  readonly #exchange: Exchange
  readonly #raw: RawExchange | undefined
  readonly #source: ConnectionSource
  readonly #text: string
  readonly #options: ForwardOptions
  /** They may hold for the connection from now on. */
  readonly #hasCredentials: boolean
  #relay: Relay
  #settle: ((delivery: Delivery) => void) | undefined
  #connection: ApplicationConnection | undefined
  #stage: 'connect' | 'send-request' | 'await-response' | 'read-response' = 'connect'
  /** From when the body has been taken. */
  #sender: RequestSender | undefined
  #clientFull = false
  /** The connection is to be looked at once more, at the end of the turn, before anything is sent. */
  #awaitsTurn = false

  /** `text` is the request's head as it goes out. */
  constructor(
    exchange: Exchange,
    raw: RawExchange | undefined,
    options: ForwardOptions,
    text: string,
    source: ConnectionSource,
  ) {
    this.#exchange = exchange
    this.#options = options
    this.#raw = raw
    this.#source = source
    this.#text = text
    this.toHead = raw === undefined ? exchange.method === 'HEAD' : raw.head.isHead
    this.requestTimeout = options.requestTimeout
    this.#hasCredentials = presentsConnectionCredentials(exchange, raw)
    // An HTTP/1.0 client cannot be given chunks as they are, nor more fields than there are.
    this.#relay =
      raw?.rawReply.takesChunks === true && options.addedFields === undefined
        ? new LendingRelay(raw.rawReply, options.forwardResponseConnectionHeader)
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
      if (this.#raw !== undefined) this.#raw.rawReply.watch(this)
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
    return this.#clientFull || this.#sender?.waitsForClient === true
  }

  connected(): void {
    if (this.#exchange.body !== undefined) this.#send()
    else if (this.#stage === 'connect') this.#stage = 'await-response'
  }

  applicationDrained(): void {
    this.#sender?.drained()
  }

  informed(head: RawResponseHead): void {
    // The front has sent its own 100 when the body was first wanted.
    if (head.status !== 100) inform(this.#exchange, head)
  }

  began(head: RawResponseHead, body: BodyReader): number {
    this.#stage = 'read-response'
    if (head.authenticatesConnection && this.#connection !== undefined)
      this.#source.bind(this.#connection, this.#exchange.connection)
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
    if (this.#sender?.flows === true) this.#sender.stop()
    this.#relay.completed(trailers)
    settle({ outcome: 'delivered', status: this.#exchange.reply.status })
  }

  broke(cause: Error): void {
    if (this.#mayRetry(this.#connection)) {
      // Otherwise the stage stays: something may have reached the application, whatever becomes of the second attempt.
      if (this.#connection?.wasUnread === true) this.#stage = 'connect'
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

  sent(): void {
    if (this.#stage === 'send-request') this.#stage = 'await-response'
  }

  sendingFailed(cause: unknown): void {
    this.#fail('client', cause)
  }

  #attempt(fresh: boolean): void {
    const client = this.#exchange.connection
    const connection = this.#source.take(client, fresh)
    if (this.#hasCredentials) this.#source.bind(connection, client)
    this.#connection = connection
    connection.assign(this)
    // A head without a body may wait in the socket; a body stays with the front until there is somebody to take it.
    this.#awaitsTurn = !connection.connecting
    if (connection.connecting) {
      if (this.#exchange.body === undefined) this.#write(connection)
    } else this.#source.atEndOfTurn(this)
  }

  /** The end of a kept-alive connection may be among the events that came together with the request. It is known by now. */
  sendIfAlive(): void {
    const connection = this.#connection
    // One that has died within the turn has been replaced, and the new one sends as soon as it is connected.
    if (this.#settle === undefined || connection === undefined || !this.#awaitsTurn) return
    this.#awaitsTurn = false
    if (connection.usable) this.#send()
    else {
      connection.destroy()
      this.#attempt(true)
    }
  }

  #send(): void {
    const connection = this.#connection
    if (connection === undefined) return
    const { body } = this.#exchange
    if (body === undefined) {
      if (this.#stage === 'connect') this.#stage = 'await-response'
      this.#write(connection)
      return
    }
    this.#stage = 'send-request'
    this.#sender = new RequestSender(this, connection, body, this.#raw?.rawBody)
    this.#sender.send(this.#text)
  }

  /** All of a request without a body. */
  #write(connection: ApplicationConnection): void {
    connection.writeText(this.#text)
    connection.requestComplete = true
  }

  #copyingRelay(): Relay {
    return new CopyingRelay(this.#exchange, this.#options, () => {
      this.clientDrained()
    })
  }

  #noted(lent: number): number {
    if (lent === Lent.full) this.#clientFull = true
    return lent
  }

  /**
   * Only the connection was stale: nothing of a response came, and nothing was sent or sending once more can do no harm. A new
   * connection is never stale, so there is one retry.
   */
  #mayRetry(connection: ApplicationConnection | undefined): boolean {
    if (this.#settle === undefined || connection?.mayBeStale !== true) return false
    return this.#stage === 'connect' || maySendAgain(this.#exchange)
  }

  #fail(side: ForwardFailure['side'], cause: unknown): void {
    const settle = this.#settle
    if (settle === undefined) return
    this.#settle = undefined
    const { reply } = this.#exchange
    const { started } = reply
    this.#connection?.destroy()
    if (started) reply.abort()
    // A body that was never taken stays whole, for whoever may have the exchange next.
    this.#sender?.stop()
    settle({ outcome: 'failed', failure: { kind: this.#stage, side, started, cause } })
  }
}
