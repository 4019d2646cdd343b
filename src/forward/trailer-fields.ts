import { isPairingField } from './hop-by-hop.ts'

/** Fields that decide about framing, routing, identity or caching; in a trailer they come too late to be true (RFC 9110 6.5.1). */
const FORBIDDEN = new Set([
  'authorization',
  'cache-control',
  'connection',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'cookie',
  'expect',
  'forwarded',
  'host',
  'keep-alive',
  'max-forwards',
  'pragma',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'www-authenticate',
])

/** The trailer fields that may pass, in either direction; undefined when none are left. */
export function passingTrailers(trailers: readonly string[] | undefined): string[] | undefined {
  if (trailers === undefined) return undefined
  const passing: string[] = []
  for (let i = 0; i < trailers.length; i += 2) {
    const name = trailers[i] as string
    const dashed = name.toLowerCase().replaceAll('_', '-')
    if (FORBIDDEN.has(dashed) || dashed.startsWith('x-forwarded-') || isPairingField(dashed)) continue
    passing.push(name, trailers[i + 1] as string)
  }
  return passing.length === 0 ? undefined : passing
}
