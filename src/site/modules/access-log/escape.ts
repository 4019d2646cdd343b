// What clients send must not end a line or a field of the log, whoever reads it: some readers split at any white space
// or line separator of Unicode, and a terminal acts on control characters.

const oddInField = /[^!-~]/u
/** Every character that W3C's fields cannot hold: blanks of any kind, control and format characters, halves of pairs. */
const brokenInField = /[\s\p{C}\p{Z}\p{M}]/gu
const oddInQuotes = /[^ !#-[\]-~]/u
const brokenInQuotes = /["\\]|[^ -~]/gu
const oddInJson = /[^ -~]/u
const brokenInJson = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * A value as a field of W3C's format: a blank becomes `+`, other white space and characters without a shape of their own
 * become `%` and two digits for each byte of UTF-8; nothing becomes `-`.
 */
export function field(value: string): string {
  if (value === '') return '-'
  if (!oddInField.test(value)) return value
  return value.replaceAll(' ', '+').replace(brokenInField, percent)
}

/** A value between double quotes: `"`, `\\` and all but visible ASCII become `\\x` and two digits for each byte. */
export function quoted(value: string): string {
  return oddInQuotes.test(value) ? value.replace(brokenInQuotes, hexBytes) : value
}

/** A value as a JSON string. What JSON may hold but line readers and terminals take for more is escaped, too. */
export function json(value: string): string {
  const text = JSON.stringify(value)
  return oddInJson.test(text) ? text.replace(brokenInJson, unicode) : text
}

/** The bytes of header fields come as Latin-1; those that are UTF-8 are read as UTF-8. */
export function readable(value: string): string {
  if (!/[\x80-\xff]/.test(value) || /[^\0-\xff]/.test(value)) return value
  const text = Buffer.from(value, 'latin1').toString('utf8')
  return text.includes('\ufffd') ? value : text
}

function percent(found: string): string {
  return bytesOf(found, '%')
}

function hexBytes(found: string): string {
  return bytesOf(found, '\\x')
}

function bytesOf(found: string, prefix: string): string {
  let text = ''
  for (const byte of Buffer.from(found)) text += `${prefix}${byte.toString(16).toUpperCase().padStart(2, '0')}`
  return text
}

function unicode(found: string): string {
  let text = ''
  for (let i = 0; i < found.length; i++) text += `\\u${found.charCodeAt(i).toString(16).padStart(4, '0')}`
  return text
}
