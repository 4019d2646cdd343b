import type { SectionReader } from './section-reader.ts'

/** The sections that say which program is run and for which requests. */
const always = ['aspNetCore', 'httpPlatform', 'handlers']

/**
 * The sections of system.webServer that have an effect: those that say how an application is run, and those of the
 * readers.
 */
export class HonouredSections {
  /** Names of children of system.webServer, always with `security`. */
  readonly names: readonly string[]
  readonly #paths: readonly string[]

  constructor(readers: readonly SectionReader[]) {
    this.#paths = [...always, ...readers.map(({ section }) => section)]
    // The children of <security> are reviewed one by one, also where no reader is for any of them.
    this.names = [...new Set([...this.#paths.map((path) => path.split('/')[0] as string), 'security'])]
  }

  has(name: string): boolean {
    return this.names.includes(name)
  }

  /** Names of those children of a group that are honoured, such as `requestFiltering` for the group `security`. */
  below(group: string): readonly string[] {
    return this.#paths.flatMap((path) => (path.startsWith(`${group}/`) ? [path.slice(group.length + 1)] : []))
  }
}
