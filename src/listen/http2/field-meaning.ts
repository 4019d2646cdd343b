import { isFieldName, isFieldValue } from '../../http/field-syntax.ts'
import type { HpackField } from './hpack/hpack-field.ts'

/** What a field of a request means to the proxy, found out once for each entry of a table. */
export const FieldMeaning = Object.freeze({
  /** A name or value with forbidden characters (RFC 9113 8.2.1), or a pseudo-field that no request has. */
  malformed: 1,
  /** A field of a connection, which HTTP/2 does not have (RFC 9113 8.2.2). */
  ofConnection: 2,
  plain: 3,
  host: 4,
  cookie: 5,
  expect: 6,
  contentLength: 7,
  contentType: 8,
  authorization: 9,
  proxyAuthorization: 10,
  method: 11,
  scheme: 12,
  authority: 13,
  path: 14,
  protocol: 15,
})

const meanings: ReadonlyMap<string, number> = new Map([
  ['connection', FieldMeaning.ofConnection],
  ['keep-alive', FieldMeaning.ofConnection],
  ['proxy-connection', FieldMeaning.ofConnection],
  ['transfer-encoding', FieldMeaning.ofConnection],
  ['upgrade', FieldMeaning.ofConnection],
  ['http2-settings', FieldMeaning.ofConnection],
  ['host', FieldMeaning.host],
  ['cookie', FieldMeaning.cookie],
  ['expect', FieldMeaning.expect],
  ['content-length', FieldMeaning.contentLength],
  ['content-type', FieldMeaning.contentType],
  ['authorization', FieldMeaning.authorization],
  ['proxy-authorization', FieldMeaning.proxyAuthorization],
  [':method', FieldMeaning.method],
  [':scheme', FieldMeaning.scheme],
  [':authority', FieldMeaning.authority],
  [':path', FieldMeaning.path],
  [':protocol', FieldMeaning.protocol],
])

/** The meaning of a field, a value of FieldMeaning. The values of pseudo-fields are not checked here. */
export function meaningOf(field: HpackField): number {
  if (field.meaning === 0) field.meaning = findMeaning(field)
  return field.meaning
}

function findMeaning({ name, value }: HpackField): number {
  const meaning = meanings.get(name) ?? FieldMeaning.plain
  if (meaning >= FieldMeaning.method) return meaning
  if (!isFieldName(name) || /[A-Z]/.test(name)) return FieldMeaning.malformed
  if (!isFieldValue(value) || isBlank(value.charCodeAt(0)) || isBlank(value.charCodeAt(value.length - 1)))
    return FieldMeaning.malformed
  // The only value that HTTP/2 allows.
  if (name === 'te' && value !== 'trailers') return FieldMeaning.ofConnection
  return meaning
}

/** HTTP/2 has no blanks around a value. */
function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
