import type { IncomingMessage } from 'node:http'
import type { ByteSink, Exchange } from '../../http/exchange.ts'
import type { ForwardOptions } from '../forwarder.ts'
import { userFault } from '../known-users.ts'
import { cleanReason, responseFault, responseHeaders } from '../response-headers.ts'
import { passingTrailers } from '../trailer-fields.ts'

export interface RelayEvents {
  /** Bytes have been received. */
  readonly onProgress: () => void
  readonly onComplete: () => void
  /** The response is refused, or it will never be complete. */
  readonly onBroken: (cause: unknown) => void
}

/**
 * Copies one response from node's HTTP client to the Reply. Life: from its head until it is complete or broken; owned
 * by its delivery. Invariant: exactly one of onComplete and onBroken is called, unless destroy() comes first; the reply
 * has begun unless the head was refused.
 */
export class ResponseRelay {
  readonly #response: IncomingMessage
  readonly #events: RelayEvents
  #sink: ByteSink | undefined
  #over = false
  #full = false

  constructor(response: IncomingMessage, events: RelayEvents) {
    this.#response = response
    this.#events = events
  }

  /** Whether the client is slower than the application, so that the response is paused. */
  get full(): boolean {
    return this.#full
  }

  start(exchange: Exchange, options: ForwardOptions): void {
    const response = this.#response
    const status = response.statusCode ?? 0
    const reason = response.statusMessage ?? ''
    const fault = responseFault({ status, reason, version: response.httpVersion, fields: response.rawHeaders })
    if (fault !== undefined) {
      this.#break(new Error(`the response of the application is refused: ${fault}`))
      return
    }
    const unproved = userFault(exchange, options, status, () => response.rawHeaders)
    if (unproved !== undefined) {
      this.#break(unproved)
      return
    }
    const headers = responseHeaders(response.rawHeaders, options.forwardResponseConnectionHeader, { status })
    if (options.addedFields !== undefined) headers.push(...options.addedFields)
    const sink = exchange.reply.begin({ status, reason: cleanReason(reason), headers })
    this.#sink = sink
    sink.onDrain(() => {
      this.#full = false
      response.resume()
    })
    response.on('data', (chunk: Uint8Array) => {
      this.#onData(chunk)
    })
    response.on('end', () => {
      this.#onEnd()
    })
    response.on('error', (error) => {
      this.#break(error)
    })
    // A connection that ends within the body emits `close` without `end`, and not always an error before.
    response.on('close', () => {
      this.#break(new Error('the application ended the connection before its response was complete'))
    })
  }

  /** Stops the relay; the sink's fail() is called. Calling it again does nothing. */
  destroy(cause: unknown): void {
    if (this.#over) return
    this.#over = true
    this.#sink?.fail(cause)
  }

  #onData(chunk: Uint8Array): void {
    if (this.#over || this.#sink === undefined) return
    this.#events.onProgress()
    if (this.#sink.write(chunk)) return
    this.#full = true
    this.#response.pause()
  }

  #onEnd(): void {
    if (this.#over) return
    this.#over = true
    const { rawTrailers } = this.#response
    this.#sink?.end(passingTrailers(rawTrailers.length === 0 ? undefined : rawTrailers))
    this.#events.onComplete()
  }

  #break(cause: unknown): void {
    if (this.#over) return
    this.destroy(cause)
    this.#events.onBroken(cause)
  }
}
