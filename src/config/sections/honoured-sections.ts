import type { SectionReader } from './section-reader.ts'

/** Sections that are honoured whatever the modules are: they say which program is run and for which requests. */
const always = ['aspNetCore', 'httpPlatform', 'handlers']

/**
 * The sections of system.webServer that have an effect: those that say how an application is run, and those that have a
 * SectionReader.
 */
export class HonouredSections {
  /** Names of the honoured children of system.webServer; `security` is always among them. */
  readonly names: readonly string[]
  readonly #paths: readonly string[]

  constructor(readers: readonly SectionReader[]) {
    this.#paths = [...always, ...readers.map(({ section }) => section)]
    // <security> counts as honoured even without a reader, because its children are reviewed one by one.
    this.names = [...new Set([...this.#paths.map((path) => path.split('/')[0] as string), 'security'])]
  }

  has(name: string): boolean {
    return this.names.includes(name)
  }

  /** Whether the section at this path below system.webServer is honoured. */
  hasPath(path: string): boolean {
    return this.#paths.includes(path)
  }

  /** Names of the honoured children of the element `group`, such as `requestFiltering` in `security`. */
  below(group: string): readonly string[] {
    return this.#paths.flatMap((path) => (path.startsWith(`${group}/`) ? [path.slice(group.length + 1)] : []))
  }
}
