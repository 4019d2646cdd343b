import type { Result } from '../platform/result.ts'
import { failed, ok } from '../platform/result.ts'
import { AlwaysRunning, type KeptPool } from './always-running.ts'
import type { PoolOptions } from './pool-options.ts'
import { ProcessSelection } from './process-selection.ts'
import { diskView } from './system/folder-view.ts'
import type { Lease } from './lease.ts'
import { hasFixedPort } from './start/ports.ts'
import { noteOnce } from './life/process-events.ts'
import type { StopReason } from './life/process-state.ts'
import type { ProcessEnd } from './server-process.ts'
import { type ProcessStatus, processStatusOf } from './process-status.ts'
import { afterEnd, afterStart, noHistory, type PoolHistory } from './process-history.ts'
import { Slot, type SlotOutcome } from './slot.ts'
import { StartRefusal } from './start-refusal.ts'
import type { StartFailure } from './life/start-report.ts'
import type { ProcessPool, Refused, Waiting } from './process-pool.ts'

const none: readonly string[] = []
/** How many requests may wait for a start at the same time, as in http.sys's request queue. */
const maxQueuedRequests = 1000

export function createProcessPool<Channel>(options: PoolOptions<Channel>): ProcessPool<Channel> {
  return new SlotPool(options)
}

/**
 * The counterpart of ANCM's PROCESS_MANAGER. Owned by one Serving, and lives as long; retire() or destroy() ends it.
 * Invariants: a slot holds at most one process that is starting or running; a process with leases is running or
 * draining; while requests wait, a start is under way; a request is refused only if no process is ready.
 */
class SlotPool<Channel> implements ProcessPool<Channel>, KeptPool {
  readonly #slots: readonly Slot<Channel>[]
  readonly #refusal: StartRefusal
  readonly #selection: ProcessSelection<Channel>
  readonly #alwaysRunning: AlwaysRunning
  /** The slots of the adopted processes. */
  #adopted: readonly Slot<Channel>[] = []
  /** Slots whose processes a later pool has adopted; that pool will end them. */
  #handedOver: ReadonlySet<Slot<Channel>> = new Set()
  /**
   * Index of the slot that the last waiting request got. As in ANCM it is incremented first, so the first request gets
   * slot 1 mod N.
   */
  #lastSlotIndex = 0
  #waiting = 0
  #retired: Promise<void> | undefined
  #history = noHistory

  constructor(options: PoolOptions<Channel>) {
    const { clock, events } = options
    const { config } = options.launch
    this.#refusal = new StartRefusal(config.rapidFailsPerMinute, clock, events)
    const slotOptions = {
      ...options,
      view: options.view ?? diskView,
      onNote: noteOnce(events),
      onReady: () => {
        this.#history = afterStart(this.#history)
      },
      onEnd: (end: ProcessEnd) => {
        this.#history = afterEnd(this.#history, end)
        this.#refusal.note(end)
        this.#alwaysRunning.processEnded()
      },
    }
    const places = hasFixedPort(config) ? 1 : config.processesPerApplication
    this.#slots = Array.from({ length: places }, () => new Slot(slotOptions))
    this.#selection = new ProcessSelection(this.#slots)
    this.#alwaysRunning = new AlwaysRunning(clock, this)
  }

  get hasProcess(): boolean {
    return this.ready > 0 || this.#slots.some(({ isStarting }) => isStarting)
  }

  get mayStart(): boolean {
    return this.#refusal.now() === undefined
  }

  get places(): number {
    return this.#slots.length
  }

  get ready(): number {
    return this.#selection.ready
  }

  take(ids: readonly string[] = none): Lease<Channel> | undefined {
    if (this.#retired !== undefined) return undefined
    const ready = this.#selection.find(ids)
    // Too few processes are ready or starting: this request causes the start of one more, but does not wait for it.
    if (ready !== undefined && this.#slots.length > 1 && this.#selection.hasFewerThan(this.#slots.length))
      this.#startOneMore()
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
      if (this.#waiting >= maxQueuedRequests) return failed({ why: 'queue-full' })
      const outcome = await this.#wait(slot, waiting)
      if (outcome.ok && slot.ready === outcome.value) return ok(outcome.value.take())
      if (!outcome.ok && outcome.failure !== 'aborted') {
        const other = this.take(ids)
        return other === undefined ? failed({ why: 'start-failed', report: outcome.failure }) : ok(other)
      }
      // The process ended before this request could use it, so the loop tries again, until the rapid-fail guard refuses
      // a start.
    }
  }

  async start(): Promise<boolean> {
    const slot = this.#slots.find(({ process }) => process === undefined)
    return slot === undefined ? this.ready > 0 : (await slot.start()).ok
  }

  keepRunning(): void {
    if (this.#retired === undefined) this.#alwaysRunning.begin()
  }

  async ensure(): Promise<Result<undefined, StartFailure | 'aborted'>> {
    if (this.ready > 0) return ok(undefined)
    if (this.#retired !== undefined) return failed('aborted')
    const slot = this.#slots.find(({ isStarting }) => isStarting) ?? this.#slotToWaitFor()
    const outcome = await slot.start()
    return outcome.ok || this.ready > 0 ? ok(undefined) : outcome
  }

  adopt(predecessor: ProcessPool<Channel>): void {
    if (!(predecessor instanceof SlotPool)) throw new Error('only a pool of this kind can be adopted from')
    this.#adopted = predecessor.#handOver()
    this.#selection.selectFrom([...this.#adopted, ...this.#slots])
  }

  retireAdopted(reason: StopReason, count: number): void {
    const ready = this.#adopted.filter((slot) => slot.ready !== undefined)
    for (const slot of ready.slice(0, count)) void slot.retire(reason)
    this.#adopted = ready.slice(count)
    this.#selection.selectFrom([...this.#adopted, ...this.#slots])
  }

  retire(reason: StopReason): Promise<void> {
    this.#alwaysRunning.stop()
    this.#retired ??= Promise.all([
      ...this.#adopted.map((slot) => slot.retire(reason)),
      ...this.#slots.map((slot) => (this.#handedOver.has(slot) ? slot.gone() : slot.retire(reason))),
    ]).then(() => undefined)
    return this.#retired
  }

  destroy(): void {
    void this.retire('host-stopping')
    for (const slot of [...this.#adopted, ...this.#slots]) slot.destroy()
  }

  get waiting(): number {
    return this.#waiting
  }

  get status(): readonly ProcessStatus[] {
    return this.#slots.flatMap((slot) => processStatusOf(slot) ?? [])
  }

  get history(): PoolHistory {
    return this.#history
  }

  /** The slots with a ready process, the oldest first: those adopted here, then this pool's own. */
  #handOver(): readonly Slot<Channel>[] {
    const adopted = this.#adopted.filter((slot) => slot.ready !== undefined)
    const own = this.#slots.filter((slot) => slot.ready !== undefined)
    this.#adopted = []
    this.#handedOver = new Set(own)
    return [...adopted, ...own]
  }

  #startOneMore(): void {
    const slot = this.#slots.find(({ process, isStarting }) => process === undefined && !isStarting)
    if (slot !== undefined && this.#refusal.now() === undefined) void slot.start()
  }

  /**
   * The slot that a request waits for when no process is ready: each slot in turn, or, while starts are refused, a slot
   * whose process is starting.
   */
  #slotToWaitFor(): Slot<Channel> {
    this.#lastSlotIndex = (this.#lastSlotIndex + 1) % this.#slots.length
    const slot = this.#slots[this.#lastSlotIndex] as Slot<Channel>
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
