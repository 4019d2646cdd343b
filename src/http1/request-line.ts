import { CR, isTargetByte, LF, SLASH, SP, tokenEnd } from './bytes.ts'
import { INCOMPLETE, REFUSED, type Refusal, refusals } from './refusal.ts'

const H = 0x48
const T = 0x54
const P = 0x50
const DOT = 0x2e
const PERCENT = 0x25
const BACKSLASH = 0x5c
const QUESTION = 0x3f
const ZERO = 0x30

/** The length of `HTTP/1.1` and CRLF. */
const VERSION_BYTES = 10

/** The request line of RFC 9112 3: `method SP request-target SP HTTP-version CRLF`, as offsets. */
export class RequestLine {
  methodStart = 0
  methodEnd = 0
  targetStart = 0
  targetEnd = 0
  /** 1 for HTTP/1.1, 0 for HTTP/1.0. */
  minor = 1
  /**
   * Whether the target is in origin form without `%`, `\` and segments that begin with a dot, so it needs no decoding.
   */
  isPlain = false
  refusal: Refusal | undefined

  /** Returns the offset of the first field line, INCOMPLETE or REFUSED. */
  read(bytes: Uint8Array, from: number, end: number): number {
    let at = from
    // 2.2: one empty line before the request line is skipped (some old clients end a body with an extra CRLF).
    if (bytes[at] === CR) {
      if (at + 1 >= end) return INCOMPLETE
      if (bytes[at + 1] !== LF) return this.#refuse(refusals.lineEnd)
      at += 2
    }
    this.methodStart = at
    at = tokenEnd(bytes, at, end)
    if (at >= end) return INCOMPLETE
    if (at === this.methodStart || bytes[at] !== SP) return this.#refuse(refusals.method)
    this.methodEnd = at++
    this.targetStart = at
    at = this.#target(bytes, at, end)
    if (at >= end) return INCOMPLETE
    if (bytes[at] !== SP) return this.#refuse(bytes[at] === CR ? refusals.requestLine : refusals.target)
    if (at === this.targetStart) return this.#refuse(refusals.requestLine)
    this.targetEnd = at++
    return this.#version(bytes, at, end)
  }

  /** Finds the end of the target, and whether it is plain. */
  #target(bytes: Uint8Array, from: number, end: number): number {
    const table = isTargetByte
    let at = from
    let plain = bytes[at] === SLASH
    let inPath = true
    for (; at < end; at++) {
      const byte = bytes[at] as number
      if (table[byte] !== 1) break
      if (!inPath) continue
      if (byte === QUESTION) inPath = false
      else if (byte === PERCENT || byte === BACKSLASH) plain = false
      else if (byte === DOT && bytes[at - 1] === SLASH) plain = false
    }
    this.isPlain = plain
    return at
  }

  // 2.3: the version is `HTTP/` DIGIT `.` DIGIT, in capitals.
  #version(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < VERSION_BYTES) {
      for (let i = at; i < end; i++) if (bytes[i] === LF) return this.#refuse(refusals.requestLine)
      return INCOMPLETE
    }
    const isHttp = bytes[at] === H && bytes[at + 1] === T && bytes[at + 2] === T && bytes[at + 3] === P
    if (!isHttp || bytes[at + 4] !== SLASH || bytes[at + 6] !== DOT) return this.#refuse(refusals.requestLine)
    const major = (bytes[at + 5] as number) - ZERO
    const minor = (bytes[at + 7] as number) - ZERO
    // Without digits it is not an unknown version, but no version at all.
    if (major < 0 || major > 9 || minor < 0 || minor > 9) return this.#refuse(refusals.requestLine)
    if (bytes[at + 8] !== CR || bytes[at + 9] !== LF) return this.#refuse(refusals.requestLine)
    // A request line of HTTP/0.9 has no version, so `HTTP/0.9` is no version either.
    if (major === 0) return this.#refuse(refusals.requestLine)
    if (major !== 1 || minor > 1) return this.#refuse(refusals.version)
    this.minor = minor
    return at + VERSION_BYTES
  }

  #refuse(refusal: Refusal): number {
    this.refusal = refusal
    return REFUSED
  }
}
