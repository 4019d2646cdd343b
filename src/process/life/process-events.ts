import type { StartFailure } from './start-report.ts'
import type { HookChoice } from '../command/startup-hooks.ts'

/**
 * What a pool tells its owner: plain fields, each call at most once for what it says. The owner logs; the pool goes on
 * whatever it does, so a listener must not throw. ANCM's event ids stand in front.
 */
export interface ProcessEvents {
  /** 1001. `ms` from the beginning of the start, both attempts. */
  processStarted(started: {
    readonly pid: number
    /** The process that owns the listening socket: the child, or a descendant of it. */
    readonly listeningPid: number
    readonly port: number
    readonly ms: number
    readonly attempt: number
  }): void
  /** What becomes of each startup hook, where there are any, once per attempt. */
  hooksChosen(choices: readonly HookChoice[]): void
  /** 1000, once per attempt. */
  startAttemptFailed(report: StartFailure, attemptsLeft: number): void
  /** It listens, but not on its port. `patience`: milliseconds for which requests still wait. Once per start at most. */
  listensElsewhere(told: {
    readonly pid: number
    readonly port: number
    readonly addresses: readonly string[]
    readonly patience: number
  }): void
  /** 1020, once per start, after its last attempt, or when it listens elsewhere and nobody waits for it any more. */
  processStartFailed(report: StartFailure): void
  /** 1030, for a process that had been ready, when its output has been read to the end. */
  processExited(exit: {
    readonly pid: number
    readonly port: number
    readonly code: number | null
    readonly signal: string | null
    /** It ended because we asked, and in a way that is clean then: code 0, 130, 143, or the signal we sent. */
    readonly expected: boolean
    readonly uptimeMs: number
    readonly lastLines: readonly string[]
  }): void
  /** 1003, once for each time that the limit is found exceeded anew. */
  rapidFailTripped(limit: number): void
  /** 1006. `status` undefined: no answer came, for which `cause` is the reason. */
  shutdownRequested(pid: number, status: number | undefined, cause: string | undefined): void
  /** 1005: it was not gone at shutdownTimeLimit. */
  processKilled(pid: number): void
  /** After the end of a process: who of its tree lives on, because nothing ends it; `sudo (pid 813) of user 0`. */
  processesLeft(pid: number, left: readonly string[]): void
  /** Something in processPath or arguments was read otherwise than written; once per text. */
  commandNoted(text: string): void
}
