import { childrenNamed } from '../xml/element.ts'
import type { Problems } from '../problems.ts'
import type { XmlElement } from '../xml/xml.ts'
import type { MappedHandler } from './handlers.ts'

/** Sections that concern the files of handlers for files alone. */
const contentSections = ['staticContent', 'defaultDocument'] as const

/**
 * Gives one notice for the sections about files where no handler serves files: the application then gets those requests.
 *
 * @param webServers the `<system.webServer>` elements of the application's own file
 */
export function reviewContentSections(
  webServers: readonly XmlElement[],
  handlers: readonly MappedHandler[],
  problems: Problems,
): void {
  const reached = handlers.slice(0, handlers.findIndex(takesEverything) + 1 || handlers.length)
  if (reached.some(({ config }) => config.content !== undefined)) return
  const written = contentSections.flatMap((name) => childrenNamed(webServers, name).slice(0, 1))
  const first = written[0]
  if (first === undefined) return
  const names = written.map(({ name }) => `<${name}>`).join(' and ')
  problems.notice(
    first.at,
    `${names}: every request goes to the application, so files are served by that.`,
    'Let the application do it (UseStaticFiles), or add a handler before its own: <add name="Files" path="*" verb="*" modules="StaticFileModule" resourceType="File" />.',
  )
}

function takesEverything({ config }: MappedHandler): boolean {
  return config.ours && config.path === '*' && config.verbs.includes('*') && config.resourceType === undefined
}
