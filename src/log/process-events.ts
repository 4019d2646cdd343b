import { emit } from './emit.ts'
import type { Log } from './entry.ts'

/* Events of one application's processes; see events.ts for what all events have in common. */

/** ASPNETCORE_EVENT_PROCESS_START_SUCCESS. */
export function processStarted(
  log: Log,
  f: { app: string; pid: number; listeningPid: number; port: number; ms: number; attempt: number },
): void {
  emit(
    log,
    'info',
    'processStarted',
    `process ${String(f.pid)} listens on port ${String(f.port)} after ${String(Math.round(f.ms))} ms`,
    f,
    1001,
  )
}

/**
 * The app does not check the pairing token, so it also answers requests that bypass the daemon. Logged once per
 * application.
 */
export function pairingNotChecked(log: Log, f: { app: string; pid: number }): void {
  const msg = `'${f.app}' runs without the IIS integration (CreateSlimBuilder?), so it does not check the pairing token`
  emit(log, 'warn', 'pairingNotChecked', msg, f)
}

/**
 * The app refuses request bodies that web.config allows. Logged once per configuration. `certain`: false when it is
 * only possible that the app refuses them.
 */
export function bodyLimitKept(log: Log, f: { app: string; text: string; cure: string; certain: boolean }): void {
  const { app, text, cure, certain } = f
  emit(log, certain ? 'warn' : 'info', 'bodyLimitKept', `'${app}': ${text} ${cure}`, { app })
}

/** An initialization page of a new process was not answered, or with 500 and above; the process gets requests nevertheless. */
export function initializationFailed(log: Log, f: { app: string; pid: number; page: string; reason: string }): void {
  const msg = `'${f.app}' was not initialized by ${f.page}: ${f.reason}`
  emit(log, 'warn', 'initializationFailed', msg, f)
}

/** The app does not take the users that are authenticated here. Logged once per configuration and reason. */
export function userNotTaken(log: Log, f: { app: string; text: string; cure: string }): void {
  const { app, text, cure } = f
  emit(log, 'error', 'userNotTaken', `'${app}': ${text} ${cure}`, { app })
}

/** ASPNETCORE_EVENT_PROCESS_START_ERROR: one attempt to start a process failed; another attempt may follow. */
export function processStartAttemptFailed(
  log: Log,
  f: {
    app: string
    physicalPath: string
    commandLine: string
    step: string
    cause: string
    port: number
    attemptsLeft: number
    text: string
  },
): void {
  const { text, ...rest } = f
  emit(log, 'warn', 'processStartAttemptFailed', text, rest, 1000)
}

/**
 * A process that is starting listens, but not on the port that it was given. `waitLimitMs`: how much longer requests
 * wait for it, in milliseconds.
 */
export function listensElsewhere(
  log: Log,
  f: { app: string; pid: number; port: number; addresses: readonly string[]; waitLimitMs: number; cure: string },
): void {
  const { cure, waitLimitMs, ...rest } = f
  const place = `on ${f.addresses.join(', ')}, but not on 127.0.0.1:${String(f.port)}`
  const msg = `process ${String(f.pid)} listens ${place}, which ASPNETCORE_PORT and ASPNETCORE_URLS ask for. ${cure} Requests wait for it ${String(waitLimitMs / 1000)} s more`
  emit(log, 'warn', 'listensElsewhere', msg, rest)
}

/** ASPNETCORE_EVENT_PROCESS_START_FAILURE: all attempts have failed. */
export function processStartFailed(
  log: Log,
  f: {
    app: string
    physicalPath: string
    commandLine: string
    step: string
    cause: string
    port: number
    text: string
    ms: number
    lastLines: readonly string[]
    advice: readonly string[]
  },
): void {
  const { text, ...rest } = f
  const msg = [`the process of '${f.app}' could not be started: ${text}`, ...f.advice].join(' ')
  emit(log, 'error', 'processStartFailed', msg, rest, 1020)
}

/** ASPNETCORE_EVENT_PROCESS_SHUTDOWN. `expected`: the process was asked to end, and ended cleanly. */
export function processExited(
  log: Log,
  f: {
    app: string
    pid: number
    port: number
    code: number | null
    signal: string | null
    expected: boolean
    uptimeMs: number
    lastLines: readonly string[]
  },
): void {
  const { lastLines, ...rest } = f
  const how = f.signal === null ? `with code ${String(f.code)}` : `by ${f.signal}`
  const msg = `process ${String(f.pid)} ended ${how}${f.expected ? '' : ', unasked'}`
  // The last lines of output help to explain an unexpected end; an expected end needs no explanation.
  emit(log, f.expected ? 'info' : 'warn', 'processExited', msg, f.expected ? rest : { ...rest, lastLines }, 1030)
}

/** ASPNETCORE_EVENT_RAPID_FAIL_COUNT_EXCEEDED. */
export function rapidFailTripped(log: Log, f: { app: string; limit: number }): void {
  emit(
    log,
    'warn',
    'rapidFailTripped',
    `'${f.app}' failed more than '${String(f.limit)}' times within a minute; no start until the minute is over`,
    f,
    1003,
  )
}

/** ASPNETCORE_EVENT_INVALID_STDOUT_LOG_FILE. */
export function stdoutLogFailed(log: Log, f: { app: string; stdoutLogFile: string; file: string; code: string }): void {
  const msg = `stdoutLogFile ${f.stdoutLogFile} cannot be made: ${f.file} (${f.code}); the application runs without it`
  emit(log, 'warn', 'stdoutLogFailed', msg, f, 1004)
}

/**
 * Output is missing in the stdout log file, because the disk was full or slower than the application. Logged once a
 * minute at most.
 */
export function stdoutLogIncomplete(log: Log, f: { app: string; file: string; code: string; bytes: number }): void {
  emit(log, 'warn', 'stdoutLogIncomplete', `${String(f.bytes)} bytes of output are missing in ${f.file} (${f.code})`, f)
}

/** ASPNETCORE_EVENT_SENT_SHUTDOWN_HTTP_REQUEST. */
export function gracefulShutdownRequested(
  log: Log,
  f: { app: string; pid: number; status: number | null; error: string | undefined },
): void {
  const answer = f.status === null ? `it could not be sent (${String(f.error)})` : `the answer was ${String(f.status)}`
  emit(log, 'info', 'gracefulShutdownRequested', `process ${String(f.pid)} was asked to shut down; ${answer}`, f, 1006)
}

/** ASPNETCORE_EVENT_GRACEFUL_SHUTDOWN_FAILURE. */
export function processKilled(log: Log, f: { app: string; pid: number }): void {
  emit(
    log,
    'warn',
    'processKilled',
    `process ${String(f.pid)} did not end within shutdownTimeLimit and was killed`,
    f,
    1005,
  )
}

/** SIGKILL did not end all processes of the tree, such as those of another user. Logged instead of processKilled. */
export function processesLeft(log: Log, f: { app: string; pid: number; left: readonly string[] }): void {
  const msg = `process ${String(f.pid)} leaves running what SIGKILL did not end: ${f.left.join(', ')}; end it by hand`
  emit(log, 'error', 'processesLeft', msg, f)
}

/** The daemon understood a part of processPath or arguments in another way than it is written. Logged once per text. */
export function commandNoted(log: Log, f: { app: string; text: string }): void {
  emit(log, 'info', 'commandNoted', f.text, { app: f.app })
}
