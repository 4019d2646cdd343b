import { emit } from './emit.ts'
import type { Log } from './entry.ts'

/* Events of the control of a running daemon; see events.ts for what all events have in common. */

/** An operator has stopped this application; it answers 503 until it is started. */
export function applicationStopped(log: Log, f: { app: string }): void {
  emit(log, 'info', 'applicationStopped', `'${f.app}' is stopped until 'ancmd start'`, f)
}

export function applicationStarted(log: Log, f: { app: string }): void {
  emit(log, 'info', 'applicationStarted', `'${f.app}' is not stopped any more`, f)
}

/** The control socket is open; `taken`: the default path, on which another daemon listens. */
export function controlListening(log: Log, f: { path: string; taken: string | undefined }): void {
  const msg = `control socket ${f.path}`
  if (f.taken === undefined) emit(log, 'debug', 'controlListening', msg, { path: f.path })
  else {
    const why = `another daemon has ${f.taken}, so this one is controlled by --control ${f.path}`
    emit(log, 'info', 'controlListening', `${msg}: ${why}`, f)
  }
}

/** The control socket cannot be opened; with `fatal` the daemon ends, else it goes on without. */
export function controlFailed(log: Log, f: { path: string; reason: string; text: string; fatal: boolean }): void {
  const { text, ...rest } = f
  const effect = f.fatal ? '' : '. This daemon goes on; status, recycle and the like cannot reach it'
  emit(log, f.fatal ? 'error' : 'warn', 'controlFailed', `${text}${effect}`, rest)
}

/** The admin address is open. `url` ends with the token only if that was made for this run of the daemon. */
export function adminListening(log: Log, f: { url: string }): void {
  emit(log, 'info', 'adminListening', `status page and metrics on ${f.url}`, f)
}

/** The admin address cannot be opened; the daemon ends. */
export function adminFailed(log: Log, f: { address: string; port: number; text: string }): void {
  const { text, ...rest } = f
  emit(log, 'error', 'adminFailed', `admin address: ${text}`, rest)
}

/** The file that --pid-file names cannot be written; the daemon ends. */
export function pidFileFailed(log: Log, f: { file: string; code: string }): void {
  emit(log, 'error', 'pidFileFailed', `the pid file ${f.file} cannot be written (${f.code}). Name another one`, f)
}
