import type { HandlerConfig } from '../../../config/model.ts'
import { collapseSlashes } from '../../../http/decode-path.ts'
import type { Exchange } from '../../../http/exchange.ts'
import type { ApplicationFacts, GateAnswer, Module } from '../module.ts'
import { restBelow } from '../rest-below.ts'
import { defaultDocumentOf } from './default-document.ts'
import type { Found } from './resources.ts'
import { staticContentOf } from './static-content.ts'
import { createStaticHandler, type StaticHandler } from './static-handler.ts'

const notHandled: GateAnswer = { failure: { kind: 'not-handled' }, setting: '<handlers>' }

/**
 * `<handlers>`: IIS takes the first entry whose path and verb match, and at whose path there is what its resourceType
 * asks for. A request goes to the application if that entry is for it, and gets a file if it names IIS's modules for
 * files. Where the first entry takes every request, as `dotnet publish` writes it, no gate is needed.
 */
export const handlerMapping: Module<undefined> = {
  // config reads <handlers> itself, because this section decides how the application is run.
  section: undefined,
  create: (_settings, facts) => {
    const { handlers, path } = facts
    if (takesEverything(handlers)) return {}
    return { gate: createHandlerGate(handlers, path, staticHandlerOf(facts)) }
  },
}

type Gate = (exchange: Exchange) => GateAnswer | undefined | Promise<GateAnswer | undefined>

/** @param files serves files for the handlers that are for these */
export function createHandlerGate(
  handlers: readonly HandlerConfig[],
  applicationPath: string,
  files: StaticHandler,
): Gate {
  const folder = applicationPath === '/' ? '' : applicationPath
  const rules = handlers.map((handler) => ({ ...handler, matches: createPathMatch(handler.path) }))
  const decide = (exchange: Exchange, inside: string, lower: string, first: number): ReturnType<Gate> => {
    // A WebSocket over HTTP/2 is a CONNECT, which the application gets as a GET.
    const verb = exchange.upgrade === undefined ? exchange.method : 'GET'
    for (let i = first; i < rules.length; i++) {
      const { matches, verbs, resourceType, ours, content } = rules[i] as (typeof rules)[number]
      if (!matches(lower) || (!verbs.includes('*') && !verbs.includes(verb))) continue
      if (resourceType === undefined) {
        if (ours) return undefined
        if (content === undefined) return notHandled
        return files.find(inside).then((found) => files.answer(exchange, found, content))
      }
      return files.find(inside).then((found) => {
        if (!isOfType(found, resourceType)) return decide(exchange, inside, lower, i + 1)
        if (ours) return undefined
        return content === undefined ? notHandled : files.answer(exchange, found, content)
      })
    }
    return notHandled
  }
  return (exchange) => {
    const inside = restBelow(collapseSlashes(exchange.path), folder) ?? ''
    return decide(exchange, inside, inside.toLowerCase(), 0)
  }
}

/** What is never served is nothing that a handler could be for. */
function isOfType(found: Found, wanted: NonNullable<HandlerConfig['resourceType']>): boolean {
  if (typeof found === 'string') return false
  return wanted === 'Either' || found.kind === (wanted === 'File' ? 'file' : 'directory')
}

function staticHandlerOf({ physicalPath, sections = {} }: ApplicationFacts): StaticHandler {
  return createStaticHandler(physicalPath, staticContentOf(sections), defaultDocumentOf(sections))
}

function takesEverything([first]: readonly HandlerConfig[]): boolean {
  return first?.ours === true && first.path === '*' && first.verbs.includes('*') && first.resourceType === undefined
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
