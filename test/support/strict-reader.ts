// A second, independent parser of HTTP/1.1 requests, which shares no code with the parsers in src/ or Node's. It
// follows RFC 9110 and RFC 9112 and makes no use of any leniency that they permit: it refuses whatever could be read in
// more than one way.

export interface StrictRequest {
  readonly method: string
  readonly target: string
  readonly version: string
  /** In their order, names in their original letter case, values without surrounding blanks. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly body: string
  readonly trailers: readonly (readonly [name: string, value: string])[]
}

export interface StrictReading {
  readonly requests: readonly StrictRequest[]
  /** The bytes after the last complete request: '' or the beginning of another request. */
  readonly rest: string
}

export class StrictViolation extends Error {}

/** Thrown where the bytes end before the request does, and nothing is wrong so far. */
class Incomplete extends Error {}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/**
 * Reads every request in `bytes` (Latin-1). Throws a StrictViolation at the first byte that could be read in more than
 * one way.
 */
export function readRequests(bytes: string): StrictReading {
  const requests: StrictRequest[] = []
  let at = 0
  while (at < bytes.length) {
    try {
      const cursor = new Cursor(bytes, at)
      requests.push(readRequest(cursor))
      at = cursor.at
    } catch (error) {
      if (error instanceof Incomplete) break
      throw error
    }
  }
  return { requests, rest: bytes.slice(at) }
}

class Cursor {
  readonly #bytes: string
  at: number

  constructor(bytes: string, at: number) {
    this.#bytes = bytes
    this.at = at
  }

  /** Reads a line and returns it without its CRLF. A CR or LF in any other place is a violation. */
  line(): string {
    const end = this.#bytes.indexOf('\r\n', this.at)
    const line = this.#bytes.slice(this.at, end === -1 ? undefined : end)
    const halfLine = end === -1 && line.endsWith('\r') ? line.slice(0, -1) : line
    if (/[\r\n]/.test(halfLine)) throw new StrictViolation(`a bare CR or LF in ${JSON.stringify(line)}`)
    if (end === -1) throw new Incomplete()
    this.at = end + 2
    return line
  }

  take(length: number): string {
    if (this.at + length > this.#bytes.length) throw new Incomplete()
    this.at += length
    return this.#bytes.slice(this.at - length, this.at)
  }
}

function readRequest(cursor: Cursor): StrictRequest {
  const line = cursor.line()
  const parts = line.split(' ')
  const [method = '', target = '', version = ''] = parts
  if (parts.length !== 3 || !TOKEN.test(method) || !/^[\x21-\x7e]+$/.test(target) || !/^HTTP\/1\.[01]$/.test(version)) {
    throw new StrictViolation(`no request line: ${JSON.stringify(line)}`)
  }
  const fields = readFields(cursor)
  const framing = readFraming(fields, version)
  if (framing !== 'chunked') {
    return { method, target, version, fields, body: cursor.take(framing), trailers: [] }
  }
  let body = ''
  for (;;) {
    const size = cursor.line()
    if (!/^[0-9A-Fa-f]{1,8}$/.test(size)) throw new StrictViolation(`no chunk size: ${JSON.stringify(size)}`)
    const length = parseInt(size, 16)
    if (length === 0) break
    body += cursor.take(length)
    if (cursor.take(2) !== '\r\n') throw new StrictViolation('chunk data without CRLF')
  }
  return { method, target, version, fields, body, trailers: readFields(cursor) }
}

function readFields(cursor: Cursor): [string, string][] {
  const fields: [string, string][] = []
  for (;;) {
    const line = cursor.line()
    if (line === '') return fields
    const colon = line.indexOf(':')
    const name = line.slice(0, colon)
    const value = line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')
    if (colon === -1 || !TOKEN.test(name) || !VALUE.test(value)) {
      throw new StrictViolation(`no header field: ${JSON.stringify(line)}`)
    }
    fields.push([name, value])
  }
}

function readFraming(fields: readonly (readonly [string, string])[], version: string): number | 'chunked' {
  const lengths = valuesOf(fields, 'content-length')
  const codings = valuesOf(fields, 'transfer-encoding')
  const hosts = valuesOf(fields, 'host')
  if (hosts.length > 1 || (hosts.length === 0 && version === 'HTTP/1.1')) throw new StrictViolation('not one Host')
  if (codings.length > 0) {
    if (codings.length > 1 || codings[0]?.toLowerCase() !== 'chunked') throw new StrictViolation('not one chunked')
    if (lengths.length > 0) throw new StrictViolation('both Content-Length and Transfer-Encoding')
    if (version !== 'HTTP/1.1') throw new StrictViolation('Transfer-Encoding in HTTP/1.0')
    return 'chunked'
  }
  if (lengths.length > 1) throw new StrictViolation('more than one Content-Length')
  const [length = '0'] = lengths
  // At most the largest integer that a double represents exactly, so that every parser reads the same number.
  if (!/^[0-9]{1,16}$/.test(length) || !Number.isSafeInteger(Number(length)))
    throw new StrictViolation(`no Content-Length: ${JSON.stringify(length)}`)
  return Number(length)
}

/** The values of the field with this name, in any letter case. */
export function valuesOf(fields: readonly (readonly [string, string])[], name: string): string[] {
  return fields.filter(([each]) => each.toLowerCase() === name.toLowerCase()).map(([, value]) => value)
}
