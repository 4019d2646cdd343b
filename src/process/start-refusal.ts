import type { Clock } from '../platform/clock.ts'
import type { ProcessEvents } from './life/process-events.ts'
import { RapidFailGuard } from './rapid-fail-guard.ts'
import type { ProcessEnd } from './server-process.ts'
import type { StartFailure } from './life/start-report.ts'

/** For this long after a failed start, requests get the same failure, and cause no other start. */
const failureReuseMs = 1000

/** Why no process is started now. */
export type StartRefused =
  | { readonly why: 'start-failed'; readonly report: StartFailure }
  | { readonly why: 'rapid-fail'; readonly limit: number }

/** What rapid-fail protection does, in a sentence. */
export function rapidFailText(limit: number): string {
  const times = limit === 1 ? 'once' : `${String(limit)} times`
  return `it failed more than ${times} within a minute, and is not started until that is over.`
}

/**
 * Decides from the recent ends of a pool's processes whether another may be started. Owner and life: those of the pool.
 */
export class StartRefusal {
  readonly #guard: RapidFailGuard
  readonly #clock: Clock
  readonly #events: Pick<ProcessEvents, 'rapidFailTripped'>
  #recent: { readonly report: StartFailure; readonly at: number } | undefined
  #tripped = false

  constructor(rapidFailsPerMinute: number, clock: Clock, events: Pick<ProcessEvents, 'rapidFailTripped'>) {
    this.#guard = new RapidFailGuard(rapidFailsPerMinute, clock.now())
    this.#clock = clock
    this.#events = events
  }

  /** Takes note of the end of a process. */
  note(end: ProcessEnd): void {
    if (end.how !== 'stopped') this.#guard.count()
    if (end.how === 'start-failed') this.#recent = { report: end.report, at: this.#clock.now() }
  }

  /** Why a start is refused now; undefined when a process may be started. */
  now(): StartRefused | undefined {
    const now = this.#clock.now()
    if (this.#guard.blocks(now)) {
      if (!this.#tripped) this.#events.rapidFailTripped(this.#guard.limit)
      this.#tripped = true
      return { why: 'rapid-fail', limit: this.#guard.limit }
    }
    this.#tripped = false
    if (this.#recent === undefined || now - this.#recent.at >= failureReuseMs) return undefined
    return { why: 'start-failed', report: this.#recent.report }
  }
}
