import type { StartFailure } from './start-report.ts'
import type { HookChoice } from '../command/startup-hooks.ts'

/**
 * The events of a pool's processes, for the pool's owner to log. Each is reported once. The methods must not throw. The
 * number at the beginning of a comment is ANCM's event id.
 */
export interface ProcessEvents {
  /** 1001. `ms`: milliseconds since the beginning of the start, all attempts included. */
  processStarted(started: {
    readonly pid: number
    /** The process that owns the listening socket: the child, or a descendant of it. */
    readonly listeningPid: number
    readonly port: number
    readonly ms: number
    readonly attempt: number
  }): void
  /** Which startup hooks the app will load; once per attempt, if the application has hooks. */
  hooksChosen(choices: readonly HookChoice[]): void
  /** 1000, once per attempt. */
  startAttemptFailed(report: StartFailure, attemptsLeft: number): void
  /**
   * The app listens, but not on the port that it was given. `waitLimitMs`: how much longer requests wait for it, in
   * milliseconds. At most once per start.
   */
  listensElsewhere(told: {
    readonly pid: number
    readonly port: number
    readonly addresses: readonly string[]
    readonly waitLimitMs: number
  }): void
  /** 1020, once per start: after its last attempt, or when requests stop waiting because the app listens elsewhere. */
  processStartFailed(report: StartFailure): void
  /** 1030, for a process that had been ready, after its output has been read to the end. */
  processExited(exit: {
    readonly pid: number
    readonly port: number
    readonly code: number | null
    readonly signal: string | null
    /**
     * Whether the daemon had asked the process to end, and it ended with code 0, 130 or 143 or by the signal that the
     * daemon sent.
     */
    readonly expected: boolean
    readonly uptimeMs: number
    readonly lastLines: readonly string[]
  }): void
  /** 1003, once each time that the number of failures exceeds the limit. */
  rapidFailTripped(limit: number): void
  /** 1006. `status`: the status of the app's answer; undefined when no answer came, and then `cause` says why. */
  shutdownRequested(pid: number, status: number | undefined, cause: string | undefined): void
  /** 1005: the process had not ended at shutdownTimeLimit, and was killed. */
  processKilled(pid: number): void
  /**
   * Called after the end of a process if SIGKILL did not end its whole tree. `left`: the processes that remain, such as
   * `sudo (pid 813) of user 0`.
   */
  processesLeft(pid: number, left: readonly string[]): void
  /**
   * A sentence about a part of processPath or arguments that was understood in another way than it is written; once per
   * sentence.
   */
  commandNoted(text: string): void
}

/** Reports each sentence about a command once, however many processes are started by it. */
export function noteOnce(events: Pick<ProcessEvents, 'commandNoted'>): (text: string) => void {
  const noted = new Set<string>()
  return (text) => {
    if (!noted.has(text)) events.commandNoted(text)
    noted.add(text)
  }
}
