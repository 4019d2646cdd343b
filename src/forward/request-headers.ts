import { withoutCookie } from '../http/cookies.ts'
import type { Connection, Exchange } from '../http/exchange.ts'
import { userField, userFieldValue } from './known-users.ts'
import { connectionOptions, isPairingField } from './hop-by-hop.ts'

type Forwarded = Pick<Exchange, 'method' | 'host' | 'headers' | 'body' | 'connection' | 'upgrade' | 'user'>

/** Methods whose requests need a Content-Length even without a body. */
export const LENGTH_MATTERS: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])

/**
 * The header fields for the application, as a flat list name, value, … In this order: the client's end-to-end fields,
 * in its order and casing; the framing of the body as the front understood it, not as it was written; the client's
 * address and scheme; the user, if one is known; the pairing token, last and once. No field of a client can remove, forge or repeat a field that
 * the proxy adds. Forwarded and X-Forwarded-* pass only from a trusted proxy, whose lists are continued.
 * `withheldCookie`: the name of a cookie that is not forwarded.
 */
export function requestHeaders(exchange: Forwarded, token: string, withheldCookie?: string): string[] {
  const { headers, host, connection } = exchange
  const isFromProxy = connection.proxy !== undefined
  const named = connectionOptions(headers.get('connection'))
  const fields: string[] = []
  let forwardedFor = ''
  let forwardedProto = ''
  let hostAt = -1
  let hadLength = false

  headers.each((name, value) => {
    const lower = name.toLowerCase()
    switch (lower) {
      case 'host':
        if (hostAt === -1) hostAt = fields.push(name, host)
        return
      case 'content-length':
        hadLength = true
        return
      // Hop-by-hop fields (RFC 9110 7.6.1), and Expect, which the front itself answers.
      case 'connection':
      case 'keep-alive':
      case 'proxy-connection':
      case 'transfer-encoding':
      case 'expect':
      // A server with h2c may obey these two even if Connection does not name them. A WebSocket handshake gets a new
      // Upgrade field below.
      case 'upgrade':
      case 'http2-settings':
        return
      case 'te':
        if (connectionOptions(value).includes('trailers')) fields.push(name, 'trailers')
        return
      case 'cookie': {
        const cookies = withheldCookie === undefined ? value : withoutCookie(value, withheldCookie)
        if ((cookies !== '' || value === '') && !named.includes(lower)) fields.push(name, cookies)
        return
      }
      // A trusted proxy's lists are continued, not replaced, and a Connection option cannot remove them.
      case 'x-forwarded-for':
        if (isFromProxy) forwardedFor = append(forwardedFor, value)
        return
      case 'x-forwarded-proto':
        if (isFromProxy) forwardedProto = append(forwardedProto, value)
        return
      default:
        if (isOurs(lower) || named.includes(lower)) return
        if (isFromProxy || !isForwarded(lower)) fields.push(name, value)
    }
  })

  if (hostAt === -1) fields.unshift('Host', host)
  pushFraming(fields, exchange, hadLength)
  if (exchange.upgrade !== undefined) fields.push('Connection', 'Upgrade', 'Upgrade', exchange.upgrade.protocol)
  if (exchange.user !== undefined) fields.push(userField, userFieldValue(exchange.user))
  fields.push(...ourFields(connection, forwardedFor, forwardedProto, token))
  return fields
}

/** The fields that the proxy adds: the client's address, scheme and certificate, and the token. Lists are continued. */
export function ourFields(
  connection: Connection,
  forwardedFor: string,
  forwardedProto: string,
  token: string,
): string[] {
  const { remoteAddress, remotePort, scheme, clientCertificate } = connection
  const fields = ['X-Forwarded-For', append(forwardedFor, clientAddress(remoteAddress, remotePort))]
  fields.push('X-Forwarded-Proto', append(forwardedProto, scheme))
  if (clientCertificate !== undefined) fields.push('MS-ASPNETCORE-CLIENTCERT', clientCertificate)
  fields.push('MS-ASPNETCORE-TOKEN', token)
  return fields
}

/**
 * The value of a request field (its name in lower case) for those who decide about a request before it is forwarded, so
 * that they go by nothing that the application will not get: Forwarded and X-Forwarded-* are those of a trusted proxy,
 * else what the proxy adds. Its list is without the client that is added behind it, so that one proxy's `https` is not
 * `https, https`. The fields of the pairing are nobody's business.
 */
export function knownField({ headers, connection }: Pick<Exchange, 'headers' | 'connection'>, lower: string): string {
  if (isOurs(lower)) return ''
  const value = headers.get(lower) ?? ''
  if (!isForwarded(lower) || (connection.proxy !== undefined && value !== '')) return value
  if (lower === 'x-forwarded-for') return clientAddress(connection.remoteAddress, connection.remotePort)
  return lower === 'x-forwarded-proto' ? connection.scheme : ''
}

/** Whether an application may take a name for a field that a proxy adds: CGI-like programs take `_` for `-`. */
function isOurs(lower: string): boolean {
  if (isPairingField(lower)) return true
  return lower.includes('_') && lower.replaceAll('_', '-').startsWith('x-forwarded')
}

/** Whether a name belongs to the fields in which proxies tell about the client; only those of a trusted proxy go on. */
export function isForwarded(lower: string): boolean {
  return lower === 'forwarded' || lower.startsWith('x-forwarded')
}

function pushFraming(fields: string[], { method, body }: Forwarded, hadLength: boolean): void {
  if (body === undefined) {
    if (hadLength || LENGTH_MATTERS.has(method)) fields.push('Content-Length', '0')
  } else if (body.length === undefined) {
    fields.push('Transfer-Encoding', 'chunked')
  } else {
    fields.push('Content-Length', String(body.length))
  }
}

/** A list with one more member. */
export function append(list: string, value: string): string {
  if (value === '') return list
  return list === '' ? value : `${list}, ${value}`
}

/**
 * Address and port, IPv6 in brackets, as ANCM writes them and the ForwardedHeaders middleware reads them. Without the
 * port where it is not known, as most proxies do not tell it.
 */
function clientAddress(address: string, port: number): string {
  if (port === 0) return address
  return `${address.includes(':') ? `[${address}]` : address}:${String(port)}`
}
