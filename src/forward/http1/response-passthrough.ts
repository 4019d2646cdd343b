import type { ByteSink, Exchange, ResponseHead } from '../../http/exchange.ts'
import { type BodyReader, trailerText } from '../../http1/body-reader.ts'
import { Cuts } from '../../http1/cuts.ts'
import { flatFields } from '../../http1/head-fields.ts'
import type { RawResponseHead } from '../../http1/response-head.ts'
import { Lent, type RawReply } from '../../http1/passthrough.ts'
import type { ForwardOptions } from '../forwarder.ts'
import { cutResponse } from './response-cuts.ts'
import { interimHeaders, responseHeaders } from '../response-headers.ts'

/** Carries one response to the client. Bytes are lent: see Lent. */
export interface Relay {
  /** Chunks are given on as they are. */
  readonly keepsFraming: boolean
  began(head: RawResponseHead, body: BodyReader): number
  gave(bytes: Buffer, from: number, to: number): number
  completed(trailers: readonly string[] | undefined): void
}

/** Only used within one call. */
const cuts = new Cuts()

/** To a reply that takes bytes as they are, and frames nothing. */
export class LendingRelay implements Relay {
  readonly keepsFraming = true
  readonly #reply: RawReply
  readonly #keepConnection: boolean

  constructor(reply: RawReply, keepConnection: boolean) {
    this.#reply = reply
    this.#keepConnection = keepConnection
  }

  began(head: RawResponseHead, body: BodyReader): number {
    cutResponse(head, body.isChunked, this.#keepConnection, cuts)
    return this.#reply.beginLent(head, cuts, body.to, this.#keepConnection && head.options.close)
  }

  gave(bytes: Buffer, from: number, to: number): number {
    return this.#reply.lend(bytes, from, to)
  }

  completed(trailers: readonly string[] | undefined): void {
    if (trailers !== undefined) this.#reply.text(trailerText(trailers))
    this.#reply.endLent()
  }
}

/** To any reply: heads as objects, data without framing, in copies that are the sink's own. */
export class CopyingRelay implements Relay {
  readonly keepsFraming = false
  readonly #exchange: Exchange
  readonly #options: ForwardOptions
  readonly #onDrain: () => void
  #sink: ByteSink | undefined

  constructor(exchange: Exchange, options: ForwardOptions, onDrain: () => void) {
    this.#exchange = exchange
    this.#options = options
    this.#onDrain = onDrain
  }

  began(head: RawResponseHead, body: BodyReader): number {
    const { forwardResponseConnectionHeader, addedFields = [] } = this.#options
    const headers = responseHeaders(flatFields(head), forwardResponseConnectionHeader, { status: head.status })
    this.#sink = this.#exchange.reply.begin(textOf(head, [...headers, ...addedFields]))
    this.#sink.onDrain(this.#onDrain)
    return this.gave(head.bytes, body.from, body.to)
  }

  gave(bytes: Buffer, from: number, to: number): number {
    if (from === to || this.#sink === undefined) return Lent.done
    return this.#sink.write(Buffer.from(bytes.subarray(from, to))) ? Lent.done : Lent.full
  }

  completed(trailers: readonly string[] | undefined): void {
    this.#sink?.end(trailers)
  }
}

/** Gives a 1xx head on. */
export function inform(exchange: Exchange, head: RawResponseHead): void {
  exchange.reply.inform(textOf(head, interimHeaders(flatFields(head))))
}

function textOf({ status, line, bytes }: RawResponseHead, headers: readonly string[]): ResponseHead {
  return { status, reason: bytes.toString('latin1', line.reasonStart, line.reasonEnd), headers }
}
