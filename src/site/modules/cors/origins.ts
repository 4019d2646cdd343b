import type { CorsOrigin } from './read-cors.ts'

/** `https://*.example.org`: its beginning up to the star, and its end behind it. */
const wildcard = /^([a-z][a-z0-9+.-]*:\/\/)\*(\..+)$/

/**
 * Finds the most specific entry for an origin: the origin itself, then the longest wildcard for the names below a
 * domain, then `*`. Origins compare without letter case.
 */
export function createOrigins(origins: readonly CorsOrigin[]): (origin: string) => CorsOrigin | undefined {
  const exact = new Map<string, CorsOrigin>()
  const below: { readonly begin: string; readonly end: string; readonly entry: CorsOrigin }[] = []
  for (const entry of origins) {
    const lower = entry.origin.toLowerCase()
    const [, begin, end] = wildcard.exec(lower) ?? []
    if (begin === undefined || end === undefined) exact.set(lower, entry)
    else below.push({ begin, end, entry })
  }
  below.sort((a, b) => b.end.length - a.end.length)
  return (origin) => {
    const lower = origin.toLowerCase()
    const found = below.find(({ begin, end }) => {
      return lower.length > begin.length + end.length && lower.startsWith(begin) && lower.endsWith(end)
    })
    return exact.get(lower) ?? found?.entry ?? exact.get('*')
  }
}
