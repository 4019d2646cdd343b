import type { ClientHttp2Stream } from 'node:http2'
import type { ByteSink, RequestBody } from '../../http/exchange.ts'
import { passingTrailers } from '../trailer-fields.ts'
import { fieldsOf } from './request-fields.ts'

export interface SenderEvents {
  /** Bytes were sent, or can be sent again. */
  onProgress(): void
  /** The whole request has been given to the stream. */
  onSent(): void
  /** The body will never be complete. */
  onFailed(cause: unknown): void
}

/**
 * Sends the body of one request and its trailers. Life: from start() until the body is complete or stop() is called;
 * owned by its delivery.
 */
export class RequestBodySender implements ByteSink {
  readonly #stream: ClientHttp2Stream
  readonly #body: RequestBody
  readonly #events: SenderEvents
  #flows = false
  #full = false
  #trailers: readonly string[] = []

  constructor(stream: ClientHttp2Stream, body: RequestBody, events: SenderEvents) {
    this.#stream = stream
    this.#body = body
    this.#events = events
    stream.on('wantTrailers', () => {
      if (!stream.closed && !stream.destroyed) stream.sendTrailers(fieldsOf(this.#trailers))
    })
  }

  /** Whether the body has begun to flow and is not complete. */
  get flows(): boolean {
    return this.#flows
  }

  /** Whether the proxy waits for the client: more of the body could be sent if it came. */
  get waitsForClient(): boolean {
    return this.#flows && !this.#full
  }

  start(): void {
    this.#flows = true
    this.#body.into(this)
  }

  /** Drops the rest of the body. */
  stop(): void {
    if (!this.#flows) return
    this.#flows = false
    this.#body.destroy()
  }

  write(chunk: Uint8Array): boolean {
    const stream = this.#stream
    // What comes after the end of the stream is dropped: the delivery learns of the end from the stream.
    if (stream.destroyed || stream.closed) return true
    this.#full = !stream.write(chunk)
    this.#events.onProgress()
    return !this.#full
  }

  end(trailers?: readonly string[]): void {
    this.#flows = false
    this.#trailers = passingTrailers(trailers) ?? []
    this.#stream.end()
    this.#events.onSent()
  }

  fail(cause: unknown): void {
    this.#flows = false
    this.#events.onFailed(cause)
  }

  onDrain(listener: () => void): void {
    this.#stream.on('drain', () => {
      this.#full = false
      this.#events.onProgress()
      listener()
    })
  }
}
