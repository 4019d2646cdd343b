import type { Level, Log, LogEntry } from './log.ts'

/*
 * The daemon's event log: one function per event, each with a stable name that scripts and tests wait for, and ANCM's event
 * id where ANCM has one (ANCM's symbol stands in the comment). Plain fields only, so that this room need know no other.
 * `app` is IIS's application id, `/LM/W3SVC/<site>/ROOT[/sub]`. A pairing token is never a field.
 */

type Fields = Readonly<Record<string, unknown>>

function emit(log: Log, level: Level, event: string, msg: string, fields: Fields, eventId?: number): void {
  if (!log.isEnabled(level)) return
  const entry: LogEntry = eventId === undefined ? { event, msg, ...fields } : { event, eventId, msg, ...fields }
  log.write(level, entry)
}

export function starting(log: Log, f: { version: string; pid: number; node: string }): void {
  emit(log, 'debug', 'starting', `ancmd ${f.version} starts`, f)
}

export function listening(log: Log, f: { url: string; port: number; address: string; engine: string }): void {
  emit(log, 'info', 'listening', `listening on ${f.url}`, f)
}

export function listenFailed(log: Log, f: { port: number; code: string; msg: string; cure: string }): void {
  emit(log, 'error', 'listenFailed', `${f.msg}. ${f.cure}`, { port: f.port, code: f.code })
}

/** The daemon hosts this application; nothing is started yet. */
export function applicationAdded(log: Log, f: { app: string; path: string; physicalPath: string }): void {
  emit(log, 'info', 'applicationAdded', `application '${f.path}' is hosted from ${f.physicalPath}`, f)
}

/** Something in the configuration that works, but not as one may think. Once per place. */
export function configNotice(
  log: Log,
  f: { app: string; file: string; line: number; column: number; text: string; warning: boolean },
): void {
  const { text, warning, ...rest } = f
  emit(log, warning ? 'warn' : 'info', 'configNotice', `${f.file}:${String(f.line)}:${String(f.column)}: ${text}`, rest)
}

/** ASPNETCORE_EVENT_CONFIG_ERROR. */
export function configRejected(log: Log, f: { app: string; file: string; problems: readonly string[] }): void {
  emit(
    log,
    'error',
    'configRejected',
    `the configuration of '${f.app}' cannot be used: ${String(f.problems.length)} problem(s) in ${f.file}`,
    f,
    1034,
  )
}

/** The file that was broken can be used again. */
export function configAccepted(log: Log, f: { app: string; file: string }): void {
  emit(log, 'info', 'configAccepted', `the configuration of '${f.app}' can be used again`, f)
}

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

/** ASPNETCORE_EVENT_PROCESS_START_ERROR: one attempt; another may follow. */
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

/** ASPNETCORE_EVENT_PROCESS_START_FAILURE: all attempts. */
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
  },
): void {
  const { text, ...rest } = f
  emit(log, 'error', 'processStartFailed', `the process of '${f.app}' could not be started: ${text}`, rest, 1020)
}

/** ASPNETCORE_EVENT_PROCESS_SHUTDOWN. `expected`: we asked for it. */
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
  // What an app said last matters when nobody asked it to go; a clean stop needs no tail.
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
export function stdoutLogFailed(log: Log, f: { app: string; file: string; code: string }): void {
  emit(
    log,
    'warn',
    'stdoutLogFailed',
    `stdoutLogFile ${f.file} cannot be written (${f.code}); the application runs without it`,
    f,
    1004,
  )
}

/** Output that the file lacks: the disk was full, or slower than the application. Once a minute at most. */
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

/** Something in processPath or arguments was read otherwise than it is written; once per text. */
export function commandNoted(log: Log, f: { app: string; text: string }): void {
  emit(log, 'info', 'commandNoted', f.text, { app: f.app })
}

/** ASPNETCORE_EVENT_RECYCLE_APPOFFLINE. */
export function applicationOffline(log: Log, f: { app: string; file: string }): void {
  emit(log, 'info', 'applicationOffline', `'${f.app}' is offline because of ${f.file}`, f, 1012)
}

export function applicationOnline(log: Log, f: { app: string }): void {
  emit(log, 'info', 'applicationOnline', `'${f.app}' is online again`, f)
}

/** ASPNETCORE_EVENT_RECYCLE_CONFIGURATION. */
export function applicationRecycled(log: Log, f: { app: string; reason: string }): void {
  emit(log, 'info', 'applicationRecycled', `'${f.app}' is recycled: ${f.reason}`, f, 1021)
}

/** A request that never became an exchange: malformed, too large, too slow. */
export function requestRefused(log: Log, f: { status: number; reason: string; remoteAddress: string }): void {
  emit(log, 'debug', 'requestRefused', `a request was refused with ${String(f.status)}: ${f.reason}`, f)
}

/** An exchange that could not be delivered, for whatever side's fault. */
export function forwardFailed(
  log: Log,
  f: {
    app: string
    method: string
    path: string
    kind: string
    side: string
    started: boolean
    error: string
    pid: number
  },
): void {
  emit(
    log,
    f.side === 'client' ? 'debug' : 'warn',
    'forwardFailed',
    `${f.method} ${f.path}: ${f.kind} failed on the ${f.side}'s side: ${f.error}`,
    f,
  )
}

/** A mistake of ours in one request; the daemon goes on. */
export function bug(log: Log, f: { error: string; stack: string | undefined; where: string }): void {
  emit(log, 'error', 'bug', `a bug in ancmd (${f.where}): ${f.error}. Please report it`, f)
}

export function stopping(log: Log, f: { reason: string }): void {
  emit(log, 'info', 'stopping', `stopping: ${f.reason}`, f)
}

export function stopped(log: Log, f: { exitCode: number; clean: boolean }): void {
  emit(log, 'info', 'stopped', f.clean ? 'stopped' : 'stopped at once, without waiting', f)
}

/** One exchange, when it is over. */
export function accessed(
  log: Log,
  f: {
    method: string
    path: string
    status: number
    bytes: number
    ms: number
    remoteAddress: string
    aborted: boolean
  },
): void {
  emit(log, 'debug', 'request', `${f.method} ${f.path} ${String(f.status)}`, f)
}
