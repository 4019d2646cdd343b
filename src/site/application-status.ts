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
  /** Requests that wait for a process, because none is ready. */
  readonly waiting: number
  /** Processes that have begun to listen, since the daemon hosts the application. */
  readonly starts: number
  /** Starts that failed in all their attempts. */
  readonly failedStarts: number
  /** Processes that had begun to listen, and ended without being asked to or in another way than they were asked to. */
  readonly crashes: number
  readonly recycles: number
  readonly lastFailure: ApplicationFailure | null
}

/** The newest failed start or crash of an application. */
export interface ApplicationFailure {
  /** ISO 8601, UTC. */
  readonly time: string
  readonly kind: 'start' | 'crash'
  /** The word of the event's field `cause`; `exited` for a crash. */
  readonly cause: string
  /** A sentence for a person, without a secret. */
  readonly text: string
}

/** What has happened to an application since the daemon hosts it: also over reloads and a stop. */
export interface ApplicationHistory {
  starts: number
  failedStarts: number
  crashes: number
  recycles: number
  lastFailure: ApplicationFailure | null
}

export function newHistory(): ApplicationHistory {
  return { starts: 0, failedStarts: 0, crashes: 0, recycles: 0, lastFailure: null }
}

/**
 * @param history its newest state is copied
 * @param presences the present one first, then those that are draining; none: the application is stopped, or its processes are those that are still ending
 */
export function applicationStatus(
  id: string,
  { path, physicalPath }: ApplicationConfig,
  history: ApplicationHistory = newHistory(),
  presences: readonly Presence[] = [],
): ApplicationStatus {
  const serving = presences.filter((presence) => presence instanceof Serving)
  const waiting = serving.reduce((sum, each) => sum + each.waiting, 0)
  const processes = serving.flatMap((each) => each.processes)
  return { id, path, physicalPath, presence: presences[0]?.name ?? 'stopped', processes, waiting, ...history }
}
