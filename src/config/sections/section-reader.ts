import type { WebConfig } from '../model.ts'
import type { XmlElement } from '../xml/xml.ts'
import type { SectionContext } from './section-context.ts'

/** One line of the plan: what is meant, and what it is. */
export type PlanDetail = readonly [what: string, is: string]

/**
 * How one section below `<system.webServer>` is read. What is honoured and what is told to be not honoured derives from the list
 * of these readers that a caller gives, so nothing here knows which sections somebody acts on.
 */
export interface SectionReader<Settings = unknown> {
  /** Its path below system.webServer, with `/` between elements: `httpProtocol`, `security/requestFiltering`. */
  readonly section: string
  /**
   * The section's elements, outermost file and least specific location first, become one plain object that is fit for JSON; none
   * where nothing is written. Problems go to the context. undefined: there is nothing to do.
   */
  read(elements: readonly XmlElement[], context: SectionContext): Settings | undefined
  /** What `check` shows of it. */
  describe(settings: Settings): readonly PlanDetail[]
}

/** The settings that this reader made when the file was loaded; undefined where it had nothing to do. */
export function settingsOf<Settings>(
  web: Pick<WebConfig, 'sections'>,
  reader: SectionReader<Settings>,
): Settings | undefined {
  return web.sections[reader.section] as Settings | undefined
}
