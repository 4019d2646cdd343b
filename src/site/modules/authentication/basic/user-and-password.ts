/** What Basic credentials say. */
export interface UserAndPassword {
  readonly user: string
  readonly password: string
}

/**
 * Reads the credentials of RFC 7617: Base64 of `user:password` in UTF-8, where the first colon ends the user. Undefined:
 * they are none.
 */
export function readUserAndPassword(text: string): UserAndPassword | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined
  let decoded: string
  try {
    decoded = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(text, 'base64'))
  } catch {
    return undefined
  }
  const colon = decoded.indexOf(':')
  // No control characters in either (RFC 7617 2).
  if (colon < 1 || /\p{Cc}/u.test(decoded)) return undefined
  return { user: decoded.slice(0, colon), password: decoded.slice(colon + 1) }
}
