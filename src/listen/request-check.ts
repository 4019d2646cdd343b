import type { Failure } from '../http/answer.ts'
import { readAuthority } from '../http/authority.ts'
import { readTarget, type TargetFault } from '../http/target.ts'
import { failed, ok, type Result } from '../platform/result.ts'
import { isFieldName, isFieldValue } from '../http/field-syntax.ts'
import type { FrontLimits } from './limits.ts'

/** A request head as the parser read it. */
export interface CheckedHead {
  readonly method: string
  /** The request target as written. */
  readonly target: string
  /** `major.minor`. */
  readonly version: string
  /** Flat name, value, … in the order and casing in which they came. */
  readonly fields: readonly string[]
}

/** What a request head comes to that can be read in one way only. */
export interface CheckedRequest {
  readonly httpVersion: '1.0' | '1.1'
  readonly target: string
  readonly path: string
  readonly host: string
  /** Content-Length in bytes, `chunked`, or undefined when there is no body. */
  readonly body: number | 'chunked' | undefined
  /** The client expects a 100 before the body; also where there is none. */
  readonly expectsContinue: boolean
  /** The value of Upgrade when this is a WebSocket handshake: `websocket` in any case, GET, HTTP/1.1, no body. */
  readonly websocket: string | undefined
}

type HeadLimits = Pick<FrontLimits, 'headBytes' | 'headLines'>

/** The fields that decide how a message is framed and where it goes; with a second one of them it could be read in two ways. */
interface DecidingFields {
  hosts: number
  host: string | undefined
  contentLength: string | undefined
  transferEncoding: string | undefined
  expect: string | undefined
  upgrade: string | undefined
}

/**
 * The strict checks that node's parser leaves to its user, so that everybody reads the same request out of the same bytes.
 * `localAuthority` stands in for a Host field that says nothing, and for the one that an HTTP/1.0 client need not send.
 */
export function checkRequest(
  head: CheckedHead,
  localAuthority: string,
  limits: HeadLimits,
): Result<CheckedRequest, Failure> {
  const httpVersion = head.version
  // Node says 0.9 of a request line without a version, and of one whose version does not exist.
  if (httpVersion === '0.9') return badRequest('its first line has no version')
  if (httpVersion !== '1.0' && httpVersion !== '1.1') return failed({ kind: 'unknown-version' })
  if (head.fields.length / 2 > limits.headLines || bytesOf(head) > limits.headBytes) {
    return failed({ kind: 'head-too-large' })
  }

  const deciding = readFields(head.fields)
  if (!deciding.ok) return deciding
  const { host, contentLength, transferEncoding, expect, upgrade, hosts } = deciding.value

  // In the order of http1/, so that of several faults both engines name the same.
  const body = readFraming(contentLength, transferEncoding, httpVersion)
  if (!body.ok) return body
  if (hosts > 1) return badRequest('it has more than one Host field')
  if (host === undefined && httpVersion === '1.1') return badRequest('it has no Host field')
  // An HTTP/1.0 client knows no 100 and its expectation is to be ignored (RFC 9110 10.1.1).
  const expects = expect !== undefined && httpVersion === '1.1'
  if (expects && expect.toLowerCase() !== '100-continue') return failed({ kind: 'unknown-expectation' })
  // TRACE would send the pairing token that we add back to the client.
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

/** Each fault of a target as the end of a sentence about the request. */
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
 * The authority that a Host field names. An empty one names none, as a client says whose target has none (RFC 9112 3.2), and
 * the server then takes what is right for the connection (3.3), as it does without a Host field.
 */
export function readHost(host: string | undefined): Result<string | undefined, 'no-authority'> {
  if (host === undefined || host === '') return ok(undefined)
  const authority = readAuthority(host)
  return authority === undefined ? failed('no-authority') : ok(authority)
}

/** As on the wire with single spaces: `GET /x HTTP/1.1` CRLF, `Name: value` CRLF …, CRLF. */
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
    // A repeated Expect or Upgrade is a list, which is none of the values that we know.
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
    // A coding before chunked that we do not know is 501 (RFC 9112 6.1); without chunked as the last the end of the body is
    // unknown: 400 (6.3).
    // Blanks are SP and HTAB: trim() would take more, such as a no-break space.
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
