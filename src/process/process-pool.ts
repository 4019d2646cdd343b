import type { Clock } from '../platform/clock.ts'
import type { Result } from '../platform/result.ts'
import { failed, ok } from '../platform/result.ts'
import { Choice } from './choice.ts'
import { diskView, type FolderView } from './system/folder-view.ts'
import type { Launch } from './life/launch.ts'
import type { Lease } from './lease.ts'
import { hasFixedPort } from './start/ports.ts'
import type { ProcessEvents } from './life/process-events.ts'
import type { ProcessState, StopReason } from './life/process-state.ts'
import type { ProcessEnd } from './server-process.ts'
import { afterEnd, afterStart, noHistory, type PoolHistory } from './process-history.ts'
import { type Channels, Slot, type SlotOutcome } from './slot.ts'
import type { ChildOutput } from './system/spawn.ts'
import { StartRefusal, type StartRefused } from './start-refusal.ts'

const none: readonly string[] = []
/** Requests that may wait for starts at the same time (http.sys's request queue). */
const longestQueue = 1000

/** Why a request gets no process. */
export type Refused = StartRefused | { readonly why: 'retired' } | { readonly why: 'queue-full' }

/** Who waits for a process, and may leave meanwhile. */
export interface Waiting {
  onGone(listener: () => void): void
}

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
  /** A ready process, now: the hot path. One of these ids, else one with the least in flight. Undefined: none, ask lease(). */
  take(ids?: readonly string[]): Lease<Channel> | undefined
  /** Starts a process if need be; all who wait for a slot share one start. Who leaves makes room in the queue. Never rejects. */
  lease(waiting?: Waiting, ids?: readonly string[]): Promise<Result<Lease<Channel>, Refused>>
  /** Starts one more process; false when it cannot be started. */
  start(): Promise<boolean>
  /** As many processes as there may be: processesPerApplication, but one where web.config fixes the port. */
  readonly places: number
  /** Processes that take requests, adopted ones included. */
  readonly ready: number
  /**
   * The ready processes of `elder`, and those that it had adopted itself, serve here until endElders() or retire(). `elder` gets
   * no more requests, and must be retired: that tells when they have gone.
   */
  adopt(elder: ProcessPool<Channel>): void
  /** Up to `count` of the adopted ones drain and stop, the oldest first. */
  endElders(reason: StopReason, count: number): void
  /** No new leases; every process drains and stops. Resolves when all are gone, output on disk. Idempotent. */
  retire(reason: StopReason): Promise<void>
  /** Everything now; retire() then tells when it is done. Idempotent. */
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
 * or draining; requests wait ⇒ a start is under way; a request is refused only if no process is ready.
 */
class SlotPool<Channel> implements ProcessPool<Channel> {
  readonly #slots: readonly Slot<Channel>[]
  readonly #refusal: StartRefusal
  readonly #choice: Choice<Channel>
  /** Adopted. */
  #elders: readonly Slot<Channel>[] = []
  /** Adopted from here by a later pool, which ends them. */
  #handedOver: ReadonlySet<Slot<Channel>> = new Set()
  /** ANCM increments before it takes the remainder, so the first request goes to slot 1 mod N. */
  #turn = 0
  #waiting = 0
  #retired: Promise<void> | undefined
  #history = noHistory

  constructor(options: PoolOptions<Channel>) {
    const { clock, events } = options
    const { config } = options.launch
    this.#refusal = new StartRefusal(config.rapidFailsPerMinute, clock, events)
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
        this.#refusal.note(end)
      },
    }
    const places = hasFixedPort(config) ? 1 : config.processesPerApplication
    this.#slots = Array.from({ length: places }, () => new Slot(slotOptions))
    this.#choice = new Choice(this.#slots)
  }

  get places(): number {
    return this.#slots.length
  }

  get ready(): number {
    return this.#choice.ready
  }

  take(ids: readonly string[] = none): Lease<Channel> | undefined {
    if (this.#retired !== undefined) return undefined
    const ready = this.#choice.find(ids)
    // Who finds some ready, but too few, has one more started and does not wait for it.
    if (ready !== undefined && this.#slots.length > 1 && this.#choice.lacks(this.#slots.length)) this.#startOneMore()
    return ready?.take()
  }

  async lease(waiting?: Waiting, ids?: readonly string[]): Promise<Result<Lease<Channel>, Refused>> {
    for (;;) {
      if (this.#retired !== undefined) return failed({ why: 'retired' })
      const lease = this.take(ids)
      if (lease !== undefined) return ok(lease)
      const slot = this.#slotToWaitFor()
      const refused = slot.isStarting ? undefined : this.#refusal.now()
      if (refused !== undefined) return failed(refused)
      if (this.#waiting >= longestQueue) return failed({ why: 'queue-full' })
      const outcome = await this.#wait(slot, waiting)
      if (outcome.ok && slot.ready === outcome.value) return ok(outcome.value.take())
      if (!outcome.ok && outcome.failure !== 'aborted') {
        const other = this.take(ids)
        return other === undefined ? failed({ why: 'start-failed', report: outcome.failure }) : ok(other)
      }
      // It died, or was ended, before this request got its turn. The rapid-fail guard ends the loop.
    }
  }

  async start(): Promise<boolean> {
    const slot = this.#slots.find(({ process }) => process === undefined)
    return slot === undefined ? this.ready > 0 : (await slot.start()).ok
  }

  adopt(elder: ProcessPool<Channel>): void {
    if (!(elder instanceof SlotPool)) throw new Error('only a pool of this kind can be adopted from')
    const { elders, own } = (elder as SlotPool<Channel>).#handOver()
    this.#elders = [...elders, ...own]
    this.#choice.offer([...this.#elders, ...this.#slots])
  }

  endElders(reason: StopReason, count: number): void {
    const ready = this.#elders.filter((slot) => slot.ready !== undefined)
    for (const slot of ready.slice(0, count)) void slot.retire(reason)
    this.#elders = ready.slice(count)
    this.#choice.offer([...this.#elders, ...this.#slots])
  }

  retire(reason: StopReason): Promise<void> {
    this.#retired ??= Promise.all([
      ...this.#elders.map((slot) => slot.retire(reason)),
      ...this.#slots.map((slot) => (this.#handedOver.has(slot) ? slot.gone() : slot.retire(reason))),
    ]).then(() => undefined)
    return this.#retired
  }

  destroy(): void {
    void this.retire('host-stopping')
    for (const slot of [...this.#elders, ...this.#slots]) slot.destroy()
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

  #handOver(): { elders: readonly Slot<Channel>[]; own: readonly Slot<Channel>[] } {
    const elders = this.#elders.filter((slot) => slot.ready !== undefined)
    const own = this.#slots.filter((slot) => slot.ready !== undefined)
    this.#elders = []
    this.#handedOver = new Set(own)
    return { elders, own }
  }

  #startOneMore(): void {
    const slot = this.#slots.find(({ process, isStarting }) => process === undefined && !isStarting)
    if (slot !== undefined && this.#refusal.now() === undefined) void slot.start()
  }

  /** Nothing is ready: requests are spread over the slots; where none may be started, over those that are starting. */
  #slotToWaitFor(): Slot<Channel> {
    this.#turn = (this.#turn + 1) % this.#slots.length
    const slot = this.#slots[this.#turn] as Slot<Channel>
    if (slot.isStarting || this.#refusal.now() === undefined) return slot
    return this.#slots.find(({ isStarting }) => isStarting) ?? slot
  }

  async #wait(slot: Slot<Channel>, waiting: Waiting | undefined): Promise<SlotOutcome<Channel>> {
    let isCounted = true
    const leave = (): void => {
      if (isCounted) this.#waiting--
      isCounted = false
    }
    this.#waiting++
    waiting?.onGone(leave)
    const outcome = await slot.start()
    leave()
    return outcome
  }
}
