import type { Clock } from '../platform/clock.ts'
import type { ProcessEvents } from './life/process-events.ts'
import { RapidFailGuard } from './rapid-fail-guard.ts'
import type { ProcessEnd } from './server-process.ts'
import type { StartFailure } from './life/start-report.ts'

/** Milliseconds for which a failed start answers for the requests that come after it. */
const failureShared = 1000

/** Why nothing is started now. */
export type StartRefused =
  | { readonly why: 'start-failed'; readonly report: StartFailure }
  | { readonly why: 'rapid-fail'; readonly limit: number }

/** What the ends of a pool's processes mean for its next start. Owner and life: those of the pool. */
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

  note(end: ProcessEnd): void {
    if (end.how !== 'stopped') this.#guard.count()
    if (end.how === 'start-failed') this.#recent = { report: end.report, at: this.#clock.now() }
  }

  /** Undefined: a process may be started. */
  now(): StartRefused | undefined {
    const now = this.#clock.now()
    if (this.#guard.blocks(now)) {
      if (!this.#tripped) this.#events.rapidFailTripped(this.#guard.limit)
      this.#tripped = true
      return { why: 'rapid-fail', limit: this.#guard.limit }
    }
    this.#tripped = false
    if (this.#recent === undefined || now - this.#recent.at >= failureShared) return undefined
    return { why: 'start-failed', report: this.#recent.report }
  }
}
