import type { ProcessStatus } from '../process/process-status.ts'

/** A snapshot of one application. */
export interface ApplicationStatus {
  /** IIS's application id: `/LM/W3SVC/<site id>/ROOT`, with `/sub` behind it for an application below the root. */
  readonly id: string
  /** Virtual path: `/`, or `/sub` without a trailing slash. */
  readonly path: string
  /** Absolute folder. */
  readonly physicalPath: string
  /**
   * What answers the requests. `serving`: the application. `offline`: app_offline.htm. `faulted`: a page with 500.19,
   * because the configuration cannot be used.
   */
  readonly presence: 'serving' | 'offline' | 'faulted'
  /** All processes of the application, also those that are still ending. */
  readonly processes: readonly ProcessStatus[]
}
