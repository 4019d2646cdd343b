import type { Environment } from '../expand.ts'
import type { Problems } from '../problems.ts'

/** What a section needs besides its elements. */
export interface SectionContext {
  /** The application's folder: where relative paths begin. */
  readonly physicalPath: string
  readonly environment: Environment
  readonly problems: Problems
}
