import type { Failure } from '../../http/answer.ts'
import { isFieldName } from '../../http/field-syntax.ts'
import { readTarget } from '../../http/target.ts'
import { failed, ok, type Result } from '../../platform/result.ts'
import type { FrontLimits } from '../limits.ts'
import { readHost, targetFaults } from '../request-check.ts'

/** The meaning of a header block that passed all checks, so that it can be read in only one way. */
export interface Http2Request {
  /** `CONNECT` for a WebSocket handshake (RFC 8441). */
  readonly method: string
  readonly target: string
  readonly path: string
  readonly host: string
  /** A flat list name, value, …: `host` first, then the client's fields in order, its cookie fields joined. */
  readonly fields: readonly string[]
  /** The bytes of the fields when written as lines. */
  readonly headBytes: number
  /** Undefined without a Content-Length. */
  readonly length: number | undefined
  readonly expectsContinue: boolean
  /** Whether it is a WebSocket handshake: an extended CONNECT (RFC 8441). */
  readonly isWebSocket: boolean
}

interface PseudoFields {
  method: string
  scheme: string
  authority: string | undefined
  path: string
  protocol: string | undefined
}

interface RegularFields {
  readonly fields: string[]
  bytes: number
  host: string | undefined
  contentLength: string | undefined
  expect: string | undefined
  /** The field that came twice although it must not. */
  repeated: string | undefined
  /** A field that belongs to a connection, which HTTP/2 does not have (RFC 9113 8.2.2). */
  forbidden: string | undefined
}

/** Methods that a client has written in small letters; some programs would take them for the known ones. */
const KNOWN_METHODS: ReadonlySet<string> = new Set([
  'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH',
]) // biome-ignore format: a table

/**
 * Makes the checks that the HTTP/2 library does not make. It has already refused a header block with upper-case names,
 * wrong pseudo-fields or connection-specific fields, and it has dropped fields with forbidden characters.
 *
 * @param raw the header block as a flat list name, value, … in the order of the client, pseudo-fields first
 * @param scheme the scheme of the connection, which the request must name
 */
export function readHttp2Request(
  raw: readonly string[],
  scheme: string,
  limits: Pick<FrontLimits, 'headBytes' | 'headLines'>,
): Result<Http2Request, Failure> {
  const pseudo: PseudoFields = { method: '', scheme: '', authority: undefined, path: '', protocol: undefined }
  const regular = readRegular(raw, readPseudo(raw, pseudo))
  const headBytes = regular.bytes + pseudo.method.length + pseudo.path.length + 14
  if (regular.fields.length / 2 > limits.headLines || headBytes > limits.headBytes) {
    return failed({ kind: 'head-too-large' })
  }

  const { contentLength, expect, forbidden, repeated } = regular
  if (contentLength !== undefined && !/^[0-9]{1,15}$/.test(contentLength))
    return badRequest('its Content-Length is not a number of bytes')
  if (forbidden !== undefined) return badRequest(`HTTP/2 has no ${forbidden} field`)
  if (repeated !== undefined) return badRequest(`it has more than one ${repeated} field`)
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') return failed({ kind: 'unknown-expectation' })
  const isWebSocket = pseudo.protocol !== undefined
  const method = readMethod(pseudo)
  if (!method.ok) return method
  if (pseudo.scheme.toLowerCase() !== scheme) return badRequest('its scheme is not that of the connection')
  const host = readAgreedHost(pseudo.authority, regular.host)
  if (!host.ok) return host
  // Only these two forms exist in HTTP/2; an absolute form would name a second authority.
  if (pseudo.path.charCodeAt(0) !== 0x2f && pseudo.path !== '*') return badRequest(targetFaults['no-known-form'])
  const target = readTarget(pseudo.method, pseudo.path)
  if (!target.ok) return badRequest(targetFaults[target.failure])
  regular.fields[1] = host.value
  return ok({
    method: method.value,
    target: target.value.target,
    path: target.value.path,
    host: host.value,
    fields: regular.fields,
    headBytes,
    length: contentLength === undefined ? undefined : Number(contentLength),
    expectsContinue: expect !== undefined,
    isWebSocket,
  })
}

/** Returns the index of the first regular field. */
function readPseudo(raw: readonly string[], pseudo: PseudoFields): number {
  let i = 0
  for (; i < raw.length; i += 2) {
    const name = raw[i] as string
    if (name.charCodeAt(0) !== 0x3a /* : */) break
    const value = raw[i + 1] as string
    switch (name) {
      case ':method':
        pseudo.method = value
        break
      case ':scheme':
        pseudo.scheme = value
        break
      case ':authority':
        pseudo.authority = value
        break
      case ':path':
        pseudo.path = value
        break
      case ':protocol':
        pseudo.protocol = value
        break
    }
  }
  return i
}

function readRegular(raw: readonly string[], first: number): RegularFields {
  const found: RegularFields = {
    fields: ['host', ''],
    bytes: 0,
    host: undefined,
    contentLength: undefined,
    expect: undefined,
    repeated: undefined,
    forbidden: undefined,
  }
  const { fields } = found
  let cookieAt = -1
  let authorizations = 0
  let contentTypes = 0
  let proxyAuthorizations = 0
  for (let i = first; i < raw.length; i += 2) {
    const name = raw[i] as string
    const value = raw[i + 1] as string
    found.bytes += name.length + value.length + 4
    switch (name.length) {
      case 4:
        if (name === 'host') {
          found.host = value
          continue
        }
        break
      case 6:
        if (name === 'cookie') {
          // HTTP/2 clients send cookies in pieces, of which HTTP/1.1 makes one field (RFC 9113 8.2.3).
          if (cookieAt >= 0) {
            fields[cookieAt] = `${fields[cookieAt] as string}; ${value}`
            continue
          }
          cookieAt = fields.length + 1
        } else if (name === 'expect') found.expect = found.expect === undefined ? value : `${found.expect}, ${value}`
        break
      case 7:
        if (name === 'upgrade') found.forbidden = name
        break
      case 10:
        if (name === 'connection' || name === 'keep-alive') found.forbidden = name
        break
      case 12:
        if (name === 'content-type' && contentTypes++ > 0) found.repeated = name
        break
      case 13:
        if (name === 'authorization' && authorizations++ > 0) found.repeated = name
        break
      case 14:
        if (name === 'content-length') {
          if (found.contentLength !== undefined) found.repeated = name
          found.contentLength = value
        } else if (name === 'http2-settings') found.forbidden = name
        break
      case 16:
        if (name === 'proxy-connection') found.forbidden = name
        break
      case 17:
        if (name === 'transfer-encoding') found.forbidden = name
        break
      case 19:
        if (name === 'proxy-authorization' && proxyAuthorizations++ > 0) found.repeated = name
        break
    }
    fields.push(name, value)
  }
  return found
}

/** The method that the application sees. */
function readMethod({ method, protocol }: PseudoFields): Result<string, Failure> {
  if (method === 'GET' || method === 'POST') return ok(method)
  // The application's answer to TRACE would show the client the pairing token that the proxy adds.
  if (method === 'TRACE') return failed({ kind: 'method-not-served' })
  if (method === 'CONNECT') return protocol === 'websocket' ? ok(method) : failed({ kind: 'method-not-served' })
  if (!isFieldName(method)) return badRequest('its method is not a word')
  const upper = method.toUpperCase()
  if (upper !== method && KNOWN_METHODS.has(upper)) return badRequest('its method is written in small letters')
  return ok(method)
}

/** The authority, which `:authority` and Host name (RFC 9113 8.3.1); both must be the same. */
function readAgreedHost(authority: string | undefined, host: string | undefined): Result<string, Failure> {
  if (authority !== undefined && host !== undefined && authority.toLowerCase() !== host.toLowerCase())
    return badRequest('its Host field differs from its authority')
  const read = readHost(authority ?? host)
  if (!read.ok) return badRequest('its authority is not a host name or address')
  return read.value === undefined ? badRequest('it names no authority') : ok(read.value)
}

function badRequest(why: string): { readonly ok: false; readonly failure: Failure } {
  return failed({ kind: 'bad-request', why })
}
