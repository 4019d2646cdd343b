import { string } from '../../platform/schema.ts'
import type { ApplicationConfig, HostSections, SiteConfig } from '../model.ts'
import { type Problem, Problems, problemLine, shown } from '../problems.ts'
import { HonouredSections } from '../sections/honoured-sections.ts'
import { aspNetCore } from '../sections/asp-net-core.ts'
import { httpPlatform } from '../sections/http-platform.ts'
import { reviewWebServer } from '../sections/not-honoured.ts'
import type { SectionReader } from '../sections/section-reader.ts'
import { isAtOrBelow, isBelow, isFor, type Location, readLocation, segmentsOf } from '../web-config/location.ts'
import { type AnyShape, childrenNamed, readShaped, suggestion } from '../xml/element.ts'
import type { XmlElement } from '../xml/xml.ts'
import { type HostFileContext, placeText } from './elements.ts'
import { type DeclaredSections, lockedFor, readDeclarations, sectionsIn } from './locks.ts'

/** Sections that name libraries of IIS. They are always there in real files, and nothing is lost with them. */
const moduleLists = ['globalModules']

/**
 * The sites with what the rest of the file says about each application: the `<system.webServer>` elements that apply to
 * it, and the sections that are locked for it.
 *
 * @param files the host file and what it includes
 */
export function withHostSections(
  sites: readonly SiteConfig[],
  root: XmlElement,
  files: readonly string[],
  readers: readonly SectionReader[],
  context: HostFileContext,
): readonly SiteConfig[] {
  const { problems } = context
  const declared = readDeclarations(childrenNamed([root], 'configSections'), problems)
  const locations = childrenNamed([root], 'location')
    .map((element) => readLocation(element, problems))
    .toSorted((a, b) => a.segments.length - b.segments.length)
  reviewLocations(locations, declared, sites, problems)
  const general = childrenNamed([root], 'system.webServer').map(withoutEmptyCommand)
  const special = new Map(locations.map((location) => [location, webServersIn(location)]))
  const all = [...general, ...[...special.values()].flat()]
  reviewSections(all, new HonouredSections(readers), context)
  const reported = new Set<string>()
  const pathIn = (site: SiteConfig, { path }: Pick<ApplicationConfig, 'path'>): readonly string[] => [
    ...segmentsOf(site.name),
    ...segmentsOf(path),
  ]
  const allPaths = sites.flatMap((site) => site.applications.map((application) => pathIn(site, application)))
  return sites.map((site) => ({
    ...site,
    applications: site.applications.map((application): ApplicationConfig => {
      const path = pathIn(site, application)
      const applying = locations.filter((location) => location.segments.length === 0 || isFor(location, path))
      const webServers = [...general, ...applying.flatMap((location) => special.get(location) ?? [])]
      const locked = lockedFor(declared, locations, path)
      const deeper = allPaths.filter((other) => isBelow({ segments: other }, path))
      const parts = locations
        .filter((location) => isBelow(location, path) && !deeper.some((other) => isAtOrBelow(location, other)))
        .map((location) => ({ path: location.written.slice(path.length), webServers: special.get(location) ?? [] }))
        .filter((part) => part.webServers.length > 0)
      if (webServers.length === 0 && parts.length === 0 && locked.length === 0) return application
      const applied = [webServers, ...parts.map((part) => [...webServers, ...part.webServers])]
      for (const problem of applied.flatMap((elements) => problemsOf(elements, readers, application, context))) {
        const line = problemLine(problem)
        if (!reported.has(line)) problems.add(problem)
        reported.add(line)
      }
      const hostSections: HostSections = { files, webServers, ...(parts.length > 0 && { parts }), locked }
      return { ...application, hostSections }
    }),
  }))
}

/** Whether a value in brackets is still to be filled in by whoever starts an application, which then has the problem. */
function isTemplate({ attributes }: XmlElement): boolean {
  return [...attributes.values()].some(({ value }) => /^\[[^\]]*\]$/.test(value))
}

/** What the readers of the honoured sections find wrong with the host file's part of an application's configuration. */
function problemsOf(
  webServers: readonly XmlElement[],
  readers: readonly SectionReader[],
  { physicalPath }: ApplicationConfig,
  { environment }: HostFileContext,
): readonly Problem[] {
  const problems = new Problems()
  for (const { name, shape } of [aspNetCore, httpPlatform]) {
    const elements = childrenNamed(webServers, name).filter((element) => !isTemplate(element))
    for (const element of elements) readShaped(element, shape as AnyShape, problems)
  }
  for (const { section, read } of readers) {
    read(section.split('/').reduce(childrenNamed, webServers), { physicalPath, environment, problems })
  }
  return problems.list
}

/** Reports locations that are for nothing, and two for one path that hold the same section. */
function reviewLocations(
  locations: readonly Location[],
  declared: DeclaredSections,
  sites: readonly SiteConfig[],
  problems: Problems,
): void {
  const applications = sites.flatMap((site) =>
    site.applications.map(({ path }) => [...segmentsOf(site.name), ...segmentsOf(path)].join('/')),
  )
  const names = sites.map(({ name }) => name)
  const seen = new Map<string, XmlElement>()
  for (const location of locations) {
    const { element, path, segments } = location
    const joined = segments.join('/')
    for (const section of sectionsIn(webServersIn(location), declared)) {
      const key = `${joined} ${section}`
      const before = seen.get(key)
      if (before === undefined) seen.set(key, element)
      else {
        const text = `<${section}> stands in a <location> of the same path ${placeText(before.at, element.at)} already.`
        problems.error(element.at, text, 'Put the two into one.')
      }
    }
    const isUsed = applications.some((application) => application === joined || application.startsWith(`${joined}/`))
    // With errors in the file its applications may be missing.
    if (segments.length === 0 || isUsed || problems.hasErrors) continue
    if (applications.some((application) => isAtOrBelow(location, application.split('/')))) continue
    const meant = suggestion(segments[0] ?? '', names)
    const cure =
      meant === undefined ? 'Remove it, or name a site, as path="SITE/application".' : `Did you mean "${meant}"?`
    problems.warning(element.at, `<location path="${shown(path ?? '')}"> is for no site of this file.`, cure)
  }
}

/** Collects the sections that have no effect, but reports what is lost with them where somebody may rely on it. */
function reviewSections(webServers: readonly XmlElement[], honoured: HonouredSections, context: HostFileContext): void {
  const { problems, unused } = context
  for (const list of webServers.flatMap(({ children }) => children)) {
    if (moduleLists.includes(list.name)) unused.add('meaningless', `<${list.name}>`, list.at)
  }
  const others = webServers.map((webServer) => {
    return { ...webServer, children: webServer.children.filter(({ name }) => !moduleLists.includes(name)) }
  })
  reviewWebServer(others, honoured, problems, (path, { standing }, at) => {
    const name = path.split('/').map((part) => `<${part}>`)
    unused.add(standing === 'coming' ? 'later' : 'meaningless', name.join(''), at)
  })
}

function webServersIn({ element }: Location): readonly XmlElement[] {
  return childrenNamed([element], 'system.webServer').map(withoutEmptyCommand)
}

/** A section's shape as it is in the host file. */
export function shapeInHostFile(section: string, shape: AnyShape): AnyShape {
  const takesNone = ['aspNetCore', 'httpPlatform'].includes(section)
  return takesNone ? { ...shape, kinds: { ...shape.kinds, processPath: string() } } : shape
}

/** An empty processPath is IIS's default, so in the host file it is the same as none. */
function withoutEmptyCommand(webServer: XmlElement): XmlElement {
  const children = webServer.children.map((child): XmlElement => {
    const isEmpty =
      ['aspNetCore', 'httpPlatform'].includes(child.name) && child.attributes.get('processPath')?.value === ''
    if (!isEmpty) return child
    return { ...child, attributes: new Map([...child.attributes].filter(([name]) => name !== 'processPath')) }
  })
  return { ...webServer, children }
}
