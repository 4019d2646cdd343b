import type { Problem } from '../config/problems.ts'
import type { StartFailure } from '../process/life/start-report.ts'
import type { RetireReason } from './presence.ts'
import type { Serving } from './serving.ts'

/** Why a recycle has left the processes as they were: the problems of web.config, or the start of the new process. */
export interface RecycleFailure {
  readonly problems?: readonly Problem[]
  readonly start?: StartFailure | undefined
}

/** A change from the processes of one presence to those of the next. */
export interface RollingRecycle {
  readonly next: Serving
  readonly old: Serving
  readonly reason: RetireReason
  /** Puts `next` in the place of `old`, and asks those processes to end that it has not adopted. Called at most once. */
  readonly takeOver: () => void
  /** Resolves when a newer change of the application waits. */
  readonly superseded: Promise<'superseded'>
  readonly isSuperseded: () => boolean
}

/**
 * `superseded`: a newer change waits. `failed`: a new process cannot be started. In both cases `next`, if it has taken
 * over, goes on with the old processes that are not replaced yet.
 */
export type RecycleOutcome = 'complete' | 'superseded' | 'failed'

/**
 * Replaces old processes by new ones, one by one: each time a new one listens, an old one is asked to end. So no
 * request waits for a start, and there is never more than one additional process. After a failed start no further start
 * is tried, and the remaining old processes stay. Only where the kinds of authentication have changed, which a process
 * is told when it starts, all old ones are asked to end when the first new one listens. A single old process is replaced
 * even after a failed start, and its requests are answered with the failure, as in ANCM.
 */
export async function recycleOneByOne({
  next,
  old,
  reason,
  takeOver,
  superseded,
  isSuperseded,
}: RollingRecycle): Promise<RecycleOutcome> {
  // With a fixed port the new process can only start when the old one has ended.
  const running = next.hasFixedPort ? 0 : old.ready
  if (running === 0) {
    takeOver()
    return 'complete'
  }
  const starts = Math.min(running, next.maxProcesses)
  for (let started = 0; started < starts; started++) {
    const listens = await Promise.race([next.start(), superseded])
    if (listens === 'superseded' || isSuperseded()) return 'superseded'
    if (!listens && running > 1) return 'failed'
    if (started === 0) {
      next.adoptProcessesOf(old)
      takeOver()
    }
    next.retireAdopted(reason, started + 1 < starts ? 1 : running)
  }
  return 'complete'
}
