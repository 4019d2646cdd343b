import type { ByteSink, Exchange, ResponseHead } from '../../http/exchange.ts'
import { type BodyReader, trailerText } from '../../http1/body-reader.ts'
import { Cuts } from '../../http1/cuts.ts'
import { flatFields } from '../../http1/head-fields.ts'
import type { RawResponseHead } from '../../http1/response-head.ts'
import { Lent } from '../../http/lent.ts'
import type { RawReply } from '../../http1/passthrough.ts'
import type { ForwardOptions } from '../forwarder.ts'
import { cutResponse } from './response-cuts.ts'
import { interimHeaders, responseHeaders } from '../response-headers.ts'

/** Forwards one response to the client. `began` and `gave` are lent bytes, and return a value of Lent. */
export interface Relay {
  /** Whether it takes chunked bodies with their framing. */
  readonly keepsFraming: boolean
  began(head: RawResponseHead, body: BodyReader): number
  gave(bytes: Buffer, from: number, to: number): number
  completed(trailers: readonly string[] | undefined): void
}

/** Shared by all responses, as it is used only within one call. */
const cuts = new Cuts()

/** Lends bytes to a reply that takes them as they are, with their framing. */
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

/** Forwards to any reply: heads as objects, and copies of the data without framing. */
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

/** Forwards a 1xx head. */
export function inform(exchange: Exchange, head: RawResponseHead): void {
  exchange.reply.inform(textOf(head, interimHeaders(flatFields(head))))
}

function textOf({ status, line, bytes }: RawResponseHead, headers: readonly string[]): ResponseHead {
  return { status, reason: bytes.toString('latin1', line.reasonStart, line.reasonEnd), headers }
}
