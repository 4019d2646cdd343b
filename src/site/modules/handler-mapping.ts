import type { HandlerConfig } from '../../config/model.ts'
import type { GateAnswer, Module } from './module.ts'

const notHandled: GateAnswer = { failure: { kind: 'not-handled' }, setting: '<handlers>' }

/**
 * `<handlers>`: IIS takes the first entry whose path and verb match, and the ASP.NET Core Module acts only where that entry is its
 * own. Who gets every request, as `dotnet publish` writes it, has no gate at all.
 */
export const handlerMapping: Module<undefined> = {
  // Config reads it itself: which handler is ours decides how the application is run.
  section: undefined,
  create: (_settings, { handlers, path }) => {
    if (takesEverything(handlers)) return {}
    const isOurs = createHandlerMapping(handlers, path)
    return { gate: (exchange) => (isOurs(exchange) ? undefined : notHandled) }
  },
}

/** Says whether this request's path and verb are ours, so are forwarded to the application. */
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

/** IIS's patterns: `*`, `*.ext`, `folder/*`, an exact path; `*` crosses slashes, `?` is one character; case is ignored. */
export function createPathMatch(pattern: string): (lowerCasePath: string) => boolean {
  const wanted = pattern.toLowerCase().replaceAll('\\', '/').replace(/^\//, '')
  if (wanted === '*') return () => true
  if (!wanted.includes('*') && !wanted.includes('?')) return (path) => path === wanted
  return (path) => matchesWildcards(wanted, path)
}

/** Two pointers and one way back, so that no path of a client's costs more than pattern × path (a RegExp could). */
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
