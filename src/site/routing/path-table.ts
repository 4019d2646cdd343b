import { collapseSlashes } from '../../http/decode-path.ts'

/** Something that is for a path and everything below it, such as an application. */
export interface Placement<App> {
  readonly application: App
  /** `/` or `/sub`. */
  readonly path: string
}

/**
 * The applications of a site, or the parts of an application, by their paths. `/sub` and `/sub/x` belong to `/sub`,
 * `/subway` does not; the longest path wins, letter case is ignored, and a run of slashes counts as one. Immutable.
 */
export class PathTable<App> {
  readonly #root: App | undefined
  /** By path in lower case. */
  readonly #below = new Map<string, App>()
  /** The most segments that a path in #below has. */
  readonly #depth: number

  constructor(applications: readonly Placement<App>[]) {
    let depth = 0
    for (const { path, application } of applications) {
      const key = path.toLowerCase()
      if (key === '/') this.#root ??= application
      else if (!this.#below.has(key)) this.#below.set(key, application)
      if (key !== '/') depth = Math.max(depth, key.split('/').length - 1)
    }
    this.#depth = depth
  }

  find(written: string): App | undefined {
    let found = this.#root
    const path = this.#depth === 0 ? written : collapseSlashes(written)
    let end = 0
    for (let segment = 0; segment < this.#depth && end < path.length; segment++) {
      const slash = path.indexOf('/', end + 1)
      end = slash === -1 ? path.length : slash
      found = this.#below.get(path.slice(0, end).toLowerCase()) ?? found
    }
    return found
  }
}
