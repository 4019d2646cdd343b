import type { Clock } from '../platform/clock.ts'
import type { Result } from '../platform/result.ts'
import { failed, ok } from '../platform/result.ts'
import { deferred } from '../platform/deferred.ts'
import type { FolderView } from './system/folder-view.ts'
import type { Launch } from './life/launch.ts'
import { LeaseCount } from './lease.ts'
import type { ProcessEvents } from './life/process-events.ts'
import type { StopReason, Target } from './life/process-state.ts'
import { type Prepare, type ProcessEnd, ServerProcess } from './server-process.ts'
import type { ChildOutput } from './system/spawn.ts'
import type { StartFailure } from './life/start-report.ts'

/** Opens a channel on a running process; `close` is called at the instant of the process's end. */
export interface Channels<Channel> {
  open(target: Target): Channel
  /** The process is about to be asked to end: the channel keeps no unused connection from now on. */
  retire(channel: Channel): void
  close(channel: Channel): void
}

export interface SlotOptions<Channel> {
  readonly launch: Launch
  readonly channels: Channels<Channel>
  readonly openOutput: () => ChildOutput
  readonly events: ProcessEvents
  readonly clock: Clock
  readonly view: FolderView
  /** With a fixed port: resolves when no process of this application outside of this pool can still hold the port. */
  readonly whenPortFree?: (() => Promise<unknown>) | undefined
  /** As in PoolOptions. */
  readonly prepare?: Prepare | undefined
  readonly onNote: (text: string) => void
  readonly onReady: () => void
  readonly onEnd: (end: ProcessEnd) => void
}

export type SlotOutcome<Channel> = Result<LeaseCount<Channel>, StartFailure | 'aborted'>

/**
 * One of the processesPerApplication places of a pool: empty, or with one process. Owner and life: those of the pool.
 * Invariants: `ready` is set exactly while the process is running; a channel is closed once, at the end of its process;
 * a process is started only when the tree of the previous one has ended.
 */
export class Slot<Channel> {
  readonly #options: SlotOptions<Channel>
  readonly #ending = new Set<Promise<void>>()
  #process: ServerProcess | undefined
  #lent: LeaseCount<Channel> | undefined
  #starting: Promise<SlotOutcome<Channel>> | undefined
  #cleared: Promise<void> = Promise.resolve()
  #ready: LeaseCount<Channel> | undefined
  /**
   * Set while the process that is starting listens only on other addresses than it was given: requests do not wait for
   * it, but it is used if it listens on its port after all.
   */
  #abandoned: StartFailure | undefined

  constructor(options: SlotOptions<Channel>) {
    this.#options = options
  }

  get ready(): LeaseCount<Channel> | undefined {
    return this.#ready
  }

  /** Undefined when the slot is empty. */
  get process(): ServerProcess | undefined {
    return this.#process
  }

  /** The leases of the process in this slot, also while it drains. */
  get lent(): LeaseCount<Channel> | undefined {
    return this.#lent
  }

  get isStarting(): boolean {
    return this.#starting !== undefined
  }

  /** Waits for the start under way, or begins one; without a start under way the slot must be empty. */
  start(): Promise<SlotOutcome<Channel>> {
    if (this.#abandoned !== undefined) return Promise.resolve(failed(this.#abandoned))
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined
    })
    return this.#starting
  }

  async #start(): Promise<SlotOutcome<Channel>> {
    const { channels, openOutput, whenPortFree } = this.#options
    let lent: LeaseCount<Channel> | undefined
    const abandoned = deferred<SlotOutcome<Channel>>()
    const process = new ServerProcess({
      ...this.#options,
      output: openOutput(),
      cleared: Promise.all([this.#cleared, whenPortFree?.()]),
      onWaitAbandoned: (report) => {
        this.#abandoned = report
        abandoned.resolve(failed(report))
      },
      onListening: (target) => {
        this.#abandoned = undefined
        lent = new LeaseCount(channels.open(target), target.pid)
        this.#lent = lent
        this.#ready = lent
        this.#options.onReady()
      },
      onEnd: (end) => {
        this.#abandoned = undefined
        this.#ready = undefined
        this.#lent = undefined
        this.#process = undefined
        this.#cleared = process.cleared
        if (lent !== undefined) channels.close(lent.channel)
        this.#options.onEnd(end)
        lent?.end()
      },
    })
    this.#process = process
    this.#ending.add(process.gone)
    void process.gone.then(() => this.#ending.delete(process.gone))
    const started = process.start().then((outcome): SlotOutcome<Channel> => {
      if (!outcome.ok) return outcome
      return lent === undefined ? failed('aborted') : ok(lent)
    })
    return Promise.race([started, abandoned.promise])
  }

  /**
   * Gives no more leases and stops the process; resolves when it has gone, and also any earlier process of this slot
   * that is still ending.
   */
  async retire(reason: StopReason): Promise<void> {
    this.#ready = undefined
    const lent = this.#lent
    if (lent !== undefined) this.#options.channels.retire(lent.channel)
    void this.#process?.stop(reason, (listener) => {
      if (lent === undefined) listener()
      else lent.whenIdle(listener)
    })
    await this.gone()
  }

  /** Resolves when no process of this slot is left. Call it only when the slot will start no other process. */
  async gone(): Promise<void> {
    await Promise.all(this.#ending)
  }

  /** Kills the process now. Calling it again does nothing. */
  destroy(): void {
    this.#ready = undefined
    this.#process?.destroy()
  }
}
