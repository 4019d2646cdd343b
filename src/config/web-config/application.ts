import { resolve } from 'node:path'
import { failed, ok, type Result } from '../../platform/result.ts'
import type { Environment } from '../expand.ts'
import { freezeDeep } from '../freeze.ts'
import type { ApplicationConfig, SiteConfig, WebConfig } from '../model.ts'
import { type Problem, Problems } from '../problems.ts'
import { type ExaminedSite, type SectionReader, settingsOf } from '../sections/section-reader.ts'
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
  /** See ExaminedSite. Asked at each loading. Default: no. */
  readonly mayComeByHttps?: (() => ExaminedSite['mayComeByHttps']) | undefined
}

/** The applications above this one by their virtual paths, wherever their folders lie, are its parents. */
export function applicationSource(
  site: SiteConfig,
  { path, physicalPath, hostSections }: ApplicationConfig,
  { environment, sections, mayComeByHttps = () => false }: SourceOptions,
): ApplicationSource {
  const below = path.toLowerCase()
  const parents = site.applications
    .filter(({ path: other }) => other !== path && (other === '/' || below.startsWith(`${other.toLowerCase()}/`)))
    .toSorted((a, b) => a.path.length - b.path.length)
    .map((other) => ({ path: other.path, physicalPath: resolve(other.physicalPath) }))
  return {
    parents: parents.map((parent) => parent.physicalPath),
    load: async () => {
      const options = { physicalPath, virtualPath: path, parents, hostSections, environment, sections }
      const loaded = await loadWebConfig(options)
      if (!loaded.ok) return loaded
      const problems = await examined(loaded.value, sections, {
        site,
        environment,
        mayComeByHttps: mayComeByHttps(),
      })
      if (problems.length === 0) return loaded
      const notices = [...loaded.value.notices, ...problems]
      const isUsable = problems.every(({ level }) => level !== 'error')
      return isUsable ? ok(freezeDeep({ ...loaded.value, notices })) : failed(freezeDeep(notices))
    },
  }
}

/** What the readers find wrong with their settings when they look at the site and at the disk. */
async function examined(
  web: WebConfig,
  readers: readonly SectionReader[],
  about: Omit<ExaminedSite, 'problems'>,
): Promise<readonly Problem[]> {
  const problems = new Problems()
  for (const reader of readers) {
    const settings = settingsOf(web, reader)
    if (settings !== undefined) await reader.examine?.(settings, { ...about, problems })
  }
  return problems.list
}
