import { resolve } from 'node:path'
import type { Result } from '../../platform/result.ts'
import type { Environment } from '../expand.ts'
import type { ApplicationConfig, SiteConfig, WebConfig } from '../model.ts'
import type { Problem } from '../problems.ts'
import type { SectionReader } from '../sections/section-reader.ts'
import { loadWebConfig } from './web-config.ts'

/**
 * Loads the configuration of one application of a site; used by `run` and by `check`, so that the two cannot differ.
 */
export interface ApplicationSource {
  /**
   * Folders of the applications whose virtual paths lie above this one's, outermost first; their web.config is
   * inherited.
   */
  readonly parents: readonly string[]
  /** Reads every file once, as it is now. */
  load(): Promise<Result<WebConfig, readonly Problem[]>>
}

export interface SourceOptions {
  readonly environment: Environment
  readonly sections: readonly SectionReader[]
}

/** The applications above this one by their virtual paths, wherever their folders lie, are its parents. */
export function applicationSource(
  site: SiteConfig,
  { path, physicalPath, hostSections }: ApplicationConfig,
  { environment, sections }: SourceOptions,
): ApplicationSource {
  const below = path.toLowerCase()
  const parents = site.applications
    .filter(({ path: other }) => other !== path && (other === '/' || below.startsWith(`${other.toLowerCase()}/`)))
    .toSorted((a, b) => a.path.length - b.path.length)
    .map((other) => ({ path: other.path, physicalPath: resolve(other.physicalPath) }))
  return {
    parents: parents.map((parent) => parent.physicalPath),
    load: () => loadWebConfig({ physicalPath, virtualPath: path, parents, hostSections, environment, sections }),
  }
}
