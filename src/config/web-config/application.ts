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

export function applicationSource(
  site: SiteConfig,
  { path, physicalPath }: ApplicationConfig,
  { environment, sections }: SourceOptions,
): ApplicationSource {
  const parents = site.applications
    .filter((other) => other.path !== path && (other.path === '/' || path.startsWith(`${other.path}/`)))
    .toSorted((a, b) => a.path.length - b.path.length)
    .map((other) => resolve(other.physicalPath))
  return {
    parents,
    load: () => loadWebConfig({ physicalPath, virtualPath: path, parents, environment, sections }),
  }
}
