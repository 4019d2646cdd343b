import { FieldLines } from './field-lines.ts'
import { Field } from './field-names.ts'
import { http1Limits } from './limits.ts'
import { INCOMPLETE, REFUSED } from './refusal.ts'

/**
 * Fields that are dropped from a trailer section. RFC 9110 6.5.1: a trailer field must not concern framing, routing,
 * authentication, request modifiers or the processing of the response, because recipients have acted by then. Fields
 * that describe the client's identity are dropped too.
 */
const forbidden = new Set([
  'content-length', 'transfer-encoding', 'host', 'connection', 'keep-alive', 'proxy-connection', 'te', 'trailer',
  'upgrade', 'http2-settings', 'expect', 'max-forwards', 'range', 'if-match', 'if-none-match', 'if-modified-since',
  'if-unmodified-since', 'if-range', 'cache-control', 'pragma', 'age', 'date', 'expires', 'location', 'retry-after',
  'vary', 'warning', 'authorization', 'www-authenticate', 'proxy-authenticate', 'proxy-authorization',
  'authentication-info', 'proxy-authentication-info', 'cookie', 'set-cookie', 'content-encoding', 'content-type',
  'content-range', 'forwarded', 'x-original-for', 'x-original-proto', 'x-original-host',
]) // biome-ignore format: a table

const framing: ReadonlySet<number> = new Set([
  Field.contentLength,
  Field.transferEncoding,
  Field.connection,
  Field.proxyConnection,
])

/** The same fields as names in lower case. */
const framingNames: ReadonlySet<string> = new Set([
  'content-length',
  'transfer-encoding',
  'connection',
  'proxy-connection',
])

/**
 * Whether field lines that another parser has read (a flat list name, value, …) are allowed as a trailer section: not
 * too many, and none that concerns framing or the connection.
 */
export function areTrailers(fields: readonly string[]): boolean {
  if (fields.length / 2 > http1Limits.trailerLines) return false
  return fields.every((text, i) => i % 2 === 1 || !framingNames.has(text.toLowerCase()))
}

/** Whether a trailer field of this name may be forwarded. */
export function mayBeTrailer(lowerCaseName: string): boolean {
  // An app may take `_` for `-`.
  const name = lowerCaseName.replaceAll('_', '-')
  return !forbidden.has(name) && !name.startsWith('ms-aspnetcore') && !name.startsWith('x-forwarded-')
}

/**
 * The trailer section after the last chunk of one message (RFC 9112 7.1.2). It is collected before it is read, because
 * the name of a field, which may come in pieces, decides whether the field is forwarded. Owner: a ChunkedReader.
 */
export class TrailerSection {
  /** The fields that may be forwarded, as a flat list name, value, …; filled when the section is complete. */
  readonly kept: string[] = []
  #bytes = Buffer.alloc(256)
  #length = 0
  #searched = 0
  readonly #lines = new FieldLines(http1Limits.trailerLines)

  constructor() {
    this.#lines.start(0)
  }

  /** Takes bytes. Returns how many of them belong to the section if it ends in them, else INCOMPLETE or REFUSED. */
  read(bytes: Buffer, from: number, end: number): number {
    const before = this.#length
    const room = http1Limits.trailerBytes - before
    const length = Math.min(end - from, room)
    this.#append(bytes, from, from + length)
    if (this.#bytes.indexOf(0x0a, this.#searched) < 0) return this.#incomplete(room, length)
    const after = this.#lines.read(this.#bytes, this.#length)
    if (after === INCOMPLETE) return this.#incomplete(room, length)
    if (after === REFUSED || this.#frames()) return REFUSED
    this.#keep()
    return after - before
  }

  #incomplete(room: number, length: number): number {
    this.#searched = this.#length
    return length === room ? REFUSED : INCOMPLETE
  }

  #append(bytes: Buffer, from: number, to: number): void {
    const needed = this.#length + to - from
    if (needed > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(needed, this.#bytes.length * 2))
      this.#bytes.copy(larger, 0, 0, this.#length)
      this.#bytes = larger
    }
    bytes.copy(this.#bytes, this.#length, from, to)
    this.#length = needed
  }

  /**
   * Whether a field concerns framing or the connection; after a body such a field is an attack, so it is refused.
   */
  #frames(): boolean {
    const lines = this.#lines
    for (let n = 0; n < lines.knownCount; n++) if (framing.has(lines.field(lines.known(n)))) return true
    return false
  }

  #keep(): void {
    const lines = this.#lines
    for (let i = 0; i < lines.count; i++) {
      if (lines.field(i) === Field.msAspNetCore) continue
      const name = this.#bytes.toString('latin1', lines.nameStart(i), lines.nameEnd(i))
      if (!mayBeTrailer(name.toLowerCase())) continue
      this.kept.push(name, this.#bytes.toString('latin1', lines.valueStart(i), lines.valueEnd(i)))
    }
  }
}
