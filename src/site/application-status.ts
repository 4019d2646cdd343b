import type { ApplicationConfig } from '../config/model.ts'
import type { ProcessStatus } from '../process/process-status.ts'
import type { Presence } from './presence.ts'
import { Serving } from './serving.ts'

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
   * because the configuration cannot be used. `stopped`: 503 or 404, because its pool or its site is stopped.
   */
  readonly presence: 'serving' | 'offline' | 'faulted' | 'stopped'
  /** All processes of the application, also those that are still ending. */
  readonly processes: readonly ProcessStatus[]
}

/** @param presences the present one first, then those that are draining; none: the application is stopped */
export function applicationStatus(
  id: string,
  { path, physicalPath }: ApplicationConfig,
  presences: readonly Presence[] = [],
): ApplicationStatus {
  const processes = presences.flatMap((presence) => (presence instanceof Serving ? presence.processes : []))
  return { id, path, physicalPath, presence: presences[0]?.name ?? 'stopped', processes }
}
