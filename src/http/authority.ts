import { isIPv6 } from 'node:net'

/** The host characters that http.sys and Kestrel take. */
const NAME = /^[A-Za-z0-9\-._~!$&'()]+$/

/**
 * Reads a host name or address with an optional port, as a Host field or the authority of an absolute-form target may hold it
 * here: letters, digits, `-._~!$&'()`, a bracketed IPv6 address, a port of 0-65535. Answers it as it goes on, without the
 * colon of an empty port; undefined for anything else. Stricter than RFC 3986 3.2: no user information, no percent escapes,
 * no `*+,;=`, no empty host, because each of these has two readings somewhere or none at Kestrel.
 */
export function readAuthority(text: string): string | undefined {
  const colon = portColon(text)
  if (colon === -1) return isHost(text) ? text : undefined
  const host = text.slice(0, colon)
  if (!isHost(host)) return undefined
  // RFC 3986 3.2.3: an empty port is the default one, and its colon should be left out.
  if (colon === text.length - 1) return host
  return isPort(text, colon + 1) ? text : undefined
}

function portColon(text: string): number {
  return text.charCodeAt(0) === 0x5b /* [ */ ? text.indexOf(':', text.lastIndexOf(']')) : text.indexOf(':')
}

function isHost(host: string): boolean {
  if (host.length > 255) return false
  if (host.charCodeAt(0) === 0x5b) {
    // A zone (`fe80::1%eth0`) means something on one machine only; isIPv6 would let it through.
    return host.endsWith(']') && !host.includes('%') && isIPv6(host.slice(1, -1))
  }
  return NAME.test(host)
}

function isPort(text: string, start: number): boolean {
  if (text.length - start > 5) return false
  let port = 0
  for (let i = start; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30
    if (digit < 0 || digit > 9) return false
    port = port * 10 + digit
  }
  return port <= 65_535
}
