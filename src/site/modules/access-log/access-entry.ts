import type { Exchange } from '../../../http/exchange.ts'
import { type RequestRecord, win32 } from '../../../http/request-record.ts'

/** What one line of the access log tells: a request that is over, or bytes that never became a request. */
export interface AccessEntry {
  /** When the request was over, in milliseconds since 1970. */
  readonly time: number
  /** How long it took. */
  readonly ms: number
  /** Undefined: it was for no site. */
  readonly site: number | undefined
  /** IIS's application id; undefined: it was for no application. */
  readonly app: string | undefined
  /** The process that it was forwarded to; 0: none. */
  readonly pid: number
  readonly upstreamMs: number | undefined
  readonly localAddress: string
  readonly localPort: number
  readonly remoteAddress: string
  readonly remotePort: number
  readonly scheme: 'http' | 'https'
  readonly httpVersion: '1.0' | '1.1' | '2'
  /** Empty for what never became a request, as are target, path and host. */
  readonly method: string
  /** As the client wrote it, with the query. */
  readonly target: string
  /** Decoded once, without the query. */
  readonly path: string
  readonly host: string
  /** Empty: the user is not known. */
  readonly userName: string
  readonly userAgent: string
  readonly referer: string
  /** Of the field traceparent: 32 hexadecimal digits; empty without one. */
  readonly traceId: string
  readonly status: number
  readonly substatus: number
  readonly win32Status: number
  /** The bytes of the body, or of the tunnel, without any head. */
  readonly sentBytes: number
  readonly receivedBytes: number
}

/** The status of a request whose client left before anything was sent; it is seen in the log alone. */
const clientGoneStatus = 499

const traceparent = /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}(?:-|$)/

/** The entry of an exchange that is over. `now`: monotonic milliseconds; `time`: since 1970. */
export function entryOf(
  exchange: Exchange,
  record: RequestRecord,
  site: number | undefined,
  app: string | undefined,
  now: number,
  time: number,
): AccessEntry {
  const { connection, reply, body } = exchange
  const { win32Status, traceparent: trace } = record
  return {
    time,
    ms: now - exchange.receivedAt,
    site,
    app,
    pid: record.pid,
    upstreamMs: record.upstreamMs,
    localAddress: connection.localAddress,
    localPort: connection.localPort,
    remoteAddress: connection.remoteAddress,
    remotePort: connection.remotePort,
    scheme: connection.scheme,
    httpVersion: exchange.httpVersion,
    method: record.method,
    target: record.target,
    path: record.path,
    host: record.host,
    userName: record.userName,
    userAgent: record.userAgent,
    referer: record.referer,
    traceId: trace === '' ? '' : (traceparent.exec(trace)?.[1] ?? ''),
    status: reply.status === 0 ? clientGoneStatus : reply.status,
    substatus: record.substatus,
    win32Status: win32Status === 0 && reply.gone ? win32.clientGone : win32Status,
    sentBytes: reply.bytes + record.tunnelSentBytes,
    receivedBytes: (body?.received ?? 0) + record.tunnelReceivedBytes,
  }
}

/** A request that was refused before it could be read: its head was malformed, too large or too slow. */
export interface UnreadRequest {
  readonly status: number
  readonly substatus: number
  readonly isTooSlow: boolean
  readonly remoteAddress: string
  readonly localPort: number
}

export function entryOfUnread(
  { status, substatus, isTooSlow, remoteAddress, localPort }: UnreadRequest,
  site: number | undefined,
  time: number,
): AccessEntry {
  return {
    time,
    ms: 0,
    site,
    app: undefined,
    pid: 0,
    upstreamMs: undefined,
    localAddress: '',
    localPort,
    remoteAddress,
    remotePort: 0,
    scheme: 'http',
    httpVersion: '1.1',
    method: '',
    target: '',
    path: '',
    host: '',
    userName: '',
    userAgent: '',
    referer: '',
    traceId: '',
    status,
    substatus,
    win32Status: isTooSlow ? win32.timeOut : 0,
    sentBytes: 0,
    receivedBytes: 0,
  }
}
