// A second opinion on HTTP/1.1 requests: independent of every parser in src/ and of node's, written after RFC 9110 and 9112
// with every MAY and SHOULD about leniency answered with no. What it cannot read in one way only, it does not read.

export interface StrictRequest {
  readonly method: string
  readonly target: string
  readonly version: string
  /** In order, in their casing, values without surrounding blanks. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly body: string
  readonly trailers: readonly (readonly [name: string, value: string])[]
}

export interface StrictReading {
  readonly requests: readonly StrictRequest[]
  /** What follows the last complete request: '' or the beginning of one. */
  readonly rest: string
}

export class StrictViolation extends Error {}

/** Marks the end of the bytes at hand, where nothing is wrong yet. */
class Incomplete extends Error {}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** Reads every request in `bytes` (Latin-1). Throws a StrictViolation at the first byte that has no single reading. */
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

  /** A line without its CRLF. A CR or LF in any other place has no place at all. */
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
  // What a double counts exactly; nobody reads such a number in two ways.
  if (!/^[0-9]{1,16}$/.test(length) || !Number.isSafeInteger(Number(length)))
    throw new StrictViolation(`no Content-Length: ${JSON.stringify(length)}`)
  return Number(length)
}

/** The values of one field by its name in any case. */
export function valuesOf(fields: readonly (readonly [string, string])[], name: string): string[] {
  return fields.filter(([each]) => each.toLowerCase() === name.toLowerCase()).map(([, value]) => value)
}
