import { choice } from '../../platform/schema.ts'
import type { LockedSection } from '../model.ts'
import { type Place, type Problems, shown } from '../problems.ts'
import { isFor, type Location } from '../web-config/location.ts'
import { childrenNamed } from '../xml/element.ts'
import type { XmlElement } from '../xml/xml.ts'

/** The sections of system.webServer that `<configSections>` declares. */
export interface DeclaredSections {
  /** Paths of the elements that hold sections and are none, such as `security`. */
  readonly groups: ReadonlySet<string>
  /** Paths of sections, each with the element that locks it; undefined: it is not locked. */
  readonly sections: ReadonlyMap<string, Place | undefined>
}

/** IIS's groups; a host file need not have `<configSections>`. */
const knownGroups = ['security', 'security/authentication', 'rewrite', 'tracing', 'webdav', 'management', 'media']

const overrideModes = choice(['Allow', 'Deny', 'Inherit'])

/**
 * Reads the `<configSections>` elements. Where overrideModeDefault is missing, or the whole declaration is, the section
 * is not locked.
 */
export function readDeclarations(elements: readonly XmlElement[], problems: Problems): DeclaredSections {
  const groups = new Set(knownGroups)
  const sections = new Map<string, Place | undefined>()
  const read = (container: XmlElement, path: string): void => {
    for (const child of container.children) {
      const inner = [path, child.attributes.get('name')?.value ?? ''].filter((name) => name !== '').join('/')
      if (child.name === 'section') sections.set(inner, isLocked(child, problems) ? child.at : undefined)
      if (child.name !== 'sectionGroup') continue
      groups.add(inner)
      read(child, inner)
    }
  }
  for (const group of childrenNamed(elements, 'sectionGroup')) {
    if (group.attributes.get('name')?.value === 'system.webServer') read(group, '')
  }
  return { groups, sections }
}

function isLocked(section: XmlElement, problems: Problems): boolean {
  const written = section.attributes.get('overrideModeDefault')
  if (written === undefined) return false
  const mode = overrideModes.read(written.value)
  if (!mode.ok) {
    const text = `overrideModeDefault="${shown(written.value)}" is malformed.`
    problems.error(written.valueAt, text, `Write ${overrideModes.allowed}.`)
  }
  return mode.ok && mode.value === 'Deny'
}

/**
 * The sections that no web.config of an application may contain. A `<location>` locks or unlocks the sections that stand
 * in it, for its path and whatever lies below; the most specific location wins.
 *
 * @param locations the least specific first
 * @param application the segments of its path: the site's name, then those of its virtual path
 */
export function lockedFor(
  declared: DeclaredSections,
  locations: readonly Location[],
  application: readonly string[],
): readonly LockedSection[] {
  const locks = new Map(declared.sections)
  for (const location of locations) {
    if (location.override === undefined || !isFor({ ...location, inheritInChildApplications: true }, application))
      continue
    for (const section of sectionsIn(childrenNamed([location.element], 'system.webServer'), declared)) {
      locks.set(section, location.override === 'Deny' ? location.element.at : undefined)
    }
  }
  return [...locks].flatMap(([section, at]) => (at === undefined ? [] : [{ section, at }]))
}

/** The paths of the sections that stand in these `<system.webServer>` elements, each once. */
export function sectionsIn(webServers: readonly XmlElement[], { groups }: DeclaredSections): readonly string[] {
  const found = new Set<string>()
  const collect = (container: XmlElement, path: string): void => {
    for (const child of container.children) {
      const inner = path === '' ? child.name : `${path}/${child.name}`
      if (groups.has(inner)) collect(child, inner)
      else found.add(inner)
    }
  }
  for (const webServer of webServers) collect(webServer, '')
  return [...found]
}
