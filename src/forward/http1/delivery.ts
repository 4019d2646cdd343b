import { ClientGone, type Exchange } from '../../http/exchange.ts'
import type { BodyReader } from '../../http1/body-reader.ts'
import { flatFields } from '../../http1/head-fields.ts'
import type { RawResponseHead } from '../../http1/response-head.ts'
import { Lent } from '../../http/lent.ts'
import type { RawExchange, RawPeer } from '../../http1/passthrough.ts'
import type { ApplicationConnection } from './application-connection.ts'
import type { ConnectionSource } from './connection-owner.ts'
import { presentsConnectionCredentials } from './bound-connections.ts'
import type { Delivery, ForwardFailure } from '../forward-failure.ts'
import type { ForwardOptions } from '../forwarder.ts'
import { maySendAgain } from '../idempotent.ts'
import { userFault } from '../known-users.ts'
import { RequestSender, type SenderOwner } from './request-sender.ts'
import type { ResponseReceiver } from './response-receiver.ts'
import { CopyingRelay, inform, LendingRelay, type Relay } from './response-passthrough.ts'

/**
 * Forwards one exchange. Life: from run(), called once, to its Delivery; owned by its upstream.
 *
 * 1. A free or new connection is taken; the request's head is sent with the part of a small body that has come.
 * 2. The rest of the body flows from the front's source into the connection.
 * 3. Informational heads (1xx) are forwarded as they come.
 * 4. The head of the response begins the reply; its body flows, even while the request's body still does.
 * 5. The end of the response frees the connection and ends the delivery, even if the request is not complete.
 *
 * Invariant: the promise resolves once; from then on this exchange holds neither a connection nor the body.
 */
export class Http1Delivery implements ResponseReceiver, RawPeer, SenderOwner {
  readonly toHead: boolean
  readonly requestTimeout: number
  readonly #exchange: Exchange
  readonly #raw: RawExchange | undefined
  readonly #source: ConnectionSource
  readonly #text: string
  readonly #options: ForwardOptions
  /** Whether the request has credentials that may authenticate the connection. */
  readonly #hasCredentials: boolean
  #relay: Relay
  #settle: ((delivery: Delivery) => void) | undefined
  #connection: ApplicationConnection | undefined
  #stage: 'connect' | 'send-request' | 'await-response' | 'read-response' = 'connect'
  /** Sends the request's body; undefined before the body is read. */
  #sender: RequestSender | undefined
  #clientFull = false
  /** Whether nothing is sent before the end of this turn, when the connection is checked once more. */
  #awaitsTurn = false

  /** `text`: the head of the request to the application. */
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
    // Bytes cannot be lent to an HTTP/1.0 client, which knows no chunks, nor when fields are added.
    this.#relay =
      raw?.rawReply.takesChunks === true && options.addedFields === undefined
        ? new LendingRelay(raw.rawReply, options.forwardResponseConnectionHeader)
        : this.#copyingRelay()
  }

  run(): Promise<Delivery> {
    return new Promise((resolve) => {
      this.#settle = resolve
      const { reply } = this.#exchange
      if (reply.gone) return void this.clientGone()
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
    // A 100 is not forwarded, because the front sends its own when the body is first read.
    if (head.status !== 100) inform(this.#exchange, head)
  }

  began(head: RawResponseHead, body: BodyReader): number {
    this.#stage = 'read-response'
    const fault = userFault(this.#exchange, this.#options, head.status, () => flatFields(head))
    if (fault !== undefined) {
      this.#fail('application', fault)
      return Lent.done
    }
    if (head.authenticatesConnection && this.#connection !== undefined)
      this.#source.bind(this.#connection, this.#exchange.connection)
    // A body that only the end of its connection ends is framed anew, because the client's connection stays open.
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
    // The response came before the end of the request: the rest of the request is dropped.
    if (this.#sender?.flows === true) this.#sender.stop()
    this.#relay.completed(trailers)
    settle({ outcome: 'delivered', status: this.#exchange.reply.status })
  }

  broke(cause: Error): void {
    if (this.#mayRetry(this.#connection)) {
      // Only if the request was unread may a failure of the second attempt say that nothing of it has been read.
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
    // A head without a body may wait in the socket; with a body nothing is sent before the socket is connected.
    this.#awaitsTurn = !connection.connecting
    if (connection.connecting) {
      if (this.#exchange.body === undefined) this.#write(connection)
    } else this.#source.atEndOfTurn(this)
  }

  /** Sends at the end of the turn, when the end of a kept-alive connection that came in the same turn is known. */
  sendIfAlive(): void {
    const connection = this.#connection
    // A connection that ended within the turn was replaced, and the new one sends when it is connected.
    if (this.#settle === undefined || connection === undefined || !this.#awaitsTurn) return
    // A body can be sent only once, so it waits until an end that came with the previous response has been read too.
    if (this.#exchange.body !== undefined && connection.wasFreedInLastTurn) {
      this.#source.atEndOfTurn(this)
      return
    }
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

  /** Sends a request without a body. */
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
   * Whether to try again: the connection may have been dead before, nothing of a response has come, and either nothing
   * was sent or the request may be sent twice. A new connection is not dead before, so there is only one retry.
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
    // A body that was not read yet stays complete, so that the exchange may be forwarded once more.
    this.#sender?.stop()
    settle({ outcome: 'failed', failure: { kind: this.#stage, side, started, cause } })
  }
}
