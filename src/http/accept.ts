/**
 * Whether an Accept field (RFC 9110 12.5.1) prefers JSON to HTML; if both have the same quality, the one listed first
 * wins. Wildcards do not count, so browsers and curl get the HTML page.
 */
export function prefersJson(accept: string | undefined): boolean {
  if (accept === undefined) return false
  let best: 'json' | 'html' | undefined
  let bestQuality = 0
  for (const range of accept.toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';')
    const kind = kindOf(type.trim())
    const quality = qualityOf(parameters)
    if (kind === undefined || quality <= bestQuality) continue
    best = kind
    bestQuality = quality
  }
  return best === 'json'
}

function kindOf(type: string): 'json' | 'html' | undefined {
  if (type === 'text/html') return 'html'
  return type === 'application/json' || type === 'application/problem+json' ? 'json' : undefined
}

/** The quality among the parameters of a range: 1 without one, 0 for one that is no quality. */
export function qualityOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=')
    if (name.trim() !== 'q') continue
    const quality = Number(value)
    return quality >= 0 && quality <= 1 ? quality : 0
  }
  return 1
}

/**
 * The content coding that an Accept-Encoding field (RFC 9110 12.5.3) likes best of those that are offered; the first of
 * them where it likes several equally. Undefined: the body is to stay as it is. Without the field nothing is coded.
 *
 * @param offered names in lower case
 */
export function preferredCoding<const C extends string>(
  acceptEncoding: string | undefined,
  offered: readonly C[],
): C | undefined {
  if (acceptEncoding === undefined) return undefined
  const qualities = new Map<string, number>()
  for (const part of acceptEncoding.toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';')
    const coding = name.trim()
    if (coding !== '') qualities.set(coding === 'x-gzip' ? 'gzip' : coding, qualityOf(parameters))
  }
  // A client that writes a quality for the plain body may like it better than a coding.
  let best = qualities.get('identity') ?? 0
  let found: C | undefined
  for (const coding of offered) {
    const quality = qualities.get(coding) ?? qualities.get('*') ?? 0
    if (quality > best || (quality === best && quality > 0 && found === undefined)) {
      best = quality
      found = coding
    }
  }
  return found
}
