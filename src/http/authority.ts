import { isIPv6 } from 'node:net'

/** The characters that http.sys and Kestrel accept in a host name. */
const NAME = /^[A-Za-z0-9\-._~!$&'()]+$/

/**
 * Reads the host name or address, with an optional port, of a Host field or an absolute-form target: letters, digits
 * and `-._~!$&'()`, or a bracketed IPv6 address; a port of 0-65535. Returns the text to forward, without the colon of
 * an empty port; undefined for anything else. Stricter than RFC 3986 3.2: no user information, percent escapes, `*+,;=`
 * or empty host, because servers disagree about these, or Kestrel refuses them.
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
    // isIPv6 accepts a zone (`fe80::1%eth0`), but a zone has a meaning on one machine only.
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
