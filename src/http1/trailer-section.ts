import { FieldLines } from './field-lines.ts'
import { Field } from './field-names.ts'
import { http1Limits } from './limits.ts'
import { INCOMPLETE, REFUSED } from './refusal.ts'

/**
 * RFC 9110 6.5.1: a trailer must not frame, route, authenticate, modify the request or say how to process the response,
 * since by then somebody has acted without it. These are dropped, as is whatever vouches for the client's identity.
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

/** The same as names in lower case. */
const framingNames: ReadonlySet<string> = new Set([
  'content-length',
  'transfer-encoding',
  'connection',
  'proxy-connection',
])

/**
 * Whether these lines (flat: name, value, …), which another parser has read, are a trailer section here: not too many, and
 * none that frames a message or ends a connection.
 */
export function areTrailers(fields: readonly string[]): boolean {
  if (fields.length / 2 > http1Limits.trailerLines) return false
  return fields.every((text, i) => i % 2 === 1 || !framingNames.has(text.toLowerCase()))
}

/** May a trailer field of this name travel on? */
export function mayBeTrailer(lowerCaseName: string): boolean {
  // An app may read `_` as `-`.
  const name = lowerCaseName.replaceAll('_', '-')
  return !forbidden.has(name) && !name.startsWith('ms-aspnetcore') && !name.startsWith('x-forwarded-')
}

/**
 * The trailer section behind the last chunk (RFC 9112 7.1.2). It is gathered first, whatever pieces it comes in, because
 * a field's name decides what becomes of it.
 */
export class TrailerSection {
  /** The fields that may travel on, flat name and value; filled when the section is whole. */
  readonly kept: string[] = []
  #bytes = Buffer.alloc(256)
  #length = 0
  #searched = 0
  readonly #lines = new FieldLines(http1Limits.trailerLines)

  constructor() {
    this.#lines.start(0)
  }

  /** Takes bytes; answers how many of them belonged to the section when that ends it, INCOMPLETE or REFUSED. */
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

  /** What frames a message or ends a connection cannot be an oversight behind the message. */
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
