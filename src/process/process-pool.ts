import type { Result } from '../platform/result.ts'
import type { Lease } from './lease.ts'
import type { StopReason } from './life/process-state.ts'
import type { ProcessStatus } from './process-status.ts'
import type { PoolHistory } from './process-history.ts'
import type { StartRefused } from './start-refusal.ts'
import type { StartFailure } from './life/start-report.ts'

/** Why a request gets no process. */
export type Refused = StartRefused | { readonly why: 'retired' } | { readonly why: 'queue-full' }

/** A request that waits for a process, and whose client may disconnect meanwhile. */
export interface Waiting {
  onGone(listener: () => void): void
}

/** The processes of one application. `Channel`: whatever the caller opens on each process, such as its connections. */
export interface ProcessPool<Channel> {
  /**
   * Leases a ready process without waiting, on the hot path of every request: a process of `ids` if one is ready, else
   * the one with the fewest requests in flight. Undefined when none is ready: call lease() then.
   */
  take(ids?: readonly string[]): Lease<Channel> | undefined
  /**
   * Waits for a process, and starts one if none is starting. A request whose client disconnects leaves the queue. Never
   * rejects.
   */
  lease(waiting?: Waiting, ids?: readonly string[]): Promise<Result<Lease<Channel>, Refused>>
  /** Starts one more process; false when it cannot be started. */
  start(): Promise<boolean>
  /** From now on one process at least runs, also without requests, as far as rapidFailsPerMinute allows. */
  keepRunning(): void
  /**
   * Resolves when a process takes requests: one that does, else one that is starting, else one that is started now, even
   * while rapid-fail protection refuses starts to requests. `aborted`: the pool was retired meanwhile.
   */
  ensure(): Promise<Result<undefined, StartFailure | 'aborted'>>
  /**
   * The most processes at one time: processesPerApplication, but 1 where web.config fixes the port, on which only one
   * process can listen.
   */
  readonly places: number
  /** How many processes take requests, adopted ones included. */
  readonly ready: number
  /**
   * Takes over the ready processes of `predecessor`, and those that it had adopted itself, until retireAdopted() or
   * retire(). The caller must send no more requests to `predecessor`, and must retire it; its retire() also waits for
   * the end of the processes that it has handed over.
   */
  adopt(predecessor: ProcessPool<Channel>): void
  /** Drains and stops up to `count` of the adopted processes, the oldest first. */
  retireAdopted(reason: StopReason, count: number): void
  /**
   * Gives no more leases, and lets every process drain and stop. Resolves when all processes have ended and their
   * output is on disk. May be called again.
   */
  retire(reason: StopReason): Promise<void>
  /** Kills every process now; retire() resolves when that is done. Calling it again does nothing. */
  destroy(): void
  /** How many requests wait for a process. */
  readonly waiting: number
  /** One entry for each slot with a process. */
  readonly status: readonly ProcessStatus[]
  readonly history: PoolHistory
}
