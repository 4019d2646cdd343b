import type { Exchange } from '../../../http/exchange.ts'
import type { HttpRedirectSettings } from './http-redirect-settings.ts'

/** Where a request for this target is led, as a Location has it; undefined: it is not redirected. */
export type FindDestination = (target: string) => string | undefined

/**
 * The destinations of an application, or a part of it, at this virtual path. Everything is taken from the target as it was sent, whose
 * characters can all stand in a Location; nothing is decoded.
 */
export function createDestinations(settings: HttpRedirectSettings, folder: string): FindDestination {
  const depth = folder === '/' ? 0 : folder.split('/').length - 1
  const rules = settings.rules.map((rule) => ({ match: createWildcard(rule.wildcard), to: rule.destination }))
  return (target) => {
    if (target === '*') return undefined
    const parts = partsOf(target, depth)
    if (settings.childOnly && parts.suffix.indexOf('/', 1) > 0) return undefined
    for (const { match, to } of rules) {
      const captures = match(parts.suffix)
      if (captures !== undefined) return safe(expand(to, parts, captures))
    }
    const { destination, exactDestination } = settings
    if (destination === '') return undefined
    if (exactDestination || /\$[SPQV]/.test(destination)) return safe(expand(destination, parts, []))
    return safe(`${destination.replace(/\/+$/, '')}${parts.suffix}${parts.query === '' ? '' : `?${parts.query}`}`)
  }
}

/** Whether the location is the address that was asked for, or one below a destination that the request is for already. */
export function isSameAddress(
  location: string,
  { connection, host, target }: Pick<Exchange, 'connection' | 'host' | 'target'>,
  { destination, exactDestination }: Pick<HttpRedirectSettings, 'destination' | 'exactDestination'>,
): boolean {
  const asked = urlOf(target, `${connection.scheme}://${host}/`)
  const led = urlOf(location, asked?.href ?? '')
  if (asked === undefined || led === undefined) return false
  if (asked.href === led.href) return true
  if (exactDestination || destination === '') return false
  const base = urlOf(destination, asked.href)
  if (base?.origin !== asked.origin || base.pathname === '/') return false
  const folder = base.pathname.replace(/\/+$/, '')
  return asked.pathname === folder || asked.pathname.startsWith(`${folder}/`)
}

function urlOf(text: string, base: string): URL | undefined {
  return URL.canParse(text, base) ? new URL(text, base) : undefined
}

interface TargetParts {
  /** The whole path. */
  readonly path: string
  /** What follows the folder's own path, with its slash. */
  readonly suffix: string
  /** Without `?`; '' without a query. */
  readonly query: string
}

/** @param depth how many segments the folder's own path has; they may be encoded in the target */
function partsOf(target: string, depth: number): TargetParts {
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  let end = 0
  for (let i = 0; i < depth; i++) {
    // A run of slashes counts as one where applications are found.
    while (path.charAt(end + 1) === '/') end += 1
    const slash = path.indexOf('/', end + 1)
    end = slash < 0 ? path.length : slash
  }
  return { path, suffix: path.slice(end), query: mark < 0 ? '' : target.slice(mark + 1) }
}

/** Replaces the variables of IIS in a destination. */
function expand(destination: string, { path, suffix, query }: TargetParts, captures: readonly string[]): string {
  return destination.replaceAll(/\$([SPQV0-9])/g, (_whole, variable: string) => {
    switch (variable) {
      case 'S':
        return suffix
      case 'P':
        return query
      case 'Q':
        return query === '' ? '' : `?${query}`
      case 'V':
        return path
      default:
        return captures[Number(variable)] ?? ''
    }
  })
}

/** A location of two slashes at its beginning would name another host, which a client could choose. */
function safe(location: string): string {
  return location.replace(/^[/\\]{2,}/, '/')
}

/**
 * Matches a whole path, with or without the slash at its beginning, against a text in which `*` stands for any
 * characters; returns what each stands for. It takes at most the time of the path's length times the wildcards.
 */
function createWildcard(wildcard: string): (suffix: string) => readonly string[] | undefined {
  const pieces = wildcard.replace(/^\//, '').toLowerCase().split('*')
  return (suffix) => {
    const path = suffix.replace(/^\//, '')
    const lower = path.toLowerCase()
    const [first = '', ...rest] = pieces
    if (rest.length === 0) return lower === first ? [] : undefined
    if (!lower.startsWith(first)) return undefined
    const captures: string[] = []
    let at = first.length
    for (const [i, piece] of rest.entries()) {
      const isLast = i === rest.length - 1
      const found = isLast ? lower.length - piece.length : lower.indexOf(piece, at)
      if (found < at || !lower.startsWith(piece, found)) return undefined
      captures.push(path.slice(at, found))
      at = found + piece.length
    }
    return captures
  }
}
