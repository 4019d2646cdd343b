import { failed, ok, type Result } from '../../platform/result.ts'
import type { Environment } from '../expand.ts'
import { freezeDeep } from '../freeze.ts'
import { type ApplicableSections, findHosting, hasSection, hostFolder } from './hosting.ts'
import { isBelow, levelsOf, segmentsOf, type SettingsLevel, webServersFor } from './location.ts'
import { type AppliedFile, readParts, readSections } from './parts.ts'
import { reportLocked, reportUsuallyLocked } from './locked-sections.ts'
import type { ApplicationConfig, HostSections, WebConfig } from '../model.ts'
import { type Problem, Problems } from '../problems.ts'
import { HonouredSections } from '../sections/honoured-sections.ts'
import { reviewConfiguration, reviewWebServer } from '../sections/not-honoured.ts'
import type { SectionContext } from '../sections/section-context.ts'
import type { SectionReader } from '../sections/section-reader.ts'
import { reviewTransform } from '../xml/transform.ts'
import { readWebConfigFile } from './web-config-file.ts'
import type { XmlElement } from '../xml/xml.ts'

export interface WebConfigOptions {
  /** The application's folder, absolute. */
  readonly physicalPath: string
  /** The application's virtual path: `/`, or `/sub` without a trailing slash. */
  readonly virtualPath: string
  /** The applications above this one, outermost first; their folders are absolute. */
  readonly parents: readonly Pick<ApplicationConfig, 'path' | 'physicalPath'>[]
  /** The part of the host file that applies to the application; undefined: there is none. */
  readonly hostSections?: HostSections | undefined
  /** The daemon's own environment, from which `%NAME%` is expanded. */
  readonly environment: Environment
  /** Readers of the sections that are honoured besides the ones that say how the application is run. */
  readonly sections: readonly SectionReader[]
}

/**
 * Reads an application's web.config and those it inherits from. If the application has no web.config and inherits
 * neither `<aspNetCore>` nor `<httpPlatform>`, the application that `dotnet publish` left in the folder is hosted.
 * Every problem is collected, except warnings and notices about the host file and the parents' files, which are reported
 * for these. With an error among them the load fails; otherwise they come with the WebConfig. The result is frozen.
 */
export async function loadWebConfig(options: WebConfigOptions): Promise<Result<WebConfig, readonly Problem[]>> {
  const { physicalPath, parents, hostSections, environment, sections } = options
  const problems = new Problems()
  const context: SectionContext = { physicalPath, environment, problems }
  const files: string[] = []
  const roots: (XmlElement | undefined)[] = []
  const unreadable: Problem[] = []
  for (const folder of [...parents.map((parent) => parent.physicalPath), physicalPath]) {
    const file = await readWebConfigFile(folder)
    files.push(file.ok ? file.value.path : file.failure.path)
    roots.push(file.ok ? file.value.root : undefined)
    if (!file.ok) unreadable.push(file.failure.problem)
  }
  if (unreadable.length > 0) return failed(freezeDeep(unreadable))

  const ownFile = files.at(-1) as string
  const applicable = gather(roots, ownFile, options, problems)
  const settings = readSections(sections, applicable.all, context)
  const published = applicable.ownRoot === undefined && !hasSection(applicable)
  const hosting = published ? await hostFolder(applicable, context) : findHosting(applicable, context)
  const inherited = [...(hostSections?.files ?? []), ...files.slice(0, -1)]
  if (hosting === undefined || problems.hasErrors) {
    const reported = problems.list.filter(({ level, file }) => level === 'error' || !inherited.includes(file))
    return failed(freezeDeep(reported))
  }

  const { process, places, handlers, furtherFiles } = hosting
  const sources = {
    virtualPath: options.virtualPath,
    hostSections,
    files: applicable.files,
    readers: sections,
    handlers,
  }
  const parts = readParts(sources, context)
  const notices = problems.list.filter(({ level, file }) => level === 'error' || !inherited.includes(file))
  if (notices.some(({ level }) => level === 'error')) return failed(freezeDeep(notices))
  return ok(
    freezeDeep({
      process,
      handlers,
      sections: settings,
      ...(parts.length > 0 && { parts }),
      files: [...files, ...furtherFiles],
      places,
      notices,
    }),
  )
}

/**
 * The path by which the web.config of another application names this one in `<location path>`, such as `sub` or `a/b`.
 */
function pathBelow(parent: { readonly path: string } | undefined, virtualPath: string): string {
  if (parent === undefined) return ''
  return virtualPath.slice(parent.path === '/' ? 1 : parent.path.length + 1)
}

/** Collects the elements of every file that apply to the application, and reports what has no effect. */
function gather(
  roots: readonly (XmlElement | undefined)[],
  ownFile: string,
  options: WebConfigOptions,
  problems: Problems,
): ApplicableSections & { readonly files: readonly AppliedFile[] } {
  const { parents, virtualPath, hostSections, sections } = options
  const honoured = new HonouredSections(sections)
  const files = roots.map((root, i): AppliedFile => {
    const application = segmentsOf(pathBelow(parents[i], virtualPath))
    if (root === undefined) return { levels: [], application }
    reviewTransform(root, problems)
    reviewConfiguration(root, honoured, problems)
    const levels = levelsOf(root, honoured, problems)
    const webServers = [...webServersFor(levels, application), ...partsOf(levels, application)]
    reviewWebServer(webServers, honoured, problems)
    reportLocked(webServers, hostSections?.locked ?? [], problems)
    reportUsuallyLocked(webServers, hostSections, problems)
    return { levels, application }
  })
  const perFile = files.map(({ levels, application }) => webServersFor(levels, application))
  const ofHost = hostSections?.webServers ?? []
  const all = [...ofHost, ...perFile.flat()]
  return { ownFile, ownRoot: roots.at(-1), ofHost, all, ownOnly: perFile.at(-1) ?? [], files }
}

/** The elements that are for parts of the application alone. */
function partsOf(levels: readonly SettingsLevel[], application: readonly string[]): readonly XmlElement[] {
  return levels.filter((level) => isBelow(level, application)).flatMap(({ webServers }) => webServers)
}
