import type { Exchange } from '../../http/exchange.ts'
import { flatFields } from '../../http1/head-fields.ts'
import type { RawResponseHead } from '../../http1/response-head.ts'
import { requestHeaders } from '../request-headers.ts'
import { interimHeaders } from '../response-headers.ts'
import { acceptOf, newWebSocketKey } from '../websocket-key.ts'

const KEY = 'sec-websocket-key'
const ACCEPT = 'sec-websocket-accept'

/** One WebSocket handshake towards the application, as HTTP/1.1. */
export interface UpgradeRequest {
  /** The head of the request, as Latin-1 text. */
  readonly text: string
  /** The key that was made here, because the client's request has none (HTTP/2); undefined for the client's own. */
  readonly key: string | undefined
}

/**
 * Makes the handshake: always a GET, also when the client's request is an extended CONNECT of HTTP/2, which has no key
 * (RFC 8441 5.1).
 */
export function upgradeRequest(exchange: Exchange, token: string, withheldCookie?: string): UpgradeRequest {
  const key = exchange.httpVersion === '2' ? newWebSocketKey() : undefined
  const fields = requestHeaders(exchange, token, withheldCookie)
  let text = `GET ${exchange.target} HTTP/1.1\r\n`
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string
    if (key === undefined || name.toLowerCase() !== KEY) text += `${name}: ${fields[i + 1] as string}\r\n`
  }
  if (key !== undefined) text += `Sec-WebSocket-Key: ${key}\r\n`
  return { text: `${text}\r\n`, key }
}

/** Why a 101 is refused; undefined when it is not. `protocol`: the one that was asked for. */
export function switchFault(head: RawResponseHead, protocol: string, key: string | undefined): string | undefined {
  if (head.line.minor !== 1) return 'it switches protocols with HTTP/1.0'
  const fields = flatFields(head)
  const protocols = valuesOf(fields, 'upgrade')
  if (protocols.length !== 1 || protocols[0]?.toLowerCase() !== protocol.toLowerCase())
    return 'it switches to a protocol that nobody asked for'
  if (!head.options.upgrade) return 'its Connection field does not name Upgrade'
  // Whoever made the key checks the answer to it; the client's own key is checked by the client.
  if (key === undefined) return undefined
  const accepted = valuesOf(fields, ACCEPT)
  return accepted.length === 1 && accepted[0] === acceptOf(key)
    ? undefined
    : 'its Sec-WebSocket-Accept does not answer the key'
}

/**
 * The fields of a 101 for the client, without Connection and Upgrade, which the front writes, and without the answer to
 * a key that the client has not sent.
 */
export function switchHeaders(head: RawResponseHead, key: string | undefined): string[] {
  const kept = interimHeaders(flatFields(head), 'upgrade')
  if (key === undefined) return kept
  const at = kept.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === ACCEPT)
  if (at >= 0) kept.splice(at, 2)
  return kept
}

function valuesOf(fields: readonly string[], lowerCaseName: string): string[] {
  return fields.filter((_value, i) => i % 2 === 1 && fields[i - 1]?.toLowerCase() === lowerCaseName)
}
