import type { ApplicationStatus } from '../application-status.ts'

/**
 * What an operator asks of one application.
 *
 * - `recycle`: the configuration is read again, a new process takes over from the old one, which ends.
 * - `stop`: requests get 503, no process is left; until `start`, over reloads, but not over a restart of the daemon.
 * - `start`: ends a stop, and has a process ready.
 * - `offline`: app_offline.htm is put into the folder where there is none; no process is left.
 * - `online`: takes away the app_offline.htm that `offline` has written, and has a process ready.
 */
export type ApplicationOperation = 'recycle' | 'stop' | 'start' | 'offline' | 'online'

export const applicationOperations: readonly ApplicationOperation[] = ['recycle', 'stop', 'start', 'offline', 'online']

export interface OperationOptions {
  /** Written into the log. Default: the operation's name. */
  readonly reason?: string
  /**
   * False: a recycle starts no process in an application that had none and whose last start did not fail; its next
   * request does. Default: true.
   */
  readonly startsIdle?: boolean
}

/** An operation that has happened: what answers requests now, and the sentence that says so. */
export interface OperationReport {
  readonly presence: ApplicationStatus['presence']
  /** The processes that take requests now. */
  readonly pids: readonly number[]
  /** In one sentence, without the application's name. */
  readonly text: string
}

/** Why an operation did not happen. */
export type OperationFailure =
  | { readonly why: 'unknown-application' }
  /** The host is not running, or is being stopped; or the application was taken out of the configuration meanwhile. */
  | { readonly why: 'not-running' }
  | { readonly why: 'stopped' }
  | { readonly why: 'site-stopped' }
  /** `file`: the app_offline.htm. */
  | { readonly why: 'offline'; readonly file: string }
  /** `problems`: as `ancmd check` prints them, the first one first. */
  | { readonly why: 'configuration'; readonly problems: readonly string[] }
  /** `text`: as in the event processStartFailed. */
  | { readonly why: 'start-failed'; readonly text: string; readonly lastLines: readonly string[] }
  /** An app_offline.htm could not be written or removed. */
  | { readonly why: 'file-failed'; readonly file: string; readonly code: string }
  /** The app_offline.htm was not written by `offline`. */
  | { readonly why: 'foreign-file'; readonly file: string }
  /** Another operation or change came between. */
  | { readonly why: 'superseded'; readonly by: string }

/** Says why an operation did not happen, in one sentence, with the cure where there is one. */
export function operationFailureText(failure: OperationFailure): string {
  switch (failure.why) {
    case 'unknown-application':
      return 'no such application is hosted.'
    case 'not-running':
      return 'it is not hosted any more, or the daemon is being stopped.'
    case 'stopped':
      return "it is stopped. 'ancmd start' starts it."
    case 'site-stopped':
      return 'its site is stopped by serverAutoStart="false". Take that out of the host file.'
    case 'offline':
      return `it is offline because of ${failure.file}. 'ancmd online' takes away what 'ancmd offline' has written; remove another file yourself.`
    case 'configuration':
      return failure.problems.length === 0
        ? "its configuration cannot be used. 'ancmd check' says why."
        : `its configuration cannot be used: ${failure.problems.join('; ')}`
    case 'start-failed':
      return failure.text
    case 'file-failed':
      return `${failure.file} ${fileReason(failure.code)}.`
    case 'foreign-file':
      return `${failure.file} was not written by 'ancmd offline', so it stays. Remove it to bring the application online.`
    case 'superseded':
      return `another change came between: ${failure.by}.`
  }
}

function fileReason(code: string): string {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return `cannot be written or removed, because the daemon's user may not change that folder (${code}). Write or remove it as a user who may`
    case 'EEXIST':
      return `cannot be written, because a folder, or a link that leads nowhere, has that name (${code}). Remove it`
    case 'ENOENT':
      return `cannot be written, because the folder is missing (${code})`
    case 'EROFS':
      return `cannot be written or removed, because the file system is read-only (${code}). Of systemd's unit, ReadWritePaths= names the folders that may be written`
    default:
      return `cannot be written or removed (${code})`
  }
}
