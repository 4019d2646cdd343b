import { renameSync, rmSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createApi } from '../control/api.ts'
import { ControlServer } from '../control/server.ts'
import { socketFailureText } from '../control/socket-claim.ts'
import { defaultPlaces, namedPlace } from '../control/socket-place.ts'
import type { Host } from '../host/host.ts'
import type { Log } from '../log/entry.ts'
import { accessLogFailed } from '../log/access-log-events.ts'
import * as events from '../log/control-events.ts'
import { reportBug } from '../log/report-bug.ts'
import { failed, ok, type Result } from '../platform/result.ts'
import { logObstacle } from '../site/modules/access-log/log-obstacle.ts'
import { type ExitCode, exitCode } from './exit-codes.ts'
import type { AdminRecords } from './admin/admin-records.ts'
import { surroundingsOf } from './remote/control-option.ts'
import type { RunLogOptions } from './log-options.ts'
import type { Terminal } from './verb.ts'

/** What `run` opens beside the host: the control socket, the pid file, the admin address. */
export interface Beside {
  close(): Promise<void>
}

/** What is to be opened. */
export interface BesidePlan {
  readonly control: string | undefined
  readonly pidFile: string | undefined
  /** Undefined: there is no admin address. */
  readonly records: AdminRecords | undefined
}

/**
 * Opens them before the host is started. A control socket that cannot be opened ends `run` only if it was named by
 * --control.
 */
export async function openBeside(
  host: Host,
  { control, pidFile, records }: BesidePlan,
  log: Log,
  environment: Terminal['environment'],
): Promise<Result<Beside, ExitCode>> {
  const surroundings = surroundingsOf(environment)
  const places = control === undefined ? defaultPlaces(surroundings) : [namedPlace(control, surroundings.platform)]
  const opened = await ControlServer.open(places, createApi({ host }), (error) => {
    reportBug(log, 'control socket', error)
  })
  if (!opened.ok) {
    const { why, path } = opened.failure
    const isNamed = control !== undefined
    events.controlFailed(log, { path, reason: why, text: socketFailureText(opened.failure), fatal: isNamed })
    if (isNamed) return failed(codeOf(why))
  }
  const server = opened.ok ? opened.value : undefined
  if (server !== undefined) events.controlListening(log, { path: server.path, taken: server.takenPath })
  const written = pidFile === undefined ? undefined : writePidFile(resolve(pidFile))
  if (typeof written === 'string') {
    events.pidFileFailed(log, { file: resolve(pidFile ?? ''), code: written })
    await server?.close()
    return failed(codeOfFile(written))
  }
  const beside: Beside = {
    close: async () => {
      written?.()
      await server?.close()
    },
  }
  if (records === undefined) return ok(beside)
  const { openAdmin } = await import('./admin/open-admin.ts')
  const admin = await openAdmin(records, host, log)
  if (!admin.ok) {
    await beside.close()
    return failed(adminExitCodes[admin.failure])
  }
  return ok({
    close: async () => {
      await admin.value.close()
      await beside.close()
    },
  })
}

/** Why `run` ends, if the file of --access-log cannot be written; the event has told it. Nothing is made. */
export async function refusedAccessLog({ accessLog }: RunLogOptions, log: Log): Promise<ExitCode | undefined> {
  const target = accessLog?.target
  if (typeof target !== 'string') return undefined
  const code = await logObstacle(target)
  if (code === undefined) return undefined
  accessLogFailed(log, { file: target, code, fatal: true })
  return codeOfFile(code)
}

/** What `run` ends with if a file that an option names cannot be written. `code`: an errno name. */
function codeOfFile(code: string): ExitCode {
  return code === 'EACCES' || code === 'EPERM' ? exitCode.noPermission : exitCode.failure
}

const adminExitCodes = {
  'bad-token': exitCode.badConfiguration,
  'no-permission': exitCode.noPermission,
  failed: exitCode.failure,
} as const

function codeOf(why: string): ExitCode {
  if (why === 'path-too-long') return exitCode.usage
  return why === 'no-permission' || why === 'unsafe-folder' ? exitCode.noPermission : exitCode.failure
}

/** Returns what removes the file again, or an errno name. */
function writePidFile(file: string): (() => void) | string {
  const text = `${String(process.pid)}\n`
  const passing = `${file}.${String(process.pid)}`
  try {
    // A reader never sees a file without a number.
    writeFileSync(passing, text)
    renameSync(passing, file)
  } catch (error) {
    rmSync(passing, { force: true })
    return (error as NodeJS.ErrnoException).code ?? 'failed'
  }
  return () => {
    try {
      if (readFileSync(file, 'utf8') === text) rmSync(file)
    } catch {
      // Somebody has removed it already.
    }
  }
}
