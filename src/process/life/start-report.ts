import { devNull } from 'node:os'
import type { CommandFailure } from '../command/command-failure.ts'
import { noNullDevice } from '../system/descriptors.ts'

/** The steps of one start attempt, in order; startup.ts has ANCM's stage names beside them. */
export type StartStep = 'choose-port' | 'set-environment' | 'resolve-command' | 'create-process' | 'await-listening'

export interface StepRecord {
  readonly step: StartStep
  /** Milliseconds that the step took; the last step is the one that failed. */
  readonly ms: number
}

/** Why a start failed. */
export type StartCause =
  | CommandFailure
  | { readonly why: 'bad-port'; readonly value: string }
  /** `code`: an errno name, when no port could be tried at all. */
  | { readonly why: 'no-free-port'; readonly tried: number; readonly code?: string }
  | { readonly why: 'spawn-failed'; readonly code: string; readonly file: string }
  | { readonly why: 'exited'; readonly code: number | null; readonly signal: string | null; readonly afterMs: number }
  | { readonly why: 'never-listened'; readonly limitMs: number }
  /** `addresses`: `127.0.0.1:5000`, `[::1]:12345`. */
  | { readonly why: 'listens-elsewhere'; readonly limitMs: number; readonly addresses: readonly string[] }
  /**
   * `owner`: the process that listens on the port, such as `nginx (pid 812)`; undefined when the daemon cannot see it.
   */
  | { readonly why: 'port-taken'; readonly owner: string | undefined }

/** The report of one failed attempt, with all that is needed to understand it. Contains no pairing token. */
export interface StartFailure {
  readonly cause: StartCause
  readonly commandLine: string
  readonly cwd: string
  /** 0 when the attempt failed before a port was chosen. */
  readonly port: number
  readonly pid: number | undefined
  /** The number of the attempt, from 1. */
  readonly attempt: number
  readonly steps: readonly StepRecord[]
  /**
   * The last lines of both streams, oldest first: of this attempt, or of earlier attempts when this one wrote nothing.
   * At maxLines 30 lines and 30,000 characters.
   */
  readonly lastLines: readonly string[]
  /** What to do about it, as `ancmd doctor` would say: sentences, empty where nothing is known. */
  readonly advice: readonly string[]
}

/** Whether another attempt could succeed: a missing program stays missing, but the next random port may be free. */
export function isWorthRetrying(cause: StartCause): boolean {
  switch (cause.why) {
    case 'not-found':
    case 'not-executable':
    case 'bad-port':
    // The app itself sets the address on which it listens, and would set the same one again.
    case 'listens-elsewhere':
      return false
    case 'no-free-port':
    case 'spawn-failed':
    case 'exited':
    case 'never-listened':
    case 'port-taken':
      return true
  }
}

/** Says why a start failed, in one sentence for a person, and what to do about it where that is known. */
export function startFailureText(failure: StartFailure): string {
  return startCauseText(failure.cause, failure)
}

/** The text of startFailureText() for a cause without a report. */
export function startCauseText(cause: StartCause, at: Pick<StartFailure, 'port' | 'cwd'>): string {
  const port = String(at.port)
  switch (cause.why) {
    case 'not-found':
      return `'${cause.wanted}' was not found${places(cause.lookedFor)}. ${cause.cure}`
    case 'not-executable':
      return `'${cause.file}' cannot be run: ${cause.reason}. ${cause.cure}`
    case 'bad-port':
      return `ASPNETCORE_PORT is '${cause.value}', but must be a number from 1025 to 48000.`
    case 'no-free-port':
      if (cause.code !== undefined) return `no port could be tried: ${spawnReason(cause.code, at.cwd)}.`
      return `no free port was found, though ${String(cause.tried)} were tried.`
    case 'spawn-failed':
      return `'${cause.file}' could not be started: ${spawnReason(cause.code, at.cwd)}.`
    case 'exited':
      return `the process ended ${ending(cause.code, cause.signal)} after ${seconds(cause.afterMs)} without listening on port ${port}.`
    case 'never-listened':
      return `the process ran for ${seconds(cause.limitMs)} (startupTimeLimit), but did not listen on port ${port}.`
    case 'listens-elsewhere':
      return `the process listens on ${cause.addresses.join(', ')}, but not on 127.0.0.1:${port}, which ASPNETCORE_PORT and ASPNETCORE_URLS ask for. ${ownAddressCure}`
    case 'port-taken':
      return `port ${port} is taken by ${cause.owner ?? 'another process'}.`
  }
}

/** What to do when an app listens elsewhere. */
export const ownAddressCure =
  'An address of its own goes before them: take it out of app.Run(…), UseUrls, --urls, or Kestrel:Endpoints and Urls in appsettings*.json.'

/** How a process ended, for a sentence: `with exit code 3`, `by SIGKILL`. */
export function ending(code: number | null, signal: string | null): string {
  if (signal !== null) return `by ${signal}`
  return code === null ? 'with an unknown exit code' : `with exit code ${String(code)}`
}

/**
 * The lines that were added after `before`, so that a report does not repeat what an earlier attempt wrote. Returns all
 * lines when none was added, or when so many were added that `now` does not begin with `before` any more.
 */
export function linesSince(before: readonly string[], now: readonly string[]): readonly string[] {
  const isWhole = before.every((line, at) => line === now[at])
  return isWhole && now.length > before.length ? now.slice(before.length) : now
}

/** The last lines that fit into a report; if a line is too long, only its end. */
export function reportLines(lines: readonly string[], maxLines = 30, maxCharacters = 30_000): readonly string[] {
  const kept: string[] = []
  let room = maxCharacters
  for (let at = lines.length - 1; at >= 0 && kept.length < maxLines && room > 0; at--) {
    const line = lines[at] as string
    // slice() may cut a surrogate pair in two; the half that is left is then removed.
    kept.push(line.length <= room ? line : line.slice(line.length - room).replace(/^[\uDC00-\uDFFF]/, ''))
    room -= line.length
  }
  return kept.reverse()
}

function places(lookedFor: readonly string[]): string {
  if (lookedFor.length === 0) return ''
  const shown = lookedFor.slice(0, 12)
  const more = lookedFor.length - shown.length
  return `; looked for ${shown.join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`
}

function spawnReason(code: string, cwd: string): string {
  switch (code) {
    case 'ENOENT':
      return `the folder '${cwd}' or the interpreter that the file's first line names is missing (ENOENT)`
    case 'EACCES':
      return 'the system does not permit it (EACCES)'
    case 'ENOEXEC':
      return 'it is not a program for this system (ENOEXEC)'
    case 'EMFILE':
    case 'ENFILE':
      return `too many files are open; raise the limit of open files (${code})`
    case noNullDevice:
      return `${devNull} cannot be opened, and without it no program can be started; make it (mknod -m 666 ${devNull} c 1 3)`
    case 'EAGAIN':
    case 'ENOMEM':
      return `the system has no room for another process (${code})`
    default:
      return code
  }
}

function seconds(ms: number): string {
  return ms < 1000 ? `${String(Math.round(ms))} ms` : `${String(Math.round(ms / 100) / 10)} s`
}
