import { devNull } from 'node:os'
import type { CommandFailure } from '../command/command-failure.ts'
import { noNullDevice } from '../system/descriptors.ts'

/** The steps of one start attempt, in order; startup.ts has ANCM's stage names beside them. */
export type StartStep = 'choose-port' | 'set-environment' | 'resolve-command' | 'create-process' | 'await-listening'

export interface StepRecord {
  readonly step: StartStep
  /** Milliseconds; the last step is the one that failed. */
  readonly ms: number
}

/** The one reason why a start came to nothing. Milliseconds everywhere. */
export type StartCause =
  | CommandFailure
  | { readonly why: 'bad-port'; readonly value: string }
  /** `code`: the errno name, when not even a try could be made. */
  | { readonly why: 'no-free-port'; readonly tried: number; readonly code?: string }
  | { readonly why: 'spawn-failed'; readonly code: string; readonly file: string }
  | { readonly why: 'exited'; readonly code: number | null; readonly signal: string | null; readonly after: number }
  | { readonly why: 'never-listened'; readonly limit: number }
  /** `addresses`: `127.0.0.1:5000`, `[::1]:12345`. */
  | { readonly why: 'listens-elsewhere'; readonly limit: number; readonly addresses: readonly string[] }
  /** `owner`: `nginx (pid 812)` when it can be seen. */
  | { readonly why: 'port-taken'; readonly owner: string | undefined }

/** What is told of one failed attempt: enough to see why without looking anywhere else. No token in it. */
export interface StartFailure {
  readonly cause: StartCause
  readonly commandLine: string
  readonly cwd: string
  /** 0 before one was chosen. */
  readonly port: number
  readonly pid: number | undefined
  /** From 1. */
  readonly attempt: number
  readonly steps: readonly StepRecord[]
  /** Of both streams, oldest first; of this attempt, or of those before when it said nothing; at most 30 lines and 30,000 characters. */
  readonly lastLines: readonly string[]
}

/** Whether another attempt could end otherwise: a program that is not there will not appear, a port may be another. */
export function isWorthRetrying(cause: StartCause): boolean {
  switch (cause.why) {
    case 'not-found':
    case 'not-executable':
    case 'bad-port':
    // The address that it takes instead of ours is its own, and will be again.
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

/** One sentence for a person, and what to do about it where that is known. */
export function startFailureText(failure: StartFailure): string {
  return startCauseText(failure.cause, failure)
}

/** The same for a cause alone: where it was, and with which port. */
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
      return `the process ended ${ending(cause.code, cause.signal)} after ${seconds(cause.after)} without listening on port ${port}.`
    case 'never-listened':
      return `the process ran for ${seconds(cause.limit)} (startupTimeLimit), but did not listen on port ${port}.`
    case 'listens-elsewhere':
      return `the process listens on ${cause.addresses.join(', ')}, but not on 127.0.0.1:${port}, which ASPNETCORE_PORT and ASPNETCORE_URLS ask for. ${ownAddressCure}`
    case 'port-taken':
      return `port ${port} is taken by ${cause.owner ?? 'another process'}.`
  }
}

/** What makes an app listen elsewhere. */
export const ownAddressCure =
  'An address of its own goes before them: take it out of app.Run(…), UseUrls, --urls, or Kestrel:Endpoints and Urls in appsettings*.json.'

/** `with exit code 3`, `by SIGKILL`. */
export function ending(code: number | null, signal: string | null): string {
  if (signal !== null) return `by ${signal}`
  return code === null ? 'with an unknown exit code' : `with exit code ${String(code)}`
}

/**
 * What came to the end of an output since it was `before`: two attempts usually say the same, and once is enough. Nothing came,
 * or so much that nothing of `before` is left: all of it.
 */
export function linesSince(before: readonly string[], now: readonly string[]): readonly string[] {
  const isWhole = before.every((line, at) => line === now[at])
  return isWhole && now.length > before.length ? now.slice(before.length) : now
}

/** The end of `lines` that fits a report; a line that is too long keeps its end. */
export function reportLines(lines: readonly string[], most = 30, mostCharacters = 30_000): readonly string[] {
  const kept: string[] = []
  let room = mostCharacters
  for (let at = lines.length - 1; at >= 0 && kept.length < most && room > 0; at--) {
    const line = lines[at] as string
    // slice() may cut a surrogate pair in two; no half of one is left.
    kept.push(line.length <= room ? line : line.slice(line.length - room).replace(/^[\uDC00-\uDFFF]/, ''))
    room -= line.length
  }
  return kept.reverse()
}

/** The lines with the pairing token blotted out: the IIS integration prints the one that it expects when it refuses another. */
export function withoutToken(lines: readonly string[], token: string): readonly string[] {
  return lines.map((line) => line.replaceAll(token, '[pairing token]'))
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
