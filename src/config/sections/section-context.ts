import type { Environment } from '../expand.ts'
import type { Problems } from '../problems.ts'
import type { XmlElement } from '../xml/xml.ts'

/** What a section reader gets besides the elements. */
export interface SectionContext {
  /** The application's folder, against which relative paths are resolved. */
  readonly physicalPath: string
  readonly environment: Environment
  readonly problems: Problems
  /**
   * The part of the application, as a virtual path, for which an element was written: paths in it are relative to that.
   * Undefined: the whole application, also where the function is absent.
   */
  readonly partOf?: (element: XmlElement) => string | undefined
}
