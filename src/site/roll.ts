import type { RetireReason } from './presence.ts'
import type { Serving } from './serving.ts'

export interface Roll {
  readonly next: Serving
  readonly old: Serving
  readonly reason: RetireReason
  /** `next` takes over, now. Called at most once. */
  readonly begin: () => void
  /** Resolves when something else is to be done first. */
  readonly overtaken: Promise<'overtaken'>
  readonly isOvertaken: () => boolean
}

/** `overtaken`, `failed`: `next` goes on with those of the old processes that it has not replaced, if it has begun at all. */
export type RollOutcome = 'complete' | 'overtaken' | 'failed'

/**
 * From the old processes to new ones, one by one: an old one is asked to end when a new one listens, so that no request waits
 * for a start, and never more than one process too many is there. The first that cannot be started is the last that is tried,
 * but for a single process: its place is taken by the failure, as in ANCM.
 */
export async function roll({ next, old, reason, begin, overtaken, isOvertaken }: Roll): Promise<RollOutcome> {
  // With a fixed port the old process must have gone first.
  const running = next.hasFixedPort ? 0 : old.ready
  if (running === 0) {
    begin()
    return 'complete'
  }
  const starts = Math.min(running, next.places)
  for (let started = 0; started < starts; started++) {
    const came = await Promise.race([next.start(), overtaken])
    if (came === 'overtaken' || isOvertaken()) return 'overtaken'
    if (!came && running > 1) return 'failed'
    if (started === 0) {
      next.succeed(old)
      begin()
    }
    next.retireAdopted(reason, started + 1 < starts ? 1 : running)
  }
  return 'complete'
}
