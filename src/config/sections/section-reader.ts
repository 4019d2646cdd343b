import type { SiteConfig, WebConfig } from '../model.ts'
import type { Problems } from '../problems.ts'
import type { Environment } from '../expand.ts'
import type { AnyShape } from '../xml/element.ts'
import type { XmlElement } from '../xml/xml.ts'
import type { SectionContext } from './section-context.ts'

/** One line of the plan that `check` shows: the name of a setting and its value. */
export type PlanDetail = readonly [what: string, is: string]

/** What an examination of settings gets besides them. */
export interface ExaminedSite {
  /** The site of the application. */
  readonly site: Pick<SiteConfig, 'bindings' | 'hsts'>
  /**
   * Whether a client may come by https though no binding is for it: over a trusted proxy. `unknown`: the bindings and
   * proxies are those of a later `run`.
   */
  readonly mayComeByHttps: boolean | 'unknown'
  readonly environment: Environment
  readonly problems: Problems
}

/**
 * Reads one section below `<system.webServer>`. The caller gives a list of readers; every section outside of that list
 * is reported as not honoured. So nothing in this folder knows what a section is used for.
 */
export interface SectionReader<Settings = unknown> {
  /**
   * The section's path below system.webServer, with `/` between elements: `httpProtocol`, `security/requestFiltering`.
   */
  readonly section: string
  /** What the section may contain: the table that read() reads its attributes by, for the schema that editors use. */
  readonly shape: AnyShape
  /**
   * Turns the section's elements into settings: one plain object, fit for JSON, or undefined when the section has no
   * effect. Adds what it finds wrong to `context.problems`.
   *
   * @param elements outermost file and least specific location first; empty when the section is not written
   */
  read(elements: readonly XmlElement[], context: SectionContext): Settings | undefined
  /**
   * Finds what only the whole site, or a look at the disk, can show; called when every file has been read without
   * errors. Default: there is nothing to find.
   */
  examine?(settings: Settings, about: ExaminedSite): Promise<void>
  /** The lines that `check` shows for these settings. */
  describe(settings: Settings): readonly PlanDetail[]
}

/** The settings that this reader returned when the files were loaded. */
export function settingsOf<Settings>(
  web: Pick<WebConfig, 'sections'>,
  reader: SectionReader<Settings>,
): Settings | undefined {
  return web.sections[reader.section] as Settings | undefined
}
