import { type ClientHttp2Stream, constants, type OutgoingHttpHeaders } from 'node:http2'
import type { Exchange, Upgrade } from '../../http/exchange.ts'
import type { Delivery, ForwardFailure } from '../forward-failure.ts'
import type { ForwardOptions } from '../forwarder.ts'
import { maySendAgain } from '../idempotent.ts'
import { userFault } from '../known-users.ts'
import type { OpenDelivery } from '../open-deliveries.ts'
import { isReset } from '../resets.ts'
import { interimHeaders } from '../response-headers.ts'
import { type Wait, waitForResponse } from '../wait.ts'
import type { ApplicationSession } from './application-session.ts'
import { openTunnel } from './application-tunnel.ts'
import { sessionLimits } from './limits.ts'
import { ReplyRelay } from './reply-relay.ts'
import { RequestBodySender } from './request-body-sender.ts'
import type { StreamRequest } from './request-fields.ts'
import { finalHead, interimReason, resetCode } from './response-head.ts'
import { listenTo, type ResponseEvents } from './response-events.ts'
import type { ApplicationSessions, StreamWaiter } from './sessions.ts'

const { NGHTTP2_CANCEL, NGHTTP2_REFUSED_STREAM } = constants

/**
 * Forwards one exchange over a stream. Life: from run(), called once, to its Delivery; owned by its upstream. A stream
 * is reserved, and the request's head is sent at the end of the turn of the event loop, when the end of that connection
 * would be known. The bodies flow independently of each other; the end of the response ends the delivery.
 *
 * Invariant: the promise resolves once; from then on this exchange uses neither the body nor the reply, and its stream
 * is closed or being closed.
 */
export class Http2Delivery implements OpenDelivery, StreamWaiter, ResponseEvents {
  index = -1
  readonly hasBody: boolean
  readonly #exchange: Exchange
  readonly #options: ForwardOptions
  readonly #fields: OutgoingHttpHeaders
  readonly #sessions: ApplicationSessions
  readonly #upgrade: Upgrade | undefined
  #stage: 'connect' | 'send-request' | 'await-response' | 'read-response' | 'upgrade' = 'connect'
  #settle: ((delivery: Delivery) => void) | undefined
  #wait: Wait | undefined
  #session: ApplicationSession | undefined
  #stream: ClientHttp2Stream | undefined
  #sender: RequestBodySender | undefined
  #relay: ReplyRelay | undefined
  /** Whether a byte of a response has come over the present stream. */
  #hasHeard = false
  /** Whether the connection had served before this request, so that it may have been dead. */
  #mayBeStale = false
  /** Whether the request was sent in this turn of the event loop. */
  #isSentNow = false
  #attempts = 0
  #tunnel: ReturnType<typeof openTunnel> | undefined

  constructor(exchange: Exchange, options: ForwardOptions, request: StreamRequest, sessions: ApplicationSessions) {
    this.#exchange = exchange
    this.#options = options
    this.#fields = request.fields
    this.#upgrade = request.upgrade
    this.#sessions = sessions
    this.hasBody = exchange.body !== undefined
  }

  run(): Promise<Delivery> {
    return new Promise((resolve) => {
      this.#settle = resolve
      this.#wait = waitForResponse(this.#exchange, this.#options.requestTimeout, {
        waitsForClient: () => this.#relay?.full === true || this.#sender?.waitsForClient === true,
        fail: (side, cause) => {
          if (this.#stage === 'upgrade') return
          if (side === 'timeout') this.#session?.distrust()
          this.#fail(side, cause)
        },
      })
      if (this.#wait !== undefined) this.#sessions.take(this)
    })
  }

  /** Fails the exchange, because the connections to the application are closed. Calling it again does nothing. */
  destroy(): void {
    this.#fail('application', new Error('the way to the application has been closed'))
  }

  given(session: ApplicationSession): void {
    // The end of the connection may be among the events of this turn; then another one is taken.
    setImmediate(() => {
      if (this.#settle === undefined) this.#sessions.release(session)
      else if (session.isOpen) this.#send(session)
      else {
        this.#sessions.release(session)
        this.#sessions.take(this)
      }
    })
  }

  refused(cause: Error): void {
    this.#fail('application', cause)
  }

  informed(status: number, fields: readonly string[]): void {
    this.#hasHeard = true
    this.#wait?.touch()
    this.#exchange.reply.inform({ status, reason: interimReason(status), headers: interimHeaders(fields) })
  }

  began(status: number, fields: readonly string[]): void {
    this.#hasHeard = true
    this.#wait?.touch()
    if (this.#session !== undefined) this.#session.hasServed = true
    const fault = userFault(this.#exchange, this.#options, status, () => fields)
    if (fault !== undefined) return void this.#fail('application', fault)
    if (this.#upgrade !== undefined && status < 300) return void this.#switch(this.#upgrade, fields)
    this.#stage = 'read-response'
    const head = finalHead(status, fields, this.#options.addedFields)
    if (this.#stream !== undefined) this.#relay = new ReplyRelay(this.#exchange.reply, head, this.#stream)
  }

  gave(chunk: Uint8Array): void {
    if (this.#tunnel !== undefined) {
      this.#tunnel.application.gave(chunk)
      return
    }
    this.#wait?.touch()
    this.#relay?.gave(chunk)
  }

  completed(trailers: readonly string[] | undefined): void {
    if (this.#settle === undefined) return
    if (this.#tunnel !== undefined) {
      this.#tunnel.application.ended()
      return
    }
    // The response came before the end of the request: the rest of the request is dropped.
    this.#sender?.stop()
    this.#stream?.close(NGHTTP2_CANCEL)
    this.#relay?.completed(trailers)
    this.#finish({ outcome: 'delivered', status: this.#exchange.reply.status })
  }

  broke(code: number, cause: Error | undefined): void {
    if (this.#settle === undefined) return
    const isSessionOver = this.#session?.hasEnded === true
    const why =
      this.#session?.cause ?? cause ?? new Error(`the application reset the stream, with code ${String(code)}`)
    if (this.#tunnel !== undefined) {
      this.#tunnel.application.broke(why)
      return
    }
    // A refused stream, also one behind the last that a GOAWAY names, was not processed (RFC 9113 8.7).
    const isUnprocessed = code === NGHTTP2_REFUSED_STREAM
    if (this.#mayRetry(isUnprocessed, this.#session?.isLost === true)) {
      // Only if the request was unread may a failure of the next attempt say that nothing of it has been read.
      if (isUnprocessed || this.#isSentNow || isReset(why)) this.#stage = 'connect'
      this.#sessions.take(this)
      return
    }
    if (this.#exchange.httpVersion === '2' && !isSessionOver) this.#exchange.reply.abort(resetCode(code))
    this.#fail('application', why)
  }

  closed(): void {
    const session = this.#session
    if (session === undefined) return
    this.#session = undefined
    this.#sessions.release(session)
  }

  #send(session: ApplicationSession): void {
    this.#attempts += 1
    this.#session = session
    this.#hasHeard = false
    this.#mayBeStale = session.hasServed
    if (this.#upgrade !== undefined && !session.takesConnects) {
      this.closed()
      this.#fail('application', new Error('the application takes no WebSockets over HTTP/2'))
      return
    }
    const stream = session.open(this.#fields, this.hasBody ? 'body' : this.#upgrade === undefined ? 'nothing' : 'bytes')
    this.#stream = stream
    listenTo(stream, this)
    this.#wait?.touch()
    this.#isSentNow = true
    setImmediate(() => {
      this.#isSentNow = false
    })
    const { body } = this.#exchange
    if (body === undefined) {
      this.#stage = 'await-response'
      return
    }
    this.#stage = 'send-request'
    this.#sender = new RequestBodySender(stream, body, {
      onProgress: () => this.#wait?.touch(),
      onSent: () => {
        if (this.#stage === 'send-request') this.#stage = 'await-response'
      },
      onFailed: (cause) => {
        this.#fail('client', cause)
      },
    })
    this.#sender.start()
  }

  #switch(upgrade: Upgrade, fields: readonly string[]): void {
    if (this.#stream === undefined) return
    this.#stage = 'upgrade'
    this.#wait?.stop()
    this.#options.onUpgraded?.()
    this.#tunnel = openTunnel(this.#exchange, upgrade, fields, this.#stream, (broken) => {
      if (broken === undefined) this.#finish({ outcome: 'delivered', status: 101 })
      else this.#fail(broken.side, broken.cause)
    })
  }

  /** Whether to try again over another stream: nothing of a response has come, and the request may be sent twice. */
  #mayRetry(isUnprocessed: boolean, isSessionLost: boolean): boolean {
    if (this.#hasHeard || this.#sender !== undefined || this.#attempts >= sessionLimits.attempts) return false
    return isUnprocessed || (isSessionLost && this.#mayBeStale && maySendAgain(this.#exchange))
  }

  #finish(delivery: Delivery): void {
    const settle = this.#settle
    if (settle === undefined) return
    this.#settle = undefined
    this.#wait?.stop()
    settle(delivery)
  }

  #fail(side: ForwardFailure['side'], cause: unknown): void {
    if (this.#settle === undefined) return
    this.#sessions.withdraw(this)
    const { reply } = this.#exchange
    const { started } = reply
    const kind = this.#stage
    this.#stream?.close(NGHTTP2_CANCEL)
    if (this.#tunnel !== undefined) this.#tunnel.client.sink.fail(cause)
    else if (started) reply.abort()
    // A body that was not read yet stays complete, so that the exchange may be forwarded once more.
    this.#sender?.stop()
    this.#finish({ outcome: 'failed', failure: { kind, side, started, cause } })
  }
}
