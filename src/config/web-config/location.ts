import { bool, string } from '../../platform/schema.ts'
import { type Kinds, readAttributes } from '../xml/element.ts'
import { type Problems, shown } from '../problems.ts'
import type { HonouredSections } from '../sections/honoured-sections.ts'
import { reviewConfiguration } from '../sections/not-honoured.ts'
import type { XmlElement } from '../xml/xml.ts'

interface LocationAttributes {
  readonly path: string
  readonly inheritInChildApplications: boolean
  readonly overrideMode: string
  readonly allowOverride: boolean
}

const kinds: Kinds<LocationAttributes> = {
  path: string(),
  inheritInChildApplications: bool(),
  overrideMode: string(),
  allowOverride: bool(),
}

/**
 * The `<system.webServer>` elements of one file that apply to an application, the least specific location first. A
 * `<location>` applies if its path is the application's own path. If its path lies above the application's, it applies
 * unless its inheritInChildApplications is false.
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
  const wanted = segments(application)
  for (const child of root.children) {
    if (child.name === 'system.webServer') found.push({ depth: 0, element: child })
    if (child.name !== 'location') continue
    reviewConfiguration(child, honoured, problems)
    const { path, inheritInChildApplications } = readAttributes(child, kinds, problems)
    const own = segments(path?.value ?? '.')
    const above = own.every((segment, i) => segment === wanted[i])
    const exact = above && own.length === wanted.length
    if (exact || (above && inheritInChildApplications?.value !== false)) {
      for (const element of child.children) {
        if (element.name === 'system.webServer') found.push({ depth: own.length, element })
      }
    } else if (application === '' && path !== undefined) {
      problems.notice(child.at, `Settings for the path "${shown(path.text)}" alone are not honoured.`)
    }
  }
  return found.toSorted((a, b) => a.depth - b.depth).map(({ element }) => element)
}

/** The segments of a virtual path, in lower case; `.` and slashes at the ends are ignored. */
function segments(path: string): readonly string[] {
  return path
    .toLowerCase()
    .split(/[\\/]/)
    .filter((segment) => segment !== '' && segment !== '.')
}
