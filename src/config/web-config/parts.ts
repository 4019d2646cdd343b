import { childrenNamed } from '../xml/element.ts'
import type { HandlerConfig, HostSections, PartSettings } from '../model.ts'
import { problemLine, Problems } from '../problems.ts'
import { readHandlers } from '../sections/handlers.ts'
import type { SectionContext } from '../sections/section-context.ts'
import type { SectionReader } from '../sections/section-reader.ts'
import type { XmlElement } from '../xml/xml.ts'
import { isBelow, type SettingsLevel, webServersFor } from './location.ts'

/** One of the files that apply to an application. */
export interface AppliedFile {
  readonly levels: readonly SettingsLevel[]
  /** The path of the application relative to the file's folder, in lower case; empty for the folder's own application. */
  readonly application: readonly string[]
}

/** What the settings of parts are read from. */
export interface PartSources {
  /** The application's virtual path. */
  readonly virtualPath: string
  readonly hostSections: HostSections | undefined
  /** Outermost first. */
  readonly files: readonly AppliedFile[]
  readonly readers: readonly SectionReader[]
  /** `<handlers>` of the application. */
  readonly handlers: readonly HandlerConfig[]
}

/** Sections that say which program is run, so that they cannot be for a part of its requests. */
const ofTheProcess = ['aspNetCore', 'httpPlatform']

/** What one `<location>` says for a part. */
interface PartLevel {
  /** Below the application, as it is written. */
  readonly path: readonly string[]
  readonly webServers: readonly XmlElement[]
}

/** Calls each reader with its section's elements. Returns the settings by section path. */
export function readSections(
  readers: readonly SectionReader[],
  webServers: readonly XmlElement[],
  context: SectionContext,
): Readonly<Record<string, unknown>> {
  const found: Record<string, unknown> = {}
  for (const reader of readers) {
    const settings = reader.read(reader.section.split('/').reduce(childrenNamed, webServers), context)
    if (settings !== undefined) found[reader.section] = settings
  }
  return found
}

/**
 * The settings of each part of the application that a `<location>` names, those of shorter paths first. A part has what
 * the application has, and what the locations add that its path lies in.
 */
export function readParts(sources: PartSources, context: SectionContext): readonly PartSettings[] {
  const { virtualPath, hostSections, files, readers, handlers } = sources
  const levels = partLevels(sources)
  if (levels.length === 0) return []
  const prefix = virtualPath === '/' ? '' : virtualPath
  const pathOf = ({ path }: PartLevel): string => [prefix, ...path].join('/')
  const partOf = partFinder(levels, pathOf)
  const parts = new Map(levels.map((level) => [pathOf(level).toLowerCase(), level]))
  const known = new Set(context.problems.list.map(problemLine))
  return [...parts.values()]
    .toSorted((a, b) => a.path.length - b.path.length)
    .map((level): PartSettings => {
      const wanted = level.path.map((segment) => segment.toLowerCase())
      const ofHost = (hostSections?.parts ?? []).filter(({ path }) => begins(wanted, path))
      const webServers = [
        ...(hostSections?.webServers ?? []),
        ...ofHost.toSorted((a, b) => a.path.length - b.path.length).flatMap((part) => part.webServers),
        ...files.flatMap((file) => webServersFor(file.levels, file.application, [...file.application, ...wanted])),
      ]
      const problems = new Problems()
      const sections = readSections(readers, webServers, { ...context, problems, partOf })
      const own = childrenNamed(level.webServers, 'handlers')
      const mapped = own.length === 0 ? undefined : readHandlers(childrenNamed(webServers, 'handlers'), problems)
      reviewProcess(level, pathOf(level), problems)
      // What the application's own settings have led to has been reported for the application.
      for (const problem of problems.list) {
        const line = problemLine(problem)
        if (!known.has(line)) context.problems.add(problem)
        known.add(line)
      }
      return { path: pathOf(level), handlers: mapped?.map(({ config }) => config) ?? handlers, sections }
    })
}

function partLevels({ hostSections, files }: PartSources): readonly PartLevel[] {
  const ofFiles = files.flatMap(({ levels, application }) =>
    levels
      .filter((level) => level.webServers.length > 0 && isBelow(level, application))
      .map(({ written, webServers }) => ({ path: written.slice(application.length), webServers })),
  )
  return [...(hostSections?.parts ?? []), ...ofFiles]
}

function partFinder(levels: readonly PartLevel[], pathOf: (level: PartLevel) => string) {
  const parts = new Map<XmlElement, string>()
  const note = (element: XmlElement, path: string): void => {
    parts.set(element, path)
    for (const child of element.children) note(child, path)
  }
  for (const level of levels) for (const webServer of level.webServers) note(webServer, pathOf(level))
  return (element: XmlElement) => parts.get(element)
}

function reviewProcess({ webServers }: PartLevel, path: string, problems: Problems): void {
  for (const name of ofTheProcess) {
    for (const { at } of childrenNamed(webServers, name)) {
      const text = `<${name}> for ${path} alone is not honoured: an application has one program.`
      problems.notice(at, text, 'Make it an application of its own, in the host file.')
    }
  }
}

function begins(path: readonly string[], beginning: readonly string[]): boolean {
  return beginning.every((segment, i) => segment.toLowerCase() === path[i])
}
