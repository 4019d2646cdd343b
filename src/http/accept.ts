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

function qualityOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=')
    if (name.trim() !== 'q') continue
    const quality = Number(value)
    return quality >= 0 && quality <= 1 ? quality : 0
  }
  return 1
}
