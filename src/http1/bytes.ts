// The character classes of RFC 9110 and RFC 9112 as tables, with one look-up per byte.

export const HTAB = 0x09
export const LF = 0x0a
export const CR = 0x0d
export const SP = 0x20
export const COMMA = 0x2c
export const SLASH = 0x2f
export const COLON = 0x3a
export const SEMICOLON = 0x3b

/** RFC 9110 5.6.2: the bytes of a token, such as a method or a field name. */
export const isTokenByte = table((byte) => /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(byte)))

/**
 * RFC 9110 5.5: the bytes of a field value: HTAB, SP, VCHAR and obs-text; no CR, LF, NUL or other control character.
 */
export const isValueByte = table((byte) => byte === HTAB || (byte >= SP && byte !== 0x7f))

/** RFC 9112 3.2: the bytes of a request target: visible ASCII without `#`. http/target.ts checks its form. */
export const isTargetByte = table((byte) => byte > SP && byte < 0x7f && byte !== 0x23)

/** The value of each hexadecimal digit; 255 for any other byte. */
export const hexValue = (() => {
  const values = new Uint8Array(256).fill(255)
  for (let digit = 0; digit < 16; digit++) {
    values[digit.toString(16).charCodeAt(0)] = digit
    values[digit.toString(16).toUpperCase().charCodeAt(0)] = digit
  }
  return values
})()

/** The offset of the first byte from `from` on that is not a token byte; `end` when all are. */
export function tokenEnd(bytes: Uint8Array, from: number, end: number): number {
  // A local variable saves the look-up of the module's binding for each byte.
  const table = isTokenByte
  let at = from
  while (at < end && table[bytes[at] as number] === 1) at++
  return at
}

/** The offset of the first byte from `from` on that no field value may have. Most bytes of a request are read here. */
export function valueEnd(bytes: Uint8Array, from: number, end: number): number {
  const table = isValueByte
  const last = end - 3
  let at = from
  for (;;) {
    // Four bytes at a time while all are visible ASCII or SP.
    while (at < last) {
      const a = (bytes[at] as number) - SP
      const b = (bytes[at + 1] as number) - SP
      const c = (bytes[at + 2] as number) - SP
      const d = (bytes[at + 3] as number) - SP
      if (a >>> 0 > 94 || b >>> 0 > 94 || c >>> 0 > 94 || d >>> 0 > 94) break
      at += 4
    }
    const stop = Math.min(at + 4, end)
    while (at < stop && table[bytes[at] as number] === 1) at++
    if (at < stop || at === end) return at
  }
}

/** Whether a byte is optional whitespace (RFC 9110 5.6.3). */
export function isBlank(byte: number | undefined): boolean {
  return byte === SP || byte === HTAB
}

/** Whether the bytes at `at` spell `lowerCase`, in any letter case. Both must consist of token bytes. */
export function spells(bytes: Uint8Array, at: number, lowerCase: Uint8Array): boolean {
  for (let i = 0; i < lowerCase.length; i++) {
    if (((bytes[at + i] as number) | 0x20) !== lowerCase[i]) return false
  }
  return true
}

/** Whether a whole range of bytes spells `lowerCase`, in any letter case. */
export function isWord(bytes: Uint8Array, from: number, to: number, lowerCase: Uint8Array): boolean {
  return to - from === lowerCase.length && spells(bytes, from, lowerCase)
}

export function ascii(text: string): Uint8Array {
  return Buffer.from(text, 'latin1')
}

function table(holds: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (holds(byte) ? 1 : 0))
}
