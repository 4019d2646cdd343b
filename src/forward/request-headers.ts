import { withoutCookie } from '../http/cookies.ts'
import type { Connection, Exchange } from '../http/exchange.ts'
import { connectionOptions, isPairingField } from './hop-by-hop.ts'

type Forwarded = Pick<Exchange, 'method' | 'host' | 'headers' | 'body' | 'connection' | 'upgrade'>

/** Methods whose request means something by its length even when nothing follows. */
export const LENGTH_MATTERS: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])

/**
 * The fields that go to the application, flat: name, value, … In this order: what the client sent end to end, in its order and
 * casing; the framing of the body as the front read it, never as it was written; what says who the client is; the pairing
 * token, last and once. Nothing a client sends can take away, forge or double one of ours. `withheldCookie` is the name of a
 * cookie that goes no further.
 */
export function requestHeaders(exchange: Forwarded, token: string, withheldCookie?: string): string[] {
  const { headers, host, connection } = exchange
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
      // Between two neighbours (RFC 9110 7.6.1), or answered by the front itself (Expect).
      case 'connection':
      case 'keep-alive':
      case 'proxy-connection':
      case 'transfer-encoding':
      case 'expect':
      // An application that speaks h2c takes these two even where Connection does not name them; a handshake gets ours below.
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
      // A list of proxies is continued, not replaced, and cannot be named away.
      case 'x-forwarded-for':
        forwardedFor = append(forwardedFor, value)
        return
      case 'x-forwarded-proto':
        forwardedProto = append(forwardedProto, value)
        return
      default:
        if (!isOurs(lower) && !named.includes(lower)) fields.push(name, value)
    }
  })

  if (hostAt === -1) fields.unshift('Host', host)
  pushFraming(fields, exchange, hadLength)
  if (exchange.upgrade !== undefined) fields.push('Connection', 'Upgrade', 'Upgrade', exchange.upgrade.protocol)
  fields.push(...ourFields(connection, forwardedFor, forwardedProto, token))
  return fields
}

/** Who the client is, and who we are; behind the lists of proxies that came with the request. */
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

/** Spellings that an application may take for one of our fields, though they are none: CGI and its heirs read `_` as `-`. */
function isOurs(lower: string): boolean {
  if (isPairingField(lower)) return true
  if (!lower.includes('_')) return false
  const dashed = lower.replaceAll('_', '-')
  return dashed === 'x-forwarded-for' || dashed === 'x-forwarded-proto'
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

/** One more member of a list. */
export function append(list: string, value: string): string {
  if (value === '') return list
  return list === '' ? value : `${list}, ${value}`
}

/** Always with the port, IPv6 in brackets: what ANCM writes and the ForwardedHeaders middleware reads. */
function clientAddress(address: string, port: number): string {
  return `${address.includes(':') ? `[${address}]` : address}:${String(port)}`
}
