// The character classes of RFC 9110 and RFC 9112 as tables: one look-up a byte.

export const HTAB = 0x09
export const LF = 0x0a
export const CR = 0x0d
export const SP = 0x20
export const COMMA = 0x2c
export const SLASH = 0x2f
export const COLON = 0x3a
export const SEMICOLON = 0x3b

/** RFC 9110 5.6.2: what methods and field names are made of. */
export const isTokenByte = table((byte) => /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(byte)))

/** RFC 9110 5.5: HTAB, SP, VCHAR and obs-text. CR, LF, NUL and the other controls are in no field value. */
export const isValueByte = table((byte) => byte === HTAB || (byte >= SP && byte !== 0x7f))

/** RFC 9112 3.2: visible ASCII, without the `#` that no request target has. Its forms are told apart elsewhere. */
export const isTargetByte = table((byte) => byte > SP && byte < 0x7f && byte !== 0x23)

/** The value of a hexadecimal digit, 255 for any other byte. */
export const hexValue = (() => {
  const values = new Uint8Array(256).fill(255)
  for (let digit = 0; digit < 16; digit++) {
    values[digit.toString(16).charCodeAt(0)] = digit
    values[digit.toString(16).toUpperCase().charCodeAt(0)] = digit
  }
  return values
})()

/** Offset of the first byte from `at` that is no token byte. */
export function tokenEnd(bytes: Uint8Array, from: number, end: number): number {
  // A table in a local is looked up once and not once a byte.
  const table = isTokenByte
  let at = from
  while (at < end && table[bytes[at] as number] === 1) at++
  return at
}

/** Offset of the first byte from `at` that is in no field value. Most bytes of a request are walked over here. */
export function valueEnd(bytes: Uint8Array, from: number, end: number): number {
  const table = isValueByte
  const last = end - 3
  let at = from
  for (;;) {
    // Four at a time while they are visible ASCII or SP.
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

/** RFC 9110 5.6.3: optional whitespace. */
export function isBlank(byte: number | undefined): boolean {
  return byte === SP || byte === HTAB
}

/** Do the bytes at `at` spell `lowerCase`, in any case? Only for bytes known to be token bytes, and literals of them. */
export function spells(bytes: Uint8Array, at: number, lowerCase: Uint8Array): boolean {
  for (let i = 0; i < lowerCase.length; i++) {
    if (((bytes[at + i] as number) | 0x20) !== lowerCase[i]) return false
  }
  return true
}

/** As `spells`, for a whole range. */
export function isWord(bytes: Uint8Array, from: number, to: number, lowerCase: Uint8Array): boolean {
  return to - from === lowerCase.length && spells(bytes, from, lowerCase)
}

export function ascii(text: string): Uint8Array {
  return Buffer.from(text, 'latin1')
}

function table(holds: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (holds(byte) ? 1 : 0))
}
