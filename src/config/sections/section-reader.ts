import type { WebConfig } from '../model.ts'
import type { AnyShape } from '../xml/element.ts'
import type { XmlElement } from '../xml/xml.ts'
import type { SectionContext } from './section-context.ts'

/** One line of the plan that `check` shows: the name of a setting and its value. */
export type PlanDetail = readonly [what: string, is: string]

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
