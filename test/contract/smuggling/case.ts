/** One thing that a client may send, and what of it is a request by the strict reading of RFC 9110 and 9112. */
export interface SmugglingCase {
  readonly name: string
  /** Latin-1. */
  readonly bytes: string
  /** The requests that reach the application, each as `METHOD target host body`; none when absent. */
  readonly reads?: readonly string[]
  /** A recipient may also refuse all of it (RFC 9112 lets it choose). */
  readonly mayRefuse?: true
  /** More has to come before this is anything; the client leaves instead. */
  readonly unfinished?: true
}

export const CRLF = '\r\n'

/** A GET whose arrival at the application would be the smuggler's success. */
export const SMUGGLED = `GET /smuggled HTTP/1.1${CRLF}Host: a${CRLF}${CRLF}`

/** The lines of a request, with its blank line, and what comes behind it. */
export function lines(head: readonly string[], behind = ''): string {
  return `${head.join(CRLF)}${CRLF}${CRLF}${behind}`
}

export function get(...fields: readonly string[]): string {
  return lines(['GET / HTTP/1.1', 'Host: a', ...fields])
}

/** A POST with these fields and, behind its head, these bytes. */
export function post(fields: readonly string[], behind: string): string {
  return lines(['POST / HTTP/1.1', 'Host: a', ...fields], behind)
}

export function chunked(behind: string): string {
  return post(['Transfer-Encoding: chunked'], behind)
}

/** Cases that differ in one text only: each `text` in its place, named after itself. */
export function refusals(what: string, texts: readonly string[], bytes: (text: string) => string): SmugglingCase[] {
  return texts.map((text) => ({ name: `${what}: ${JSON.stringify(text)}`, bytes: bytes(text) }))
}
