import { ascii, COMMA, HTAB, isBlank, isTokenByte, isWord } from './bytes.ts'
import type { FieldLines } from './field-lines.ts'
import { Field } from './field-names.ts'
import { http1Limits } from './limits.ts'
import { type Refusal, refusals } from './refusal.ts'

const chunked = ascii('chunked')
const ZERO = 0x30

/** Finds from the field lines alone how the body of a message is framed (RFC 9112 6.3), for requests and responses. */
export class Framing {
  /** Content-Length, -1 without one. */
  length = -1
  chunked = false
  /** Index of the first Content-Length line, -1 without one. */
  lengthLine = -1

  /**
   * Returns the rule that the lines break, or undefined. A message that could be framed in two ways is refused.
   * `lengthMayRepeat`: several Content-Length lines are allowed if their values are equal.
   */
  read(bytes: Uint8Array, lines: FieldLines, minor: number, lengthMayRepeat = false): Refusal | undefined {
    this.length = -1
    this.lengthLine = -1
    this.chunked = false
    let unknown: Refusal | undefined
    for (let n = 0; n < lines.knownCount; n++) {
      const i = lines.known(n)
      const field = lines.field(i)
      if (field === Field.contentLength) {
        // 6.3 rule 5 allows, but does not require, accepting equal lengths. In a request only attackers send several,
        // to make two servers read them differently.
        const before = this.length
        if (before >= 0 && !lengthMayRepeat) return refusals.severalLengths
        this.length = contentLength(bytes, lines.valueStart(i), lines.valueEnd(i))
        if (this.length < 0 || hasTabAfter(bytes, lines, i)) return refusals.contentLength
        if (before < 0) this.lengthLine = i
        else if (this.length !== before) return refusals.severalLengths
      } else if (field === Field.transferEncoding) {
        if (this.chunked) return refusals.severalCodings
        unknown = transferEncoding(bytes, lines.valueStart(i), lines.valueEnd(i))
        if (unknown === refusals.coding || hasTabAfter(bytes, lines, i)) return refusals.coding
        this.chunked = true
      }
    }
    if (!this.chunked) return undefined
    // 6.3 rule 3: both together may be an attempt at request smuggling, and ought to be handled as an error.
    if (this.length >= 0) return refusals.lengthAndCoding
    // 6.1: HTTP/1.0 has no transfer codings, so the framing of such a message is faulty.
    return minor === 0 ? refusals.codingInHttp10 : unknown
  }
}

/** The value of a Content-Length field, 1*DIGIT (RFC 9110 8.6); -1 for anything else. */
export function contentLength(bytes: Uint8Array, from: number, to: number): number {
  if (from === to || to - from > http1Limits.contentLengthDigits) return -1
  let length = 0
  for (let at = from; at < to; at++) {
    const digit = (bytes[at] as number) - ZERO
    if (digit < 0 || digit > 9) return -1
    length = length * 10 + digit
  }
  return Number.isSafeInteger(length) ? length : -1
}

/** Checks that a Transfer-Encoding is `chunked`, once and alone (RFC 9112 6.1); returns the rule that it breaks. */
function transferEncoding(bytes: Uint8Array, from: number, to: number): Refusal | undefined {
  if (isWord(bytes, from, to, chunked)) return undefined
  let chunkings = 0
  let lastIsChunked = false
  for (let at = from; at <= to; at++) {
    const start = at
    while (at < to && bytes[at] !== COMMA) at++
    const coding = trimmed(bytes, start, at)
    if (coding === undefined) return refusals.coding
    lastIsChunked = isWord(bytes, coding.from, coding.to, chunked)
    if (lastIsChunked) chunkings++
  }
  // An unknown coding before chunked is answered with 501 (6.1). If chunked is not the last coding, the end of the body
  // is unknown: 400 (6.3 rule 4).
  return chunkings === 1 && lastIsChunked ? refusals.unknownCoding : refusals.coding
}

/** Whether a tab follows the value: allowed (RFC 9110 5.6.3), but some parsers take it for a part of the value. */
function hasTabAfter(bytes: Uint8Array, lines: FieldLines, i: number): boolean {
  for (let at = lines.valueEnd(i); at < lines.lineEnd(i); at++) if (bytes[at] === HTAB) return true
  return false
}

/** The range of the token between two commas, without the blanks around it; undefined when there is no token. */
function trimmed(bytes: Uint8Array, start: number, end: number): { from: number; to: number } | undefined {
  let from = start
  let to = end
  while (from < to && isBlank(bytes[from])) from++
  while (to > from && isBlank(bytes[to - 1])) to--
  for (let at = from; at < to; at++) if (isTokenByte[bytes[at] as number] !== 1) return undefined
  return from === to ? undefined : { from, to }
}
