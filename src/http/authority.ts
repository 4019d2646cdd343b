import { isIPv6 } from 'node:net'

/**
 * Whether `text` is a host name or address with an optional port, as a Host field or the authority of an absolute-form
 * target may hold it here: letters, digits, `-._~`, a bracketed IPv6 address, a port of 0-65535. Stricter than RFC 3986 3.2:
 * no user information, no percent escapes, no sub-delimiters, nothing empty, because each of these has two readings somewhere.
 */
export function isAuthority(text: string): boolean {
  const colon = portColon(text)
  const host = colon === -1 ? text : text.slice(0, colon)
  return isHost(host) && (colon === -1 || isPort(text, colon + 1))
}

function portColon(text: string): number {
  return text.charCodeAt(0) === 0x5b /* [ */ ? text.indexOf(':', text.lastIndexOf(']')) : text.indexOf(':')
}

function isHost(host: string): boolean {
  if (host.length === 0 || host.length > 255) return false
  if (host.charCodeAt(0) === 0x5b) {
    // A zone (`fe80::1%eth0`) means something on one machine only; isIPv6 would let it through.
    return host.endsWith(']') && !host.includes('%') && isIPv6(host.slice(1, -1))
  }
  for (let i = 0; i < host.length; i++) {
    const c = host.charCodeAt(i)
    const letter = (c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a
    const digit = c >= 0x30 && c <= 0x39
    if (!letter && !digit && c !== 0x2d && c !== 0x2e && c !== 0x5f && c !== 0x7e) return false
  }
  return true
}

function isPort(text: string, start: number): boolean {
  if (start === text.length || text.length - start > 5) return false
  let port = 0
  for (let i = start; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30
    if (digit < 0 || digit > 9) return false
    port = port * 10 + digit
  }
  return port <= 65_535
}
