import { emit } from './emit.ts'
import type { Log } from './entry.ts'

/*
 * The daemon's event log: one function per event, each with a stable name that scripts and tests wait for, and with
 * ANCM's event id where ANCM has one (the comment gives its symbol). All fields are plain values, so this folder
 * imports no type of another folder. `app` is IIS's application id, `/LM/W3SVC/<site>/ROOT[/sub]`. No field ever
 * contains a pairing token.
 */

export function starting(log: Log, f: { version: string; pid: number; node: string }): void {
  emit(log, 'debug', 'starting', `ancmd ${f.version} starts`, f)
}

export function listening(log: Log, f: { url: string; port: number; address: string; engine: string }): void {
  emit(log, 'info', 'listening', `listening on ${f.url}`, f)
}

/** The service manager has opened sockets, but none for this binding, which the daemon has opened itself. */
export function socketNotInherited(log: Log, f: { url: string }): void {
  const text = `no socket unit is for ${f.url}, so its clients are refused while the daemon is restarted`
  emit(log, 'warn', 'socketNotInherited', `${text}. Add ListenStream= to a socket unit (ancmd service install)`, f)
}

/** The service manager has opened a socket that no binding is for. */
export function socketUnused(log: Log, f: { place: string; name: string; fd: number }): void {
  const text = `no binding is for ${f.place}, which a socket unit has opened; its clients are disconnected at once`
  emit(log, 'warn', 'socketUnused', `${text}. Add a binding, or stop and disable the socket unit`, f)
}

/** The service manager could not be told how the daemon is. */
export function notifyFailed(log: Log, f: { reason: string }): void {
  const text = 'the service manager cannot be told that the daemon has started, so it may end it'
  emit(log, 'error', 'notifyFailed', `${text}: ${f.reason}. Install systemd-notify, or use Type=exec`, f)
}

export function listenFailed(log: Log, f: { port: number; code: string; msg: string; cure: string }): void {
  emit(log, 'error', 'listenFailed', `${f.msg}. ${f.cure}`, { port: f.port, code: f.code })
}

/** The daemon hosts this application; no process is started yet. */
export function applicationAdded(log: Log, f: { app: string; path: string; physicalPath: string }): void {
  emit(log, 'info', 'applicationAdded', `application '${f.path}' is hosted from ${f.physicalPath}`, f)
}

/** The daemon hosts this application no more; its processes answer what is under way, and end. */
export function applicationRemoved(log: Log, f: { app: string; path: string; physicalPath: string }): void {
  emit(log, 'info', 'applicationRemoved', `application '${f.path}' from ${f.physicalPath} is hosted no more`, f)
}

/**
 * A setting of web.config takes effect in another way than its author may expect. Logged once per place in the file.
 */
export function configNotice(
  log: Log,
  f: {
    app?: string
    level: string
    file: string
    line: number
    column: number
    text: string
    cure: string | undefined
  },
): void {
  const { level, file, line, column, text, cure } = f
  const app = f.app === undefined ? {} : { app: f.app }
  const msg = `${file}:${String(line)}:${String(column)}: ${cure === undefined ? text : `${text} ${cure}`}`
  emit(log, level === 'warning' ? 'warn' : 'info', 'configNotice', msg, { ...app, file, line, column })
}

/** The host file that was changed, or a binding in it, cannot be used; everything goes on as before. */
export function hostConfigRejected(
  log: Log,
  f: { file: string; line: number; column: number; text: string; reason: string; problems: readonly string[] },
): void {
  const { file, line, column, text, problems } = f
  const more = problems.length > 1 ? ` (and ${String(problems.length - 1)} more)` : ''
  const place = `${file}:${String(line)}:${String(column)}`
  const msg = `the new configuration is refused, the one before stays in force: ${place}: ${text}${more}`
  emit(log, 'error', 'configRejected', msg, { ...f, kept: true }, 1034)
}

/** The host file was read again and is in force. Applications are listed by their ids, bindings by their URLs. */
export function configReloaded(
  log: Log,
  f: {
    file: string
    reason: string
    added: readonly string[]
    removed: readonly string[]
    changed: readonly string[]
    kept: readonly string[]
    bindingsAdded: readonly string[]
    bindingsRemoved: readonly string[]
  },
): void {
  const counts = (['added', 'removed', 'changed', 'kept'] as const).map((what) => `${String(f[what].length)} ${what}`)
  emit(log, 'info', 'configReloaded', `${f.file} is in force (${f.reason}); applications: ${counts.join(', ')}`, f)
}

/** ASPNETCORE_EVENT_CONFIG_ERROR. */
export function configRejected(
  log: Log,
  f: { app: string; file: string; kept: boolean; problems: readonly string[] },
): void {
  const effect = f.kept ? 'the one before stays in force' : 'requests get 500.19 until it is mended'
  const msg = `the configuration of '${f.app}' cannot be used, ${effect}: ${String(f.problems.length)} problem(s) in ${f.file}`
  emit(log, 'error', 'configRejected', msg, f, 1034)
}

/** The file that the handler setting debugFile names cannot be written. Logged once per file. */
export function debugFileFailed(log: Log, f: { app: string; file: string; code: string }): void {
  emit(log, 'warn', 'debugFileFailed', `debugFile ${f.file} cannot be written (${f.code})`, f)
}

/** The configuration of an application had been rejected, and can be used again. */
export function configAccepted(log: Log, f: { app: string; file: string }): void {
  emit(log, 'info', 'configAccepted', `the configuration of '${f.app}' can be used again`, f)
}

/**
 * The recycle of an application with several processes stopped, because a new process cannot be started. `processes`:
 * how many processes serve requests, old ones included.
 */
export function recycleStopped(log: Log, f: { app: string; reason: string; processes: number }): void {
  const msg = `the recycle of '${f.app}' (${f.reason}) stopped: a new process cannot be started; ${String(f.processes)} serve`
  emit(log, 'error', 'recycleStopped', msg, f)
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

/** The daemon refused a request or, with status 0, closed a new connection at once. */
export function requestRefused(
  log: Log,
  f: {
    app?: string
    status: number
    substatus: number
    reason: string
    why?: string | undefined
    setting?: string | undefined
    method?: string
    path?: string
    remoteAddress: string
  },
): void {
  const what = f.status === 0 ? 'a connection was closed at once' : `a request was refused with ${statusOf(f)}`
  const why = f.why === undefined ? '' : `: ${f.why}`
  const setting = f.setting === undefined ? '' : ` (${f.setting})`
  emit(log, 'info', 'requestRefused', `${what}: ${f.reason}${why}${setting}`, f)
}

/** A client that `enableLoggingOnlyMode` has saved from being denied; at most one line in ten seconds. */
export function clientWouldBeDenied(log: Log, f: { app: string; remoteAddress: string; setting: string }): void {
  emit(log, 'info', 'clientWouldBeDenied', `${f.remoteAddress} would be denied (${f.setting})`, f)
}

/** How many refusals of one kind were not logged one by one, because there were too many. */
export function requestsRefused(
  log: Log,
  f: { app: string | undefined; status: number; substatus: number; reason: string; count: number },
): void {
  const msg = `${String(f.count)} more were refused with ${statusOf(f)} within ten seconds: ${f.reason}`
  emit(log, 'info', 'requestsRefused', msg, f)
}

function statusOf({ status, substatus }: { status: number; substatus: number }): string {
  return substatus === 0 ? String(status) : `${String(status)}.${String(substatus)}`
}

/**
 * A request or its response could not be forwarded. `side`: who caused that: the client, the application, or a timeout.
 */
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

/** A bug of the daemon in one request; the daemon goes on. */
export function bug(log: Log, f: { error: string; stack: string | undefined; where: string }): void {
  emit(log, 'error', 'bug', `a bug in ancmd (${f.where}): ${f.error}. Please report it`, f)
}

export function stopping(log: Log, f: { reason: string }): void {
  emit(log, 'info', 'stopping', `stopping: ${f.reason}`, f)
}

export function stopped(log: Log, f: { exitCode: number; clean: boolean }): void {
  emit(log, 'info', 'stopped', f.clean ? 'stopped' : 'stopped at once, without waiting', f)
}

/** Output of the daemon was lost because its stdout or stderr was not read; reported when it is read again. */
export function outputDropped(log: Log, f: { stream: 'stdout' | 'stderr'; bytes: number }): void {
  emit(log, 'warn', 'outputDropped', `${String(f.bytes)} bytes for ${f.stream} were dropped: nobody read them`, f)
}

/** A request and its response are over, completely or because one side aborted them. */
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

/** No orphan guard runs, so the applications would go on running if the daemon were killed. */
export function guardFailed(log: Log, f: { reason: string }): void {
  const msg = `${f.reason}: applications would outlive this daemon if it were killed (SIGKILL); make /bin/sh a POSIX shell`
  emit(log, 'warn', 'guardFailed', msg, f)
}
