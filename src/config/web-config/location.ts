import { bool, choice, string } from '../../platform/schema.ts'
import { childrenNamed, type ElementShape, readAttributes } from '../xml/element.ts'
import { type Problems, shown } from '../problems.ts'
import type { HonouredSections } from '../sections/honoured-sections.ts'
import { reviewConfiguration } from '../sections/not-honoured.ts'
import type { XmlElement } from '../xml/xml.ts'

interface LocationAttributes {
  readonly path: string
  readonly inheritInChildApplications: boolean
  readonly overrideMode: 'Allow' | 'Deny' | 'Inherit'
  readonly allowOverride: boolean
}

/** `<location>`. */
export const locationShape: ElementShape<LocationAttributes> = {
  kinds: {
    path: string(),
    inheritInChildApplications: bool(),
    overrideMode: choice(['Allow', 'Deny', 'Inherit']),
    allowOverride: bool(),
  },
}

/** A `<location>`. */
export interface Location {
  readonly element: XmlElement
  /** As it is written; undefined: it is not. */
  readonly path: string | undefined
  /** Its path in lower case; empty for the file's own level. */
  readonly segments: readonly string[]
  /** The same as they are written. */
  readonly written: readonly string[]
  readonly inheritInChildApplications: boolean
  /** Whether files further in may contain its sections; undefined: what was said before stays. */
  readonly override: 'Allow' | 'Deny' | undefined
}

export function readLocation(element: XmlElement, problems: Problems): Location {
  const { path, inheritInChildApplications, overrideMode, allowOverride } = readAttributes(
    element,
    locationShape.kinds,
    problems,
  )
  if (overrideMode !== undefined && allowOverride !== undefined) {
    const text = 'allowOverride stands beside overrideMode, which has taken its place.'
    problems.error(allowOverride.at, text, 'Remove allowOverride.')
  }
  if (path !== undefined && isOfNoRequest(path.value)) {
    const text = `path="${shown(path.value)}" is the path of no request, so what stands here holds for none.`
    const cure = 'Write a path without wildcards and escapes; what lies below it belongs to it.'
    problems.warning(path.at, text, cure)
  }
  const mode = overrideMode?.value ?? (allowOverride === undefined ? 'Inherit' : allowOverride.value ? 'Allow' : 'Deny')
  return {
    element,
    path: path?.text,
    segments: segmentsOf(path?.value ?? '.'),
    written: writtenSegments(path?.value ?? '.'),
    inheritInChildApplications: inheritInChildApplications?.value ?? true,
    override: mode === 'Inherit' ? undefined : mode,
  }
}

/** Whether its author relies on a pattern, or on escapes, which a location has not. */
function isOfNoRequest(path: string): boolean {
  return /[*?<>|"]|%[0-9a-f]{2}|(?:^|[/\\])\.\.(?:[/\\]|$)/i.test(path)
}

/**
 * Whether a location is for an application: its path is the application's own path, or lies above it and the location
 * does not say `inheritInChildApplications="false"`.
 */
export function isFor(
  { segments, inheritInChildApplications }: Pick<Location, 'segments' | 'inheritInChildApplications'>,
  application: readonly string[],
): boolean {
  return beginsWith(application, segments) && (inheritInChildApplications || segments.length === application.length)
}

/** What one file says for one path: in a `<location>`, or outside of all. */
export type SettingsLevel = Pick<Location, 'segments' | 'written' | 'inheritInChildApplications'> & {
  readonly webServers: readonly XmlElement[]
}

/** The levels of one web.config, in the order of the file. */
export function levelsOf(root: XmlElement, honoured: HonouredSections, problems: Problems): readonly SettingsLevel[] {
  return root.children.flatMap((child): readonly SettingsLevel[] => {
    if (child.name === 'system.webServer')
      return [{ segments: [], written: [], inheritInChildApplications: true, webServers: [child] }]
    if (child.name !== 'location') return []
    reviewConfiguration(child, honoured, problems)
    return [{ ...readLocation(child, problems), webServers: childrenNamed([child], 'system.webServer') }]
  })
}

/**
 * The `<system.webServer>` elements that apply to a path of an application, the least specific level first. Both paths
 * are relative to the file's folder; within the application a level applies whether or not other applications inherit it.
 */
export function webServersFor(
  levels: readonly SettingsLevel[],
  application: readonly string[],
  path: readonly string[] = application,
): readonly XmlElement[] {
  return levels
    .filter((level) => isFor(level, application) || (isBelow(level, application) && beginsWith(path, level.segments)))
    .toSorted((a, b) => a.segments.length - b.segments.length)
    .flatMap(({ webServers }) => webServers)
}

/** Whether a level is for a part of the application alone. */
export function isBelow({ segments }: Pick<Location, 'segments'>, application: readonly string[]): boolean {
  return segments.length > application.length && beginsWith(segments, application)
}

/** Whether a level is for an application or for a part of it. */
export function isAtOrBelow({ segments }: Pick<Location, 'segments'>, application: readonly string[]): boolean {
  return beginsWith(segments, application)
}

function beginsWith(path: readonly string[], beginning: readonly string[]): boolean {
  return beginning.every((segment, i) => segment === path[i])
}

/** The segments of a virtual path, in lower case; `.` and slashes at the ends are ignored. */
export function segmentsOf(path: string): readonly string[] {
  return writtenSegments(path.toLowerCase())
}

function writtenSegments(path: string): readonly string[] {
  return path.split(/[\\/]/).filter((segment) => segment !== '' && segment !== '.')
}
