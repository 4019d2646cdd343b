import type { HandlerConfig } from '../../config/model.ts'
import type { GateAnswer, Module } from './module.ts'

const notHandled: GateAnswer = { failure: { kind: 'not-handled' }, setting: '<handlers>' }

/**
 * `<handlers>`: IIS takes the first entry whose path and verb match, and a request goes to the application only if that
 * entry is for it. Where the first entry takes every request, as `dotnet publish` writes it, no gate is needed.
 */
export const handlerMapping: Module<undefined> = {
  // config reads <handlers> itself, because this section decides how the application is run.
  section: undefined,
  create: (_settings, { handlers, path }) => {
    if (takesEverything(handlers)) return {}
    const goesToApplication = createHandlerMapping(handlers, path)
    return { gate: (exchange) => (goesToApplication(exchange) ? undefined : notHandled) }
  },
}

/** Whether a request with this path and method goes to the application. */
export type HandlerMapping = (request: { readonly path: string; readonly method: string }) => boolean

export function createHandlerMapping(handlers: readonly HandlerConfig[], applicationPath: string): HandlerMapping {
  if (takesEverything(handlers)) return () => true
  const prefix = applicationPath === '/' ? 1 : applicationPath.length + 1
  const rules = handlers.map((handler) => ({ ...handler, matches: createPathMatch(handler.path) }))
  return ({ path, method }) => {
    const inside = path.slice(prefix).toLowerCase()
    for (const rule of rules) {
      if (rule.matches(inside) && (rule.verbs.includes('*') || rule.verbs.includes(method))) return rule.ours
    }
    return false
  }
}

function takesEverything([first]: readonly HandlerConfig[]): boolean {
  return first?.ours === true && first.path === '*' && first.verbs.includes('*')
}

/**
 * Matches IIS's path patterns: `*`, `*.ext`, `folder/*`, an exact path. `*` also matches slashes, `?` one character.
 */
export function createPathMatch(pattern: string): (lowerCasePath: string) => boolean {
  const wanted = pattern.toLowerCase().replaceAll('\\', '/').replace(/^\//, '')
  if (wanted === '*') return () => true
  if (!wanted.includes('*') && !wanted.includes('?')) return (path) => path === wanted
  return (path) => matchesWildcards(wanted, path)
}

/**
 * Matches with two indexes and one position to return to, so the time grows at most with the length of the pattern
 * times that of the path, whatever path a client sends; a RegExp could take much longer.
 */
function matchesWildcards(pattern: string, text: string): boolean {
  let p = 0
  let t = 0
  let star = -1
  let resumeAt = 0
  while (t < text.length) {
    const wanted = pattern[p]
    if (wanted === '*') {
      star = p
      resumeAt = t
      p += 1
    } else if (wanted === '?' || wanted === text[t]) {
      p += 1
      t += 1
    } else if (star >= 0) {
      p = star + 1
      resumeAt += 1
      t = resumeAt
    } else {
      return false
    }
  }
  while (pattern[p] === '*') p += 1
  return p === pattern.length
}
