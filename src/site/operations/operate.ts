import { join } from 'node:path'
import { problemLine } from '../../config/problems.ts'
import { delay } from '../../platform/pause.ts'
import { failed, ok, type Result } from '../../platform/result.ts'
import { type StartFailure, startFailureText } from '../../process/life/start-report.ts'
import type { Application } from '../application.ts'
import { Faulted } from '../faulted.ts'
import { Offline } from '../offline.ts'
import type { RecycleFailure } from '../rolling-recycle.ts'
import { Serving } from '../serving.ts'
import { removeOfflineFile, writeOfflineFile } from './offline-file.ts'
import type { OperationFailure, OperationOptions, OperationReport } from './operation.ts'

type Outcome = Result<OperationReport, OperationFailure>

/** How often, and at what distance, the folder is looked at until app_offline.htm is seen there, or is not any more. */
const looks = { count: 100, everyMs: 50 }

/** Recycles the application; resolves when the old processes have gone and a new one takes requests. */
export async function recycleApplication(application: Application, options: OperationOptions): Promise<Outcome> {
  const { reason = 'recycle', startsIdle = true } = options
  const { processes, lastFailure } = application.status
  const wasIdle = processes.length === 0 && lastFailure?.kind !== 'start'
  let failure: RecycleFailure | undefined
  application.recycle(reason, (told) => {
    failure = told
  })
  await application.parts.changes.idle()
  if (failure?.problems !== undefined) {
    return failed({ why: 'configuration', problems: failure.problems.map(problemLine) })
  }
  if (failure !== undefined) return failed(startFailed(failure.start))
  const { presence, draining } = application.parts
  const outcome =
    presence instanceof Serving && wasIdle && !startsIdle
      ? ok(
          reportOf(
            application,
            'its configuration was read again; no process was running, and the next request starts one.',
          ),
        )
      : await ready(application, 'recycled')
  if (outcome.ok) await draining.gone()
  return outcome
}

/** Resolves when a process of the application takes requests. */
export async function startApplication(application: Application): Promise<Outcome> {
  await application.parts.changes.idle()
  return ready(application, 'started')
}

/** Takes the application offline; resolves when no process of it is left. */
export async function takeOffline(application: Application): Promise<Outcome> {
  const written = await writeOffline(application)
  if (written !== undefined) return failed(written)
  const { presence, draining } = application.parts
  if (presence instanceof Offline) await presence.gone
  await draining.gone()
  if (application.parts.presence.name !== 'offline') return failed({ why: 'superseded', by: 'it is online again' })
  return ok(reportOf(application, 'offline; no process is left, and its files are free.'))
}

/** Brings the application online; resolves when a process of it takes requests. */
export async function bringOnline(application: Application): Promise<Outcome> {
  const { monitor, changes } = application.parts
  await monitor?.look()
  const file = monitor?.offlineFile
  if (file !== undefined) {
    const removed = await removeOfflineFile(file)
    if (removed === 'foreign') return failed({ why: 'foreign-file', file })
    if (removed !== 'removed') return failed({ why: 'file-failed', file, code: removed.code })
    await untilSeen(application, false)
  }
  await changes.idle()
  return ready(application, 'online')
}

/** Puts app_offline.htm into the folder of an application that is stopped; its processes have gone already. */
export async function writeOfflineIn(folder: string): Promise<Outcome> {
  const file = join(folder, 'app_offline.htm')
  const code = await writeOfflineFile(file)
  if (code !== undefined) return failed({ why: 'file-failed', file, code })
  return ok({ presence: 'stopped', pids: [], text: 'it is stopped; no process is left, and its files are free.' })
}

async function writeOffline(application: Application): Promise<OperationFailure | undefined> {
  const { monitor, dependencies, changes } = application.parts
  await monitor?.look()
  if (monitor?.offlineFile === undefined) {
    const file = join(dependencies.config.physicalPath, 'app_offline.htm')
    const code = await writeOfflineFile(file)
    if (code !== undefined) return { why: 'file-failed', file, code }
    await untilSeen(application, true)
  }
  await changes.idle()
  return undefined
}

/** Resolves when the daemon has seen that app_offline.htm is there, or that it is not. */
async function untilSeen(application: Application, isThere: boolean): Promise<void> {
  for (let look = 0; look < looks.count; look++) {
    // A reload may have replaced the monitor.
    const { monitor, dependencies } = application.parts
    await monitor?.look()
    if ((monitor?.offlineFile !== undefined) === isThere) return
    await delay(dependencies.clock, looks.everyMs)
  }
}

async function ready(application: Application, done: string): Promise<Outcome> {
  const { presence } = application.parts
  if (presence instanceof Faulted) return failed({ why: 'configuration', problems: presence.problems })
  if (!(presence instanceof Serving)) {
    return failed({ why: 'offline', file: application.parts.monitor?.offlineFile ?? 'app_offline.htm' })
  }
  // The start that belongs to a recycle has been tried already; a second try would only take as long again.
  const started =
    presence.ready === 0 && presence.pool.history.lastFailure !== undefined && done === 'recycled'
      ? failed(presence.pool.history.lastFailure)
      : await presence.pool.ensure()
  if (started.ok) {
    const pids = readyPids(application)
    return ok(reportOf(application, `${done}; process ${pids.join(', ')} takes its requests.`))
  }
  if (started.failure !== 'aborted') return failed(startFailed(started.failure))
  return failed({ why: 'superseded', by: 'its process was stopped before it was ready' })
}

function startFailed(failure: StartFailure | undefined): OperationFailure {
  if (failure === undefined) return { why: 'superseded', by: 'a process could not be started' }
  return { why: 'start-failed', text: startFailureText(failure), lastLines: failure.lastLines }
}

function reportOf(application: Application, text: string): OperationReport {
  return { presence: application.parts.presence.name, pids: readyPids(application), text }
}

function readyPids(application: Application): readonly number[] {
  const { presence } = application.parts
  const processes = presence instanceof Serving ? presence.processes : []
  return processes.flatMap(({ state, pid }) => (state === 'running' && pid !== undefined ? [pid] : []))
}
