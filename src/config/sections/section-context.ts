import type { Environment } from '../expand.ts'
import type { Problems } from '../problems.ts'

/** What a section reader gets besides the elements. */
export interface SectionContext {
  /** The application's folder, against which relative paths are resolved. */
  readonly physicalPath: string
  readonly environment: Environment
  readonly problems: Problems
}
