import type { Clock } from '../platform/clock.ts'
import type { Result } from '../platform/result.ts'
import { failed, ok } from '../platform/result.ts'
import { diskView, type FolderView } from './folder-view.ts'
import type { Launch } from './launch.ts'
import type { Lease } from './lease.ts'
import type { ProcessEvents } from './process-events.ts'
import type { ProcessState, StopReason } from './process-state.ts'
import { RapidFailGuard } from './rapid-fail-guard.ts'
import type { ProcessEnd } from './server-process.ts'
import { afterEnd, afterStart, noHistory, type PoolHistory } from './process-history.ts'
import { type Channels, Slot, type SlotOutcome } from './slot.ts'
import type { ChildOutput } from './spawn.ts'
import type { StartFailure } from './start-report.ts'

/** Requests that may wait for starts at the same time (http.sys's request queue). */
const longestQueue = 1000
/** Milliseconds for which a failed start answers for the requests that come after it. */
const failureShared = 1000

/** Why a request gets no process. */
export type Refused =
  | { readonly why: 'start-failed'; readonly report: StartFailure }
  | { readonly why: 'rapid-fail'; readonly limit: number }
  | { readonly why: 'retired' }
  | { readonly why: 'queue-full' }

/** A process as `status` shows it. */
export interface ProcessStatus {
  readonly state: ProcessState['name']
  /** Undefined before it listens. */
  readonly pid: number | undefined
  readonly port: number | undefined
  /** Since it listens; 0 before. */
  readonly uptimeMs: number
  readonly requests: number
  readonly tunnels: number
}

/** The processes of one application, and who gets which. Generic: it does not know what is opened on a process. */
export interface ProcessPool<Channel> {
  /** A ready process, now: the hot path. Undefined: ask lease() in the same breath, for the same slot. */
  take(): Lease<Channel> | undefined
  /** Starts a process if need be; all who wait for a slot share one start. Never rejects. */
  lease(): Promise<Result<Lease<Channel>, Refused>>
  /** No new leases; every process drains and stops. Resolves when all are gone, output on disk. Twice is once. */
  retire(reason: StopReason): Promise<void>
  /** Everything now; retire() then tells when it is done. Twice is once. */
  destroy(): void
  /** One for each slot that is not empty. */
  readonly status: readonly ProcessStatus[]
  readonly history: PoolHistory
}

export interface PoolOptions<Channel> {
  readonly launch: Launch
  readonly channels: Channels<Channel>
  /** Called at the beginning of each process life. */
  readonly openOutput: () => ChildOutput
  readonly events: ProcessEvents
  readonly clock: Clock
  readonly view?: FolderView
  /** With a fixed port: resolves when nobody outside of this pool, but of this application, can still hold it. */
  readonly whenPortFree?: (() => Promise<unknown>) | undefined
}

export function createProcessPool<Channel>(options: PoolOptions<Channel>): ProcessPool<Channel> {
  return new SlotPool(options)
}

/**
 * ANCM's PROCESS_MANAGER. Owner: one Serving; lives as long as that. Ends by retire() or destroy().
 * Invariants: a slot holds at most one process that is starting or running; leases out on a process > 0 ⇒ it is running
 * or draining; requests wait ⇒ a start is under way; a request is refused for a slot only if no slot is ready.
 */
class SlotPool<Channel> implements ProcessPool<Channel> {
  readonly #slots: readonly Slot<Channel>[]
  readonly #guard: RapidFailGuard
  readonly #events: ProcessEvents
  readonly #clock: Clock
  /** ANCM increments before it takes the remainder, so the first request goes to slot 1 mod N. */
  #turn = 0
  /** take() has just looked at this slot in vain. */
  #missed: Slot<Channel> | undefined
  #waiting = 0
  #recent: { readonly report: StartFailure; readonly at: number } | undefined
  #tripped = false
  #retired: Promise<void> | undefined
  #history = noHistory

  constructor(options: PoolOptions<Channel>) {
    const { launch, clock, events } = options
    this.#clock = clock
    this.#events = events
    this.#guard = new RapidFailGuard(launch.config.rapidFailsPerMinute, clock.now())
    const noted = new Set<string>()
    const slotOptions = {
      ...options,
      view: options.view ?? diskView,
      onNote: (text: string) => {
        if (!noted.has(text)) events.commandNoted(text)
        noted.add(text)
      },
      onReady: () => {
        this.#history = afterStart(this.#history)
      },
      onEnd: (end: ProcessEnd) => {
        this.#history = afterEnd(this.#history, end)
        if (end.how !== 'stopped') this.#guard.count()
        if (end.how === 'start-failed') this.#recent = { report: end.report, at: clock.now() }
      },
    }
    this.#slots = Array.from({ length: launch.config.processesPerApplication }, () => new Slot(slotOptions))
  }

  take(): Lease<Channel> | undefined {
    if (this.#retired !== undefined) return undefined
    const slot = this.#next()
    const lease = slot.ready?.take()
    if (lease === undefined) this.#missed = slot
    return lease
  }

  async lease(): Promise<Result<Lease<Channel>, Refused>> {
    const slot = this.#missed ?? this.#next()
    this.#missed = undefined
    for (;;) {
      if (this.#retired !== undefined) return failed({ why: 'retired' })
      const lease = slot.ready?.take()
      if (lease !== undefined) return ok(lease)
      const refused = slot.isStarting ? undefined : this.#refusal()
      if (refused !== undefined) return this.#another() ?? failed(refused)
      if (this.#waiting >= longestQueue) return failed({ why: 'queue-full' })
      const outcome = await this.#wait(slot)
      if (outcome.ok && slot.ready === outcome.value) return ok(outcome.value.take())
      if (!outcome.ok && outcome.failure !== 'aborted') {
        return this.#another() ?? failed({ why: 'start-failed', report: outcome.failure })
      }
      // It died, or was ended, before this request got its turn. The rapid-fail guard ends the loop.
    }
  }

  retire(reason: StopReason): Promise<void> {
    this.#retired ??= Promise.all(this.#slots.map((slot) => slot.retire(reason))).then(() => undefined)
    return this.#retired
  }

  destroy(): void {
    void this.retire('host-stopping')
    for (const slot of this.#slots) slot.destroy()
  }

  get status(): readonly ProcessStatus[] {
    return this.#slots.flatMap((slot) => {
      if (slot.process === undefined) return []
      const { state, uptimeMs } = slot.process
      const target = state.name === 'running' || state.name === 'draining' ? state.target : undefined
      const { requests = 0, tunnels = 0 } = slot.lent ?? {}
      return { state: state.name, pid: target?.pid, port: target?.port, uptimeMs, requests, tunnels }
    })
  }

  get history(): PoolHistory {
    return this.#history
  }

  #next(): Slot<Channel> {
    this.#turn = (this.#turn + 1) % this.#slots.length
    return this.#slots[this.#turn] as Slot<Channel>
  }

  async #wait(slot: Slot<Channel>): Promise<SlotOutcome<Channel>> {
    this.#waiting++
    const outcome = await slot.start()
    this.#waiting--
    return outcome
  }

  /** Why no start is made now. */
  #refusal(): Refused | undefined {
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

  /** Any process that is ready, when the slot whose turn it is cannot have one. */
  #another(): Result<Lease<Channel>, Refused> | undefined {
    const slot = this.#slots.find((other) => other.ready !== undefined)
    return slot?.ready === undefined ? undefined : ok(slot.ready.take())
  }
}
