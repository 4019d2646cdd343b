import { collapseSlashes } from '../../../http/decode-path.ts'

/**
 * The spellings in which a text can be hidden from a filter. Filters that deny look at every reading that some program
 * might have of a request, and compare without letter case.
 */

const REPLACEMENT = '\ufffd'
const PERCENT = 0x25
const PLUS = 0x2b

/** In lower case; characters outside of ASCII also by their capital letter, so that `ſ` is an `s`. */
export function fold(text: string): string {
  return isAscii(text) ? text.toLowerCase() : text.toUpperCase().toLowerCase()
}

/**
 * The decoded path, in lower case, and the same with overlong forms of UTF-8 (such as `%C0%AF` for a slash) read as a
 * careless decoder does, if there are any; then each with its runs of slashes as one, as a file system reads them.
 *
 * @param target as it was sent
 */
export function pathSpellings(target: string, path: string): readonly string[] {
  const plain = fold(path)
  const careless = path.includes(REPLACEMENT) ? readCarelessly(target) : plain
  const all = careless === plain ? [plain] : [plain, careless]
  return all.some((one) => one.includes('//')) ? [...all, ...all.map(collapseSlashes)] : all
}

function readCarelessly(target: string): string {
  return pathWithBackslashes(target).replaceAll('\\', '/')
}

/** The path of a target, decoded, in lower case, with the backslashes that `pathSpellings` reads as slashes. */
export function pathWithBackslashes(target: string): string {
  const end = target.indexOf('?')
  return fold(decode(end < 0 ? target : target.slice(0, end), false))
}

/** Whether a target may have a backslash, as it is or escaped. */
export function mayHaveBackslash(target: string): boolean {
  return target.includes('\\') || /%(?:5c|c1%9c|e0%81%9c|f0%80%81%9c)/i.test(target)
}

/** The query as it was sent, decoded, and decoded with `+` as a blank; in lower case. */
export function querySpellings(query: string, isUnescaped: boolean): readonly string[] {
  const raw = query.toLowerCase()
  return isUnescaped ? [...new Set([raw, fold(decode(query, false)), fold(decode(query, true))])] : [raw]
}

/** A field's value as it was sent and decoded, in lower case. */
export function valueSpellings(value: string): readonly string[] {
  const raw = fold(value)
  return value.includes('%') ? [raw, fold(decode(value, false))] : [raw]
}

/**
 * The names that a file system may understand by a segment: Windows ignores dots and blanks at the end, and what
 * follows a colon names a stream of the same file.
 */
export function segmentSpellings(segment: string): readonly string[] {
  const colon = segment.indexOf(':')
  const whole = withoutEnd(segment)
  return colon <= 0 ? [whole] : [whole, withoutEnd(segment.slice(0, colon))]
}

/** The extension with its dot; `.` for a segment without one. */
export function extensionOf(segment: string): string {
  const dot = segment.lastIndexOf('.')
  return dot < 0 ? '.' : segment.slice(dot)
}

/** Whether a `%` is followed by something else than two hexadecimal digits. */
export function hasUnescapedPercent(text: string): boolean {
  return /%(?![0-9a-f]{2})/i.test(text)
}

/** Also whether a text with U+FFFD or the like is in it. */
export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}

function withoutEnd(segment: string): string {
  let end = segment.length
  while (end > 0 && (segment[end - 1] === '.' || segment[end - 1] === ' ')) end--
  return segment.slice(0, end)
}

/** Decodes escapes once, as UTF-8 that may be overlong. What is no escape stays as it is. */
function decode(text: string, isForm: boolean): string {
  const bytes: number[] = []
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    const escaped = c === PERCENT ? Number.parseInt(text.slice(i + 1, i + 3), 16) : Number.NaN
    if (c === PERCENT && /^[0-9a-f]{2}$/i.test(text.slice(i + 1, i + 3))) {
      bytes.push(escaped)
      i += 2
    } else {
      bytes.push(isForm && c === PLUS ? 0x20 : c & 0xff)
    }
  }
  return readUtf8(bytes)
}

/** UTF-8 as a decoder reads it that does not ask for the shortest form. Bytes that are no UTF-8 become U+FFFD. */
function readUtf8(bytes: readonly number[]): string {
  let text = ''
  for (let i = 0; i < bytes.length; i++) {
    const lead = bytes[i] as number
    const more =
      lead < 0x80
        ? 0
        : lead >= 0xf0 && lead < 0xf8
          ? 3
          : lead >= 0xe0 && lead < 0xf0
            ? 2
            : lead >= 0xc0 && lead < 0xe0
              ? 1
              : -1
    let code = more <= 0 ? lead : lead & (0x3f >> more)
    let isWhole = more >= 0
    for (let k = 1; k <= more; k++) {
      const next = bytes[i + k]
      if (next === undefined || (next & 0xc0) !== 0x80) isWhole = false
      else code = code * 64 + (next & 0x3f)
    }
    if (!isWhole || code > 0x10_ff_ff) {
      text += REPLACEMENT
      continue
    }
    i += more
    text += String.fromCodePoint(code)
  }
  return text
}
