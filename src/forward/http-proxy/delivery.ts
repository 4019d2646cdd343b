import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Exchange } from '../../http/exchange.ts'
import { pairsOf } from '../../http/headers.ts'
import { http1Limits } from '../../http1/limits.ts'
import type { Delivery, ForwardFailure } from '../forward-failure.ts'
import type { ForwardOptions } from '../forwarder.ts'
import type { OpenDelivery } from '../open-deliveries.ts'
import { maySendAgain } from '../idempotent.ts'
import type { StartAttempt } from './attempt.ts'
import { noBody, RequestStream } from './request-stream.ts'
import { isReset, probeAtEnd } from '../resets.ts'
import { ResponseRelay } from './response-relay.ts'
import { cleanReason, interimHeaders } from '../response-headers.ts'
import { passingTrailers } from '../trailer-fields.ts'
import { type Wait, waitForResponse } from '../wait.ts'

/**
 * Forwards one exchange. Life: from run(), called once, to its Delivery; owned by its Upstream.
 *
 * 1. A kept-alive or new connection is taken, and the request's head is set.
 * 2. Once connected the body flows from the front's source through a stream into the request.
 * 3. Informational heads (1xx) are forwarded as they come.
 * 4. The head of the response begins the reply; its body flows, even while the request's body still does.
 * 5. The end of the response ends the delivery, even if the request is not complete.
 *
 * Invariant: the promise resolves once; from then on this exchange holds no connection, timer or body.
 */
export class HttpDelivery implements OpenDelivery {
  index = -1
  readonly #exchange: Exchange
  readonly #options: ForwardOptions
  readonly #start: StartAttempt
  #stage: 'connect' | 'send-request' | 'await-response' | 'read-response' = 'connect'
  #settle: ((delivery: Delivery) => void) | undefined
  #wait: Wait | undefined
  #stream: RequestStream | undefined
  #attempts = 0
  #request: ClientRequest | undefined
  #relay: ResponseRelay | undefined
  #sending = false
  #bodyTaken = false
  /** Set from the first error of an attempt until it is known whether the application had read the request. */
  #breaksOff = false
  #wasUnread = false
  #bytesBefore = 0
  #interim = 0

  constructor(exchange: Exchange, options: ForwardOptions, start: StartAttempt) {
    this.#exchange = exchange
    this.#options = options
    this.#start = start
  }

  run(): Promise<Delivery> {
    return new Promise((resolve) => {
      this.#settle = resolve
      this.#wait = waitForResponse(this.#exchange, this.#options.requestTimeout, {
        waitsForClient: () => this.#waitsForClient(),
        fail: (side, cause) => {
          this.#fail(side, cause)
        },
      })
      if (this.#wait !== undefined) this.#attempt(false)
    })
  }

  /** Fails the exchange, because the connections to the application are closed. Calling it again does nothing. */
  destroy(): void {
    this.#fail('application', new Error('the way to the application has been closed'))
  }

  #attempt(fresh: boolean): void {
    const attempt = ++this.#attempts
    if (this.#exchange.body !== undefined) {
      this.#stream = new RequestStream({
        onProgress: () => this.#wait?.touch(),
        onEnd: (trailers) => void this.#onBodyEnd(trailers),
        onFail: (cause) => void this.#fail('client', cause),
      })
    }
    const isCurrent = (): boolean => this.#attempts === attempt && this.#settle !== undefined
    this.#start(
      {
        body: this.#stream ?? noBody,
        onRequest: (request) => {
          if (isCurrent()) this.#onRequest(request)
          else request.destroy()
        },
        onResponse: (response) => {
          if (isCurrent()) this.#onResponse(response)
        },
        onError: (error) => {
          if (isCurrent()) this.#onError(error)
        },
      },
      fresh,
    )
  }

  #onRequest(request: ClientRequest): void {
    this.#request = request
    request.path = this.#exchange.target
    request.on('information', ({ statusCode, statusMessage, rawHeaders }) => {
      this.#onInterimHead(statusCode, statusMessage, rawHeaders)
    })
    request.on('upgrade', (_response, socket) => {
      socket.destroy()
      this.#fail('application', new Error('the application switched protocols unasked'), 'upgrade')
    })
    // http-proxy emits the request when it has its connection.
    const socket = request.socket as Socket
    this.#bytesBefore = socket.bytesRead
    const isWaiting = (): boolean => request.reusedSocket && this.#relay === undefined && request.headersSent
    request.once('close', probeAtEnd(socket, isWaiting, this.#onUnread))
    if (!socket.connecting) this.#send(request)
    else {
      socket.once('connect', () => {
        this.#send(request)
      })
    }
  }

  #send(request: ClientRequest): void {
    if (this.#settle === undefined) return
    this.#stage = 'send-request'
    this.#wait?.touch()
    request.once('finish', () => {
      if (this.#stage === 'send-request') this.#stage = 'await-response'
      this.#wait?.touch()
    })
    const { body } = this.#exchange
    const stream = this.#stream
    if (body === undefined || stream === undefined) {
      request.end()
      return
    }
    this.#sending = true
    this.#bodyTaken = true
    body.into(stream)
    // Node holds the head back for the first bytes of the body. Those that are there are sent with it; but the head
    // must not wait for a slow client, nor may a response be read before the head was sent.
    queueMicrotask(() => {
      if (!request.destroyed && !request.headersSent) request.flushHeaders()
    })
  }

  #onBodyEnd(trailers: readonly string[] | undefined): void {
    this.#sending = false
    const passing = this.#exchange.body?.length === undefined ? passingTrailers(trailers) : undefined
    if (passing !== undefined) this.#request?.addTrailers(pairsOf(passing))
  }

  #onInterimHead(status: number, reason: string, headers: string[]): void {
    this.#wait?.touch()
    this.#interim += 1
    if (this.#interim > http1Limits.informationalHeads)
      this.#fail('application', new Error('the application sends interim heads only'))
    // A 100 is not forwarded, because the front sends its own when the body is first read.
    else if (status !== 100)
      this.#exchange.reply.inform({ status, reason: cleanReason(reason), headers: interimHeaders(headers) })
  }

  #onResponse(response: IncomingMessage): void {
    this.#wait?.touch()
    this.#relay = new ResponseRelay(response, {
      onProgress: () => this.#wait?.touch(),
      onComplete: () => {
        this.#complete()
      },
      onBroken: (cause) => {
        this.#fail('application', cause)
      },
    })
    this.#relay.start(this.#exchange, this.#options)
    if (this.#exchange.reply.started) this.#stage = 'read-response'
  }

  readonly #onUnread = (): void => {
    this.#wasUnread = true
  }

  #onError(error: Error): void {
    // Once a response has begun, only its end counts, even if the rest of the request cannot be sent.
    if (this.#relay !== undefined) return
    if (!this.#mayRetry()) return void this.#fail('application', error)
    this.#wasUnread ||= isReset(error)
    if (this.#breaksOff) return
    this.#breaksOff = true
    // The outcome of a probe comes later in this turn.
    setImmediate(() => {
      this.#breaksOff = false
      if (this.#settle === undefined) return
      // Only if the request was unread may a failure of the second attempt say that nothing of it has been read.
      if (this.#wasUnread) this.#stage = 'connect'
      this.#attempt(true)
    })
  }

  /** Whether to try again: a kept-alive connection, which may have been dead, and a request that may be sent twice. */
  #mayRetry(): boolean {
    const request = this.#request
    if (request?.reusedSocket !== true) return false
    if (!maySendAgain(this.#exchange)) return false
    return request.socket?.bytesRead === this.#bytesBefore
  }

  #waitsForClient(): boolean {
    return this.#relay?.full === true || (this.#sending && this.#stream?.full === false)
  }

  #complete(): void {
    const settle = this.#settle
    if (settle === undefined) return
    this.#settle = undefined
    this.#wait?.stop()
    // The response came before the end of the request: the rest is dropped, and the connection not used again.
    if (this.#sending) this.#letGo()
    settle({ outcome: 'delivered', status: this.#exchange.reply.status })
  }

  #fail(side: ForwardFailure['side'], cause: unknown, kind: ForwardFailure['kind'] = this.#stage): void {
    const settle = this.#settle
    if (settle === undefined) return
    this.#settle = undefined
    this.#wait?.stop()
    const { started } = this.#exchange.reply
    this.#relay?.destroy(cause)
    this.#letGo()
    settle({ outcome: 'failed', failure: { kind, side, started, cause } })
  }

  #letGo(): void {
    this.#request?.destroy()
    this.#stream?.destroy()
    // A body that was not read yet stays complete, so that the exchange may be forwarded once more.
    if (this.#bodyTaken) this.#exchange.body?.destroy()
  }
}
