import type { Failure } from '../../http/answer.ts'
import { isFieldName } from '../../http/field-syntax.ts'
import { readTarget } from '../../http/target.ts'
import { failed, ok, type Result } from '../../platform/result.ts'
import type { FrontLimits } from '../limits.ts'
import { readHost, targetFaults } from '../request-check.ts'
import { FieldMeaning, meaningOf } from './field-meaning.ts'
import type { HeadList } from './hpack/head-list.ts'
import type { HpackField } from './hpack/hpack-field.ts'

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
  method: string | undefined
  scheme: string | undefined
  authority: string | undefined
  path: string | undefined
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
  /** Whether a field is malformed, or a pseudo-field stands behind another field. */
  isMalformed: boolean
}

/** Methods that a client has written in small letters; some programs would take them for the known ones. */
const KNOWN_METHODS: ReadonlySet<string> = new Set([
  'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH',
]) // biome-ignore format: a table

/**
 * Reads the header block of a request strictly, so that it has one meaning only.
 *
 * @param scheme the scheme of the connection, which the request must name
 * @param endsStream whether the request has no body
 */
export function readHttp2Request(
  list: HeadList,
  scheme: string,
  endsStream: boolean,
  limits: Pick<FrontLimits, 'headBytes' | 'headLines'>,
): Result<Http2Request, Failure> {
  const pseudo: PseudoFields = {
    method: undefined,
    scheme: undefined,
    authority: undefined,
    path: undefined,
    protocol: undefined,
  }
  const first = readPseudo(list.fields, pseudo)
  if (first < 0) return badRequest('its pseudo-fields are malformed')
  const regular = readRegular(list.fields, first)
  const { method, path } = pseudo
  const headBytes = regular.bytes + (method?.length ?? 0) + (path?.length ?? 0) + 14
  if (list.isTooLarge || regular.fields.length / 2 > limits.headLines || headBytes > limits.headBytes) {
    return failed({ kind: 'head-too-large' })
  }
  if (method === undefined) return badRequest('it has no method')
  if (regular.isMalformed) return badRequest('a header field has a character that is not allowed')
  const { contentLength, expect, forbidden, repeated } = regular
  if (contentLength !== undefined && !/^[0-9]{1,15}$/.test(contentLength))
    return badRequest('its Content-Length is not a number of bytes')
  if (forbidden !== undefined) return badRequest(`HTTP/2 has no ${forbidden} field`)
  if (repeated !== undefined) return badRequest(`it has more than one ${repeated} field`)
  if (endsStream && Number(contentLength ?? 0) > 0) return badRequest('it has a Content-Length and no body')
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') return failed({ kind: 'unknown-expectation' })
  const served = readMethod(method, pseudo.protocol)
  if (!served.ok) return served
  if (pseudo.scheme === undefined || path === undefined) return badRequest('its pseudo-fields are not complete')
  if (pseudo.scheme.toLowerCase() !== scheme) return badRequest('its scheme is not that of the connection')
  const host = readAgreedHost(pseudo.authority, regular.host)
  if (!host.ok) return host
  // Only these two forms exist in HTTP/2; an absolute form would name a second authority.
  if (path.charCodeAt(0) !== 0x2f && path !== '*') return badRequest(targetFaults['no-known-form'])
  const target = readTarget(method, path)
  if (!target.ok) return badRequest(targetFaults[target.failure])
  regular.fields[1] = host.value
  return ok({
    method,
    target: target.value.target,
    path: target.value.path,
    host: host.value,
    fields: regular.fields,
    headBytes,
    length: contentLength === undefined ? undefined : Number(contentLength),
    expectsContinue: expect !== undefined,
    isWebSocket: pseudo.protocol !== undefined,
  })
}

/** Returns the index of the first regular field; -1 if a pseudo-field comes twice. */
function readPseudo(fields: readonly HpackField[], pseudo: PseudoFields): number {
  let i = 0
  for (; i < fields.length; i++) {
    const field = fields[i] as HpackField
    switch (meaningOf(field)) {
      case FieldMeaning.method:
        if (pseudo.method !== undefined) return -1
        pseudo.method = field.value
        break
      case FieldMeaning.scheme:
        if (pseudo.scheme !== undefined) return -1
        pseudo.scheme = field.value
        break
      case FieldMeaning.authority:
        if (pseudo.authority !== undefined) return -1
        pseudo.authority = field.value
        break
      case FieldMeaning.path:
        if (pseudo.path !== undefined) return -1
        pseudo.path = field.value
        break
      case FieldMeaning.protocol:
        if (pseudo.protocol !== undefined) return -1
        pseudo.protocol = field.value
        break
      default:
        return i
    }
  }
  return i
}

function readRegular(list: readonly HpackField[], first: number): RegularFields {
  const found: RegularFields = {
    fields: ['host', ''],
    bytes: 0,
    host: undefined,
    contentLength: undefined,
    expect: undefined,
    repeated: undefined,
    forbidden: undefined,
    isMalformed: false,
  }
  const { fields } = found
  let cookieAt = -1
  let once = 0
  for (let i = first; i < list.length; i++) {
    const field = list[i] as HpackField
    const { name, value } = field
    found.bytes += name.length + value.length + 4
    const meaning = meaningOf(field)
    switch (meaning) {
      case FieldMeaning.plain:
        break
      case FieldMeaning.host:
        if (found.host !== undefined) found.repeated = name
        found.host = value
        continue
      case FieldMeaning.cookie:
        // HTTP/2 clients send cookies in pieces, of which HTTP/1.1 makes one field (RFC 9113 8.2.3).
        if (cookieAt >= 0) {
          fields[cookieAt] = `${fields[cookieAt] as string}; ${value}`
          continue
        }
        cookieAt = fields.length + 1
        break
      case FieldMeaning.expect:
        found.expect = found.expect === undefined ? value : `${found.expect}, ${value}`
        break
      case FieldMeaning.ofConnection:
        found.forbidden = name
        break
      case FieldMeaning.contentLength:
        found.contentLength = value
        if ((once & (1 << meaning)) !== 0) found.repeated = name
        once |= 1 << meaning
        break
      case FieldMeaning.contentType:
      case FieldMeaning.authorization:
      case FieldMeaning.proxyAuthorization:
        if ((once & (1 << meaning)) !== 0) found.repeated = name
        once |= 1 << meaning
        break
      default:
        // A malformed field, or a pseudo-field behind a regular one.
        found.isMalformed = true
    }
    fields.push(name, value)
  }
  return found
}

/** Refuses a method that is not served. */
function readMethod(method: string, protocol: string | undefined): Result<string, Failure> {
  if (protocol !== undefined && method !== 'CONNECT') return badRequest('only CONNECT has a protocol')
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
