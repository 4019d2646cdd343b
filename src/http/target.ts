import { failed, ok, type Result } from '../platform/result.ts'
import { readAuthority } from './authority.ts'
import { decodePath } from './decode-path.ts'

/** What a request target means. */
export interface RequestTarget {
  /** What is sent to the application: origin form or `*`, as written except that dot segments are resolved. */
  readonly target: string
  /**
   * The path, decoded once and without the query, by which requests are routed and filtered; `/` for the asterisk form.
   */
  readonly path: string
  /** The authority of an absolute form, which replaces the Host field (RFC 9112 3.2.2). */
  readonly authority: string | undefined
}

/** Why a target is refused, always with 400. */
export type TargetFault =
  | 'no-known-form'
  | 'asterisk-without-options'
  | 'bad-authority'
  | 'forbidden-character'
  | 'malformed-escape'
  | 'leaves-root'
  | 'hidden-dot-segment'

const SLASH = 0x2f
const DOT = 0x2e
const PERCENT = 0x25
const BACKSLASH = 0x5c
const QUESTION = 0x3f
const HASH = 0x23

/**
 * Reads a request target strictly, so that it has only one meaning. Latin-1 in, Latin-1 out; nothing is encoded again.
 */
export function readTarget(method: string, written: string): Result<RequestTarget, TargetFault> {
  if (written.charCodeAt(0) === SLASH) return readOrigin(written, undefined)
  if (written === '*') return method === 'OPTIONS' ? asterisk(undefined) : failed('asterisk-without-options')
  return readAbsolute(method, written)
}

function asterisk(authority: string | undefined): Result<RequestTarget, TargetFault> {
  return ok({ target: '*', path: '/', authority })
}

function readAbsolute(method: string, written: string): Result<RequestTarget, TargetFault> {
  const start = /^https?:\/\//i.exec(written)?.[0].length
  if (start === undefined) return failed('no-known-form')
  const end = start + written.slice(start).search(/[/?#]|$/)
  const authority = readAuthority(written.slice(start, end))
  if (authority === undefined) return failed('bad-authority')
  const rest = written.slice(end)
  if (rest === '' && method === 'OPTIONS') return asterisk(authority)
  return readOrigin(rest.charCodeAt(0) === SLASH ? rest : `/${rest}`, authority)
}

function readOrigin(written: string, authority: string | undefined): Result<RequestTarget, TargetFault> {
  let end = written.length
  let plain = true
  let before = 0
  for (let i = 0; i < written.length; i++) {
    const c = written.charCodeAt(i)
    if (c <= 0x20 || c >= 0x7f || c === HASH) return failed('forbidden-character')
    if (end === written.length) {
      if (c === QUESTION) end = i
      else if (c === PERCENT || c === BACKSLASH || (c === DOT && before === SLASH)) plain = false
      before = c
    }
  }
  const path = end === written.length ? written : written.slice(0, end)
  if (plain) return ok({ target: written, path, authority })
  return readUnusual(path, written.slice(end), authority)
}

function readUnusual(path: string, query: string, authority: string | undefined): Result<RequestTarget, TargetFault> {
  const resolved = resolveDotSegments(path)
  if (resolved === undefined) return failed('leaves-root')
  const decoded = decodePath(resolved)
  if (!decoded.ok) return decoded
  // A dot segment that appears only after decoding followed an encoded slash or a backslash: the application would
  // resolve it differently.
  if (/\/\.\.?(?:\/|$)/.test(decoded.value)) return failed('hidden-dot-segment')
  return ok({ target: resolved + query, path: decoded.value, authority })
}

/** RFC 3986 5.2.4, with `%2e` as a dot; undefined when the path climbs above the root. */
function resolveDotSegments(path: string): string | undefined {
  const segments = path.slice(1).split('/')
  const kept: string[] = []
  for (const [index, segment] of segments.entries()) {
    const dots = dotCountOf(segment)
    if (dots === 0) {
      kept.push(segment)
      continue
    }
    if (dots === 2 && kept.pop() === undefined) return undefined
    if (index === segments.length - 1) kept.push('')
  }
  return `/${kept.join('/')}`
}

/** How many dots a dot segment has; 0 for any other segment. */
function dotCountOf(segment: string): 0 | 1 | 2 {
  if (segment.length === 0 || segment.length > 6) return 0
  const plain = segment.replace(/%2e/gi, '.')
  if (plain === '.') return 1
  return plain === '..' ? 2 : 0
}
