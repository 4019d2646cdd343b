import { createHash, randomBytes } from 'node:crypto'

/** RFC 6455 1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** A new value of Sec-WebSocket-Key: 16 random bytes in Base64 (RFC 6455 4.1). */
export function newWebSocketKey(): string {
  return randomBytes(16).toString('base64')
}

/** The value of Sec-WebSocket-Accept that a server must answer to a key (RFC 6455 4.2.2). */
export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}${GUID}`).digest('base64')
}

/** Whether a client's Sec-WebSocket-Key is 16 bytes in Base64, as it must be. */
export function isWebSocketKey(value: string): boolean {
  return /^[A-Za-z0-9+/]{22}==$/.test(value)
}
