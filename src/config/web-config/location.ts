import { bool, choice, string } from '../../platform/schema.ts'
import { type ElementShape, readAttributes } from '../xml/element.ts'
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
  const mode = overrideMode?.value ?? (allowOverride === undefined ? 'Inherit' : allowOverride.value ? 'Allow' : 'Deny')
  return {
    element,
    path: path?.text,
    segments: segmentsOf(path?.value ?? '.'),
    inheritInChildApplications: inheritInChildApplications?.value ?? true,
    override: mode === 'Inherit' ? undefined : mode,
  }
}

/**
 * Whether a location is for an application: its path is the application's own path, or lies above it and the location
 * does not say `inheritInChildApplications="false"`.
 */
export function isFor({ segments, inheritInChildApplications }: Location, application: readonly string[]): boolean {
  const isAbove = segments.every((segment, i) => segment === application[i])
  return isAbove && (inheritInChildApplications || segments.length === application.length)
}

/**
 * The `<system.webServer>` elements of one web.config that apply to an application, the least specific location first.
 *
 * @param application path of the application relative to the file's folder: '' for the folder's own application, else
 * `sub`
 */
export function webServersFor(
  root: XmlElement,
  application: string,
  honoured: HonouredSections,
  problems: Problems,
): readonly XmlElement[] {
  const found: { readonly depth: number; readonly element: XmlElement }[] = []
  const wanted = segmentsOf(application)
  for (const child of root.children) {
    if (child.name === 'system.webServer') found.push({ depth: 0, element: child })
    if (child.name !== 'location') continue
    reviewConfiguration(child, honoured, problems)
    const location = readLocation(child, problems)
    if (isFor(location, wanted)) {
      for (const element of child.children) {
        if (element.name === 'system.webServer') found.push({ depth: location.segments.length, element })
      }
    } else if (application === '' && location.path !== undefined) {
      problems.notice(child.at, `Settings for the path "${shown(location.path)}" alone are not honoured.`)
    }
  }
  return found.toSorted((a, b) => a.depth - b.depth).map(({ element }) => element)
}

/** The segments of a virtual path, in lower case; `.` and slashes at the ends are ignored. */
export function segmentsOf(path: string): readonly string[] {
  return path
    .toLowerCase()
    .split(/[\\/]/)
    .filter((segment) => segment !== '' && segment !== '.')
}
