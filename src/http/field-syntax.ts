// RFC 9110 5.6.2: the characters of a token.
const TOKEN = new Uint8Array(256)
for (const c of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
  TOKEN[c.charCodeAt(0)] = 1

export function isFieldName(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (TOKEN[text.charCodeAt(i)] !== 1) return false
  }
  return text.length > 0
}

/** Tabs, visible ASCII and Latin-1 bytes; no other control, so no bare CR or LF and no NUL. */
export function isFieldValue(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if ((c < 0x20 && c !== 0x09) || c === 0x7f || c > 0xff) return false
  }
  return true
}
