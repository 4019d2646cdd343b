import type { OutgoingHttpHeaders } from 'node:http2'
import type { Exchange, Upgrade } from '../../http/exchange.ts'
import { requestHeaders } from '../request-headers.ts'
import { isWebSocketKey } from '../websocket-key.ts'

/** Fields that HTTP/2 expresses otherwise (RFC 9113 8.2.2, 8.3.1), or not at all. */
const notInHttp2: ReadonlySet<string> = new Set(['host', 'connection', 'upgrade', 'transfer-encoding'])

/** Fields of a WebSocket handshake that an extended CONNECT has not (RFC 8441 5.1). */
const keyFields: ReadonlySet<string> = new Set(['sec-websocket-key', 'sec-websocket-accept'])

/** The request to the application, by the rules of requestHeaders(). */
export interface StreamRequest {
  readonly fields: OutgoingHttpHeaders
  /** Set for a WebSocket, which is an extended CONNECT (RFC 8441). */
  readonly upgrade: Upgrade | undefined
}

export function streamRequest(exchange: Exchange, token: string, withheldCookie: string | undefined): StreamRequest {
  const upgrade = isHandshake(exchange) ? exchange.upgrade : undefined
  const flat = requestHeaders(exchange, token, withheldCookie)
  const fields = fieldsOf(flat, (name) => !notInHttp2.has(name) && (upgrade === undefined || !keyFields.has(name)))
  fields[':method'] = upgrade === undefined ? exchange.method : 'CONNECT'
  if (upgrade !== undefined) fields[':protocol'] = upgrade.protocol.toLowerCase()
  // Always http, because this connection has no TLS; X-Forwarded-Proto has the client's scheme.
  fields[':scheme'] = 'http'
  fields[':authority'] = exchange.host
  fields[':path'] = exchange.target
  return { fields, upgrade }
}

/**
 * Whether the exchange is a WebSocket handshake that can be answered without the application's help: over HTTP/1.1 it
 * needs a valid key. One without is forwarded as an ordinary request.
 */
function isHandshake({ httpVersion, upgrade, headers }: Exchange): boolean {
  if (upgrade === undefined) return false
  return httpVersion === '2' || isWebSocketKey(headers.get('sec-websocket-key') ?? '')
}

/**
 * A flat list name, value, … as Node's HTTP/2 takes it: names in lower case, and one value for each name, because Node
 * refuses some that are repeated. Repeated ones are joined by a comma (RFC 9110 5.3), cookies by a semicolon (RFC 9113
 * 8.2.3).
 */
export function fieldsOf(
  flat: readonly string[],
  wanted: (lower: string) => boolean = () => true,
): OutgoingHttpHeaders {
  const fields = Object.create(null) as OutgoingHttpHeaders
  for (let i = 0; i < flat.length; i += 2) {
    const name = (flat[i] as string).toLowerCase()
    if (!wanted(name)) continue
    const value = flat[i + 1] as string
    const before = fields[name] as string | undefined
    fields[name] = before === undefined ? value : `${before}${name === 'cookie' ? '; ' : ', '}${value}`
  }
  return fields
}
