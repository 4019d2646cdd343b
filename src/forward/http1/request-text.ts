import type { Exchange } from '../../http/exchange.ts'
import { Cuts } from '../../http1/cuts.ts'
import { Field } from '../../http1/field-names.ts'
import { valueOf } from '../../http1/head-fields.ts'
import type { RawRequestHead } from '../../http1/request-head.ts'
import type { RawExchange } from '../../http1/passthrough.ts'
import { append, LENGTH_MATTERS, ourFields, requestHeaders } from '../request-headers.ts'

const ZERO = 0x30
/** The first letter of all methods of LENGTH_MATTERS. */
const P = 0x50
const TRAILERS = 'trailers'

/**
 * Makes the heads of the requests to one child, as Latin-1 text, by the rules of requestHeaders(). If a request is
 * there as bytes, and nothing but whole lines must be removed, the bytes are copied without the lines. (A request of a
 * known user is a view, which has no bytes.) Owner: an upstream.
 */
export class RequestText {
  readonly #token: string
  readonly #cuts = new Cuts()

  constructor(token: string) {
    this.#token = token
  }

  of(exchange: Exchange, raw: RawExchange | undefined, withheldCookie?: string): string {
    if (raw !== undefined && withheldCookie === undefined && isPlain(raw)) return this.#fromBytes(exchange, raw)
    const fields = requestHeaders(exchange, this.#token, withheldCookie)
    return `${exchange.method} ${exchange.target} HTTP/1.1\r\n${render(fields)}\r\n`
  }

  #fromBytes(exchange: Exchange, raw: RawExchange): string {
    const { head } = raw
    const { bytes, start, fields, framing } = head
    const isFromProxy = exchange.connection.proxy !== undefined
    this.#cut(head, isFromProxy)
    let text = this.#cuts.text(bytes, start, fields.end)
    if (framing.chunked) text += 'Transfer-Encoding: chunked\r\n'
    else if (framing.length < 0 && bytes[start] === P && LENGTH_MATTERS.has(exchange.method))
      text += 'Content-Length: 0\r\n'
    return text + (isFromProxy ? this.#oursAfter(exchange, head) : this.#ours(exchange, raw))
  }

  /** Cuts the lines that are not forwarded. */
  #cut(head: RawRequestHead, isFromProxy: boolean): void {
    const { fields } = head
    const cuts = this.#cuts
    cuts.clear()
    for (let n = 0; n < fields.knownCount; n++) {
      const i = fields.known(n)
      switch (fields.field(i)) {
        case Field.host:
        case Field.contentLength:
        case Field.te:
        case Field.trailer:
        case Field.date:
        case Field.authorization:
        case Field.proxyAuthorization:
        case Field.wwwAuthenticate:
        case Field.proxyAuthenticate:
          continue
        case Field.otherForwarded:
          if (isFromProxy) continue
          break
      }
      cuts.add(fields.nameStart(i), fields.lineEnd(i))
    }
  }

  /** The fields added to a request that no proxy has forwarded; cached, as they are the same for a client's requests. */
  #ours({ connection }: Exchange, { client }: RawExchange): string {
    if (client.headerCacheOwner !== this) {
      client.headerCacheOwner = this
      client.headerCache = `${render(ourFields(connection, '', '', this.#token))}\r\n`
    }
    return client.headerCache
  }

  /** The fields added to a request from a trusted proxy, whose X-Forwarded-For and -Proto they continue. */
  #oursAfter({ connection }: Exchange, { bytes, fields }: RawRequestHead): string {
    let forwardedFor = ''
    let forwardedProto = ''
    for (let i = 0; i < fields.count; i++) {
      if (fields.field(i) === Field.xForwardedFor) forwardedFor = append(forwardedFor, valueOf(bytes, fields, i))
      else if (fields.field(i) === Field.xForwardedProto)
        forwardedProto = append(forwardedProto, valueOf(bytes, fields, i))
    }
    return `${render(ourFields(connection, forwardedFor, forwardedProto, this.#token))}\r\n`
  }
}

/**
 * Whether the head can be forwarded by removing lines only: no line must be changed, and Connection names no other
 * field.
 */
function isPlain({ head, isAsWritten }: RawExchange): boolean {
  if (!isAsWritten || head.line.minor === 0 || head.options.namesFields) return false
  const { bytes, fields } = head
  for (let n = 0; n < fields.knownCount; n++) {
    const i = fields.known(n)
    const field = fields.field(i)
    if (field === Field.te && valueOf(bytes, fields, i) !== TRAILERS) return false
    // A length with leading zeros is written anew.
    if (
      field === Field.contentLength &&
      fields.valueEnd(i) - fields.valueStart(i) > 1 &&
      bytes[fields.valueStart(i)] === ZERO
    )
      return false
  }
  return true
}

function render(fields: readonly string[]): string {
  let text = ''
  for (let i = 0; i < fields.length; i += 2) text += `${fields[i] as string}: ${fields[i + 1] as string}\r\n`
  return text
}
