import { ascii, CR, LF, SP, valueEnd } from './bytes.ts'
import { INCOMPLETE, REFUSED } from './refusal.ts'

/** 2.3: the version is `HTTP/` DIGIT `.` DIGIT, in capitals; only major version 1 is read here. */
const VERSION = ascii('HTTP/1.')
const ZERO = 0x30

/** The length of the shortest status line: `HTTP/1.1 200` and CRLF. */
const SHORTEST_LINE_BYTES = 14

/** The status line of RFC 9112 4: `HTTP-version SP status-code SP [reason-phrase] CRLF`, as offsets. */
export class StatusLine {
  status = 0
  minor = 1
  /** The offset of the minor version's digit. */
  minorAt = 0
  reasonStart = 0
  reasonEnd = 0

  /** Returns the offset of the first field line, INCOMPLETE or REFUSED. */
  read(bytes: Uint8Array, from: number, end: number): number {
    let at = from
    for (let i = 0; i < VERSION.length && at + i < end; i++) if (bytes[at + i] !== VERSION[i]) return REFUSED
    if (end - at < SHORTEST_LINE_BYTES) return bytes.subarray(at, end).includes(LF) ? REFUSED : INCOMPLETE
    this.minorAt = at + VERSION.length
    this.minor = (bytes[this.minorAt] as number) - ZERO
    if ((this.minor !== 0 && this.minor !== 1) || bytes[at + 8] !== SP) return REFUSED
    const hundreds = digit(bytes[at + 9])
    const tens = digit(bytes[at + 10])
    const ones = digit(bytes[at + 11])
    if (hundreds < 1 || tens < 0 || ones < 0) return REFUSED
    this.status = hundreds * 100 + tens * 10 + ones
    at += 12
    // The grammar has a space even before an empty reason, but some servers omit it, and the meaning is clear without.
    if (bytes[at] === SP) at++
    else if (bytes[at] !== CR) return REFUSED
    this.reasonStart = at
    at = valueEnd(bytes, at, end)
    if (at + 1 >= end) return at < end && bytes[at] !== CR ? REFUSED : INCOMPLETE
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return REFUSED
    this.reasonEnd = at
    return at + 2
  }
}

function digit(byte: number | undefined): number {
  return byte !== undefined && byte >= ZERO && byte <= ZERO + 9 ? byte - ZERO : -1
}
