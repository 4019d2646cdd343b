import type { OutgoingHttpHeaders } from 'node:http2'
import { isFieldName, isFieldValue } from '../../http/field-syntax.ts'

/** Fields of a connection, which HTTP/2 does not have (RFC 9113 8.2.2); the library throws for them. */
const CONNECTION_FIELDS: ReadonlySet<string> = new Set([
  'connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'http2-settings', 'te', 'host',
]) // biome-ignore format: a table

/** Fields that the library sends only once: it throws for a second one, so the first is kept. */
const SINGLE_FIELDS: ReadonlySet<string> = new Set([
  'access-control-allow-credentials', 'access-control-max-age', 'access-control-request-method', 'age',
  'authorization', 'content-encoding', 'content-language', 'content-length', 'content-location', 'content-md5',
  'content-range', 'content-type', 'date', 'dnt', 'etag', 'expires', 'from', 'if-match', 'if-modified-since',
  'if-none-match', 'if-range', 'if-unmodified-since', 'last-modified', 'location', 'max-forwards',
  'proxy-authorization', 'range', 'referer', 'retry-after', 'tk', 'upgrade-insecure-requests', 'user-agent',
  'x-content-type-options',
]) // biome-ignore format: a table

/**
 * An object that inherits nothing, so that a field may have any name. Made by a constructor, because V8 handles
 * `{ __proto__: null }` as a slow dictionary.
 */
class Bare {}
Object.setPrototypeOf(Bare.prototype, null)
Reflect.deleteProperty(Bare.prototype, 'constructor')

/** Collects the fields of a response head or of a trailer section in the form that the library takes. */
export class OutgoingFields {
  readonly fields: OutgoingHttpHeaders = new Bare() as OutgoingHttpHeaders

  /** Adds the fields of a flat list name, value, …; leaves out those that HTTP/2 does not have or cannot carry. */
  add(flat: readonly string[]): void {
    const { fields } = this
    for (let i = 0; i < flat.length; i += 2) {
      const name = (flat[i] as string).toLowerCase()
      const value = flat[i + 1] as string
      if (CONNECTION_FIELDS.has(name) || !isFieldName(name) || !isFieldValue(value)) continue
      const before = fields[name]
      if (before === undefined) fields[name] = withoutOuterBlanks(value)
      else if (SINGLE_FIELDS.has(name)) continue
      else if (Array.isArray(before)) before.push(withoutOuterBlanks(value))
      else fields[name] = [String(before), withoutOuterBlanks(value)]
    }
  }
}

/** HTTP/2 drops a field whose value begins or ends with a blank (RFC 9113 8.2.1). */
function withoutOuterBlanks(value: string): string {
  if (!isBlank(value.charCodeAt(0)) && !isBlank(value.charCodeAt(value.length - 1))) return value
  return value.replaceAll(/^[ \t]+|[ \t]+$/g, '')
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
