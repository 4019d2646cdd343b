import type { Failure } from '../http/answer.ts'
import { readAuthority } from '../http/authority.ts'
import { readTarget, type TargetFault } from '../http/target.ts'
import { failed, ok, type Result } from '../platform/result.ts'
import { isFieldName, isFieldValue } from '../http/field-syntax.ts'
import type { FrontLimits } from './limits.ts'

/** A request head as node's parser read it. */
export interface CheckedHead {
  readonly method: string
  /** The request target as written. */
  readonly target: string
  /** `major.minor`. */
  readonly version: string
  /** A flat list name, value, … in the order and casing in which the client sent them. */
  readonly fields: readonly string[]
}

/** The meaning of a request head that passed all checks, so that it can be read in only one way. */
export interface CheckedRequest {
  readonly httpVersion: '1.0' | '1.1'
  readonly target: string
  readonly path: string
  readonly host: string
  /** The Content-Length in bytes, or `chunked`; undefined without a body. */
  readonly body: number | 'chunked' | undefined
  /** Whether the client sent `Expect: 100-continue`, even if the request has no body. */
  readonly expectsContinue: boolean
  /**
   * The value of Upgrade, as the client wrote it, if the request is a WebSocket handshake: an HTTP/1.1 GET without a
   * body and with the single protocol `websocket` in any casing.
   */
  readonly websocket: string | undefined
}

type HeadLimits = Pick<FrontLimits, 'headBytes' | 'headLines'>

/** The fields that decide how a request is framed and where it goes; repeating one would make the request ambiguous. */
interface DecidingFields {
  hosts: number
  host: string | undefined
  contentLength: string | undefined
  transferEncoding: string | undefined
  expect: string | undefined
  upgrade: string | undefined
}

/**
 * Makes the strict checks that node's parser does not make, so that the application and every proxy read the same
 * request from the same bytes. `localAuthority` is the host of a request whose Host field is empty, or missing, which
 * only HTTP/1.0 allows.
 */
export function checkRequest(
  head: CheckedHead,
  localAuthority: string,
  limits: HeadLimits,
): Result<CheckedRequest, Failure> {
  const httpVersion = head.version
  // Node reports version 0.9 for a request line that has no version, and for one that says HTTP/0.9.
  if (httpVersion === '0.9') return badRequest('its first line has no version')
  if (httpVersion !== '1.0' && httpVersion !== '1.1') return failed({ kind: 'unknown-version' })
  if (head.fields.length / 2 > limits.headLines || bytesOf(head) > limits.headBytes) {
    return failed({ kind: 'head-too-large' })
  }

  const deciding = readFields(head.fields)
  if (!deciding.ok) return deciding
  const { host, contentLength, transferEncoding, expect, upgrade, hosts } = deciding.value

  // The checks have the same order as in http1/, so that both engines report the same one of several faults.
  const body = readFraming(contentLength, transferEncoding, httpVersion)
  if (!body.ok) return body
  if (hosts > 1) return badRequest('it has more than one Host field')
  if (host === undefined && httpVersion === '1.1') return badRequest('it has no Host field')
  // An HTTP/1.0 client does not know 100 (Continue), so its Expect field is ignored (RFC 9110 10.1.1).
  const expects = expect !== undefined && httpVersion === '1.1'
  if (expects && expect.toLowerCase() !== '100-continue') return failed({ kind: 'unknown-expectation' })
  // The application's answer to TRACE would show the client the pairing token that the proxy adds.
  if (head.method === 'TRACE' || head.method === 'CONNECT') return failed({ kind: 'method-not-served' })
  const authority = readHost(host)
  if (!authority.ok) return badRequest('its Host field is not a host name or address')
  const target = readTarget(head.method, head.target)
  if (!target.ok) return badRequest(targetFaults[target.failure])

  const handshake = head.method === 'GET' && httpVersion === '1.1' && body.value === undefined
  return ok({
    httpVersion,
    target: target.value.target,
    path: target.value.path,
    host: target.value.authority ?? authority.value ?? localAuthority,
    body: body.value,
    expectsContinue: expects,
    websocket: handshake && upgrade?.toLowerCase() === 'websocket' ? upgrade : undefined,
  })
}

/** The text of each target fault; it ends the sentence `The request cannot be read: …`. */
export const targetFaults: Record<TargetFault, string> = {
  'no-known-form': 'its target is neither a path nor an http address',
  'asterisk-without-options': 'only OPTIONS may have the target *',
  'bad-authority': 'its target names no valid host',
  'forbidden-character': 'its target has a character that is not allowed there',
  'malformed-escape': 'its path has a percent sign without two hexadecimal digits',
  'leaves-root': 'its path leads above the root',
  'hidden-dot-segment': 'its path hides a dot segment behind an encoded slash or a backslash',
}

function badRequest(why: string): { readonly ok: false; readonly failure: Failure } {
  return failed({ kind: 'bad-request', why })
}

/**
 * The authority that a Host field names; undefined for a missing or empty field. A client sends an empty one if its
 * target has no authority (RFC 9112 3.2); the server then uses that of the connection (RFC 9112 3.3).
 */
export function readHost(host: string | undefined): Result<string | undefined, 'no-authority'> {
  if (host === undefined || host === '') return ok(undefined)
  const authority = readAuthority(host)
  return authority === undefined ? failed('no-authority') : ok(authority)
}

/** The size of a head when written with single spaces: `GET /x HTTP/1.1` CRLF, `Name: value` CRLF …, CRLF. */
function bytesOf(head: CheckedHead): number {
  let bytes = head.method.length + head.target.length + 14
  for (const part of head.fields) bytes += part.length + 2
  return bytes
}

function readFields(fields: readonly string[]): Result<DecidingFields, Failure> {
  const found: DecidingFields = {
    hosts: 0,
    host: undefined,
    contentLength: undefined,
    transferEncoding: undefined,
    expect: undefined,
    upgrade: undefined,
  }
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string
    const value = fields[i + 1] as string
    if (!isFieldName(name) || !isFieldValue(value))
      return badRequest('a header field has a character that is not allowed')
    const field = decidingField(name)
    if (field === undefined) continue
    if (field === 'host') {
      found.hosts++
      found.host = value
      continue
    }
    // Repeated Expect or Upgrade lines form a list, which then equals none of the supported values.
    if (found[field] === undefined) found[field] = value
    else if (field === 'expect' || field === 'upgrade') found[field] += `, ${value}`
    else return badRequest(`it has more than one ${name} field`)
  }
  return ok(found)
}

function decidingField(name: string): Exclude<keyof DecidingFields, 'hosts'> | undefined {
  switch (name.length) {
    case 4:
      return name.toLowerCase() === 'host' ? 'host' : undefined
    case 6:
      return name.toLowerCase() === 'expect' ? 'expect' : undefined
    case 7:
      return name.toLowerCase() === 'upgrade' ? 'upgrade' : undefined
    case 14:
      return name.toLowerCase() === 'content-length' ? 'contentLength' : undefined
    case 17:
      return name.toLowerCase() === 'transfer-encoding' ? 'transferEncoding' : undefined
    default:
      return undefined
  }
}

function readFraming(
  contentLength: string | undefined,
  transferEncoding: string | undefined,
  httpVersion: '1.0' | '1.1',
): Result<number | 'chunked' | undefined, Failure> {
  if (transferEncoding !== undefined) {
    if (contentLength !== undefined) return badRequest('it has both Content-Length and Transfer-Encoding')
    if (httpVersion === '1.0') return badRequest('HTTP/1.0 has no Transfer-Encoding')
    const codings = transferEncoding.toLowerCase()
    if (codings === 'chunked') return ok('chunked')
    // An unsupported coding before `chunked` is answered with 501 (RFC 9112 6.1). If `chunked` is not the last coding,
    // the end of the body is unknown: 400 (RFC 9112 6.3).
    // Only SP and HTAB are removed: trim() would also remove others, such as a no-break space.
    const list = codings.split(',').map((coding) => coding.replaceAll(/^[ \t]+|[ \t]+$/g, ''))
    const known = list.filter((coding) => coding === 'chunked').length
    const wellFormed = list.every(isFieldName)
    if (wellFormed && known === 1 && codings.endsWith('chunked')) return failed({ kind: 'unknown-coding' })
    return badRequest('its Transfer-Encoding is not chunked')
  }
  if (contentLength === undefined) return ok(undefined)
  if (!/^[0-9]{1,16}$/.test(contentLength)) return badRequest('its Content-Length is not a number of bytes')
  const length = Number(contentLength)
  if (!Number.isSafeInteger(length)) return badRequest('its Content-Length is too large')
  return ok(length === 0 ? undefined : length)
}
