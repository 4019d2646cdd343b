import { childrenNamed } from '../xml/element.ts'
import type { ProcessConfig, WebConfig } from '../model.ts'
import { type Problems, wholeFile } from '../problems.ts'
import { findPublishedApp } from './published-app.ts'
import { aspNetCore } from '../sections/asp-net-core.ts'
import { reviewContentSections } from '../sections/content-sections.ts'
import { catchAll, type MappedHandler, readHandlers, reviewHandlers } from '../sections/handlers.ts'
import { httpPlatform } from '../sections/http-platform.ts'
import { type ProcessSection, readProcessConfig } from '../sections/process-section.ts'
import type { SectionContext } from '../sections/section-context.ts'
import type { XmlElement } from '../xml/xml.ts'

/** The parts of the web.config files that apply to one application. */
export interface ApplicableSections {
  /** Where the application's own web.config is, or would be. */
  readonly ownFile: string
  /** Its `<configuration>`; undefined when there is no such file. */
  readonly ownRoot: XmlElement | undefined
  /** The `<system.webServer>` elements of the host file that apply, the least specific location first. */
  readonly ofHost: readonly XmlElement[]
  /** All that apply, those of the host file first, then outermost file and least specific location first. */
  readonly all: readonly XmlElement[]
  /** The elements of `all` that stand in the application's own file. */
  readonly ownOnly: readonly XmlElement[]
}

/** How the application is run, and for which requests. */
export interface Hosting {
  readonly process: ProcessConfig
  readonly places: WebConfig['places']
  readonly handlers: WebConfig['handlers']
  /** Files besides web.config that were read for this. */
  readonly furtherFiles: readonly string[]
}

const sections: Readonly<Record<ProcessConfig['kind'], ProcessSection>> = { aspNetCore, httpPlatform }

/**
 * Whether there is an `<aspNetCore>` or an `<httpPlatform>`. One in the host file counts only if it names a program:
 * without one it has settings for all applications.
 */
export function hasSection({ all, ofHost }: ApplicableSections): boolean {
  return Object.values(sections).some(({ name }) => {
    const general = childrenNamed(ofHost, name).filter(({ attributes }) => !attributes.has('processPath'))
    return childrenNamed(all, name).some((element) => !general.includes(element))
  })
}

/**
 * Reads from web.config how the application is run. The first handler that leads to an application decides whether
 * `<aspNetCore>` or `<httpPlatform>` is read. Undefined when the application cannot be run; the problems then say why.
 */
export function findHosting(applicable: ApplicableSections, context: SectionContext): Hosting | undefined {
  const { problems } = context
  const mapped = readHandlers(childrenNamed(applicable.all, 'handlers'), problems)
  const handlers = mapped.some(leadsToApplication) ? mapped : withImplied(mapped, applicable, problems)
  const deciding = handlers.find(leadsToApplication)
  if (deciding === undefined) return undefined
  reviewHandlers(handlers, problems)
  reviewContentSections(applicable.ownOnly, handlers, problems)
  const section = sections[deciding.section]
  const other = section === aspNetCore ? httpPlatform : aspNetCore
  const elements = childrenNamed(applicable.all, section.name)
  const unused = childrenNamed(applicable.ownOnly, other.name)
  if (elements.length === 0) {
    reportMissing(deciding, section, unused.length > 0 ? other : undefined, problems)
    return undefined
  }
  for (const element of unused) {
    problems.warning(element.at, `<${other.name}> is not used: the handler is for <${section.name}>.`, 'Remove it.')
  }
  const process = readProcessConfig(section, elements, context)
  if (process === undefined) return undefined
  return { ...process, handlers: handlers.map(({ config }) => config), furtherFiles: [] }
}

/** Hosts a folder without web.config: runs the application that `dotnet publish` left there, with every default. */
export async function hostFolder(
  { ownFile, ofHost }: ApplicableSections,
  context: SectionContext,
): Promise<Hosting | undefined> {
  const { physicalPath, problems } = context
  const found = await findPublishedApp(physicalPath)
  if (!found.ok) {
    problems.error(wholeFile(ownFile), found.failure.text, found.failure.cure)
    return undefined
  }
  const { file, command } = found.value
  const at = wholeFile(file)
  const shownCommand = [command.processPath, command.arguments].join(' ').trim()
  problems.notice(at, `There is no web.config: ${shownCommand} is run, with every default.`)
  const process = readProcessConfig(aspNetCore, childrenNamed(ofHost, 'aspNetCore'), context, { command, at })
  if (process === undefined) return undefined
  return { ...process, handlers: [catchAll('aspNetCore', at).config], furtherFiles: [file] }
}

/** The handler that is assumed comes before inherited ones, as one would that this file adds. */
function withImplied(
  mapped: readonly MappedHandler[],
  applicable: ApplicableSections,
  problems: Problems,
): readonly MappedHandler[] {
  const isOwn = ({ at }: MappedHandler): boolean => at.file === applicable.ownFile
  const implied = impliedHandler(applicable, problems)
  return [...mapped.filter(isOwn), ...implied, ...mapped.filter((handler) => !isOwn(handler))]
}

/**
 * The handler that is assumed when no handler of web.config leads to an application. IIS would not use an
 * `<aspNetCore>` or `<httpPlatform>` then; here a handler for every request is assumed, with a warning, because the
 * author wants the application to be hosted. Without such a section an error is reported.
 */
function impliedHandler(
  { ownFile, ownRoot, ownOnly }: ApplicableSections,
  problems: Problems,
): readonly MappedHandler[] {
  for (const { name } of Object.values(sections)) {
    const element = childrenNamed(ownOnly, name)[0]
    if (element === undefined) continue
    const implied = catchAll(name, element.at)
    problems.warning(
      element.at,
      `No handler is for <${name}>, so IIS would not start it; here it gets every request.`,
      `Add <handlers><add name="${name}" path="*" verb="*" modules="${implied.config.modules}" /></handlers>.`,
    )
    return [implied]
  }
  // A misspelt or misplaced element has been reported already, and explains why the section is missing.
  if (problems.hasErrors) return []
  problems.error(
    ownRoot?.at ?? wholeFile(ownFile),
    'No handler passes requests to an application, and this file has neither <aspNetCore> nor <httpPlatform>.',
    'Run dotnet publish, which writes <handlers> and <aspNetCore>, and host the folder that it makes.',
  )
  return []
}

function reportMissing(
  handler: MappedHandler,
  section: ProcessSection,
  instead: ProcessSection | undefined,
  problems: Problems,
): void {
  // As in impliedHandler: an earlier error explains why the section is missing.
  if (problems.hasErrors) return
  const cure =
    instead === undefined
      ? `Add <${section.name} processPath="…" arguments="…" /> beside <handlers>; dotnet publish does.`
      : `Write modules="${catchAll(instead.name, handler.at).config.modules}" to run what <${instead.name}> says.`
  problems.error(handler.at, `The handler "${handler.config.name}" needs <${section.name}>, which is nowhere.`, cure)
}

function leadsToApplication(
  handler: MappedHandler,
): handler is MappedHandler & { readonly section: ProcessConfig['kind'] } {
  return handler.section !== undefined
}
