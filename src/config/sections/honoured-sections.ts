import type { SectionReader } from './section-reader.ts'

/** They say which program is run, and for which requests: they are always read. */
const always = ['aspNetCore', 'httpPlatform', 'handlers']

/** Which sections of system.webServer are acted on: those that say how an application is run, and those of the readers given. */
export class HonouredSections {
  /** Children of system.webServer, `security` among them where something below it is read. */
  readonly names: readonly string[]
  readonly #paths: readonly string[]

  constructor(readers: readonly SectionReader[]) {
    this.#paths = [...always, ...readers.map(({ section }) => section)]
    // What stands below <security> is reviewed one by one, whoever reads some of it.
    this.names = [...new Set([...this.#paths.map((path) => path.split('/')[0] as string), 'security'])]
  }

  has(name: string): boolean {
    return this.names.includes(name)
  }

  /** The children of one group that are read: `requestFiltering` of `security`. */
  below(group: string): readonly string[] {
    return this.#paths.flatMap((path) => (path.startsWith(`${group}/`) ? [path.slice(group.length + 1)] : []))
  }
}
