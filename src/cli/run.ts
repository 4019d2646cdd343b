import { once } from 'node:events'
import { problemLine } from '../config/problems.ts'
import type { LoadedHostFile } from '../config/host-file/load.ts'
import { createHost } from '../host/create-host.ts'
import type { Host } from '../host/host.ts'
import { HostFileReload } from '../host/host-file-reload.ts'
import { listenForSignals } from '../host/signals.ts'
import * as events from '../log/events.ts'
import type { Log } from '../log/entry.ts'
import { createLog } from '../log/log.ts'
import { systemClock } from '../platform/clock.ts'
import { version } from '../platform/package-folder.ts'
import { forgetServiceEnvironment, readServiceEnvironment } from '../platform/systemd/service-environment.ts'
import { gapLine } from './streams/bounded-stream.ts'
import { adminBeside } from './admin/admin-plan.ts'
import { recordsFor } from './admin/admin-records.ts'
import { openBeside, refusedAccessLog } from './beside.ts'
import { takeEarlySignals } from './launch/early-signals.ts'
import { type ExitCode, exitCode } from './exit-codes.ts'
import { loadHosted } from './hosted.ts'
import { standardError, standardOutput } from './streams/standard-streams.ts'
import { type RunPlan, readRunPlan, runOptions } from './run-plan.ts'
import { reportStartFailure } from './report-start-failure.ts'
import { openSupervision, serviceStatus, type Supervision } from './service/supervision.ts'
import type { Terminal, Verb } from './verb.ts'

/** `ancmd run [folder]`: hosts one published folder in the foreground until a signal stops it. */
export const run: Verb = {
  options: runOptions,
  act: async (args, terminal) => {
    const plan = readRunPlan(args, terminal)
    if (!plan.ok) {
      terminal.err(`ancmd run: ${plan.failure.message}\nancmd run --help lists the options\n`)
      return exitCode.usage
    }
    return host(plan.value, terminal)
  },
}

async function host(plan: RunPlan, terminal: Terminal): Promise<ExitCode> {
  const { environment } = terminal
  const loaded = await loadHosted(plan.hosted, environment)
  if (!loaded.config.ok) {
    for (const problem of loaded.config.failure) terminal.err(`${problemLine(problem)}\n`)
    return exitCode.badConfiguration
  }
  const colour = terminal.isTerminal && (environment['NO_COLOR'] ?? '') === ''
  const serviceEnvironment = readServiceEnvironment(environment, process.pid)
  forgetServiceEnvironment(process.env)
  const { isJournal: journal } = serviceEnvironment
  const ownLog = createLog({ format: plan.logFormat, level: plan.logLevel, out: terminal.err, colour, journal })
  const admin = adminBeside(loaded.config.value, plan.admin)
  if (!admin.ok) {
    terminal.err(`${admin.failure}\n`)
    return exitCode.badConfiguration
  }
  const records = admin.value && recordsFor(admin.value)
  const log = records?.history.tee(ownLog) ?? ownLog
  standardError.onGap((bytes) => {
    events.outputDropped(log, { stream: 'stderr', bytes })
  })
  standardOutput.onGap((bytes) => {
    standardOutput.writeLine(gapLine(bytes))
    events.outputDropped(log, { stream: 'stdout', bytes })
  })
  events.starting(log, { version: version(), pid: process.pid, node: process.version })
  for (const notice of loaded.notices) events.configNotice(log, notice)
  const refused = await refusedAccessLog(plan.logs, log)
  if (refused !== undefined) return refused
  const supervision = await openSupervision(serviceEnvironment, log)
  const runningHost = await createHost(loaded.config.value, {
    log,
    // A copy: a module may set variables that are for the libraries of this process alone.
    environment: { ...environment },
    pid: process.pid,
    engine: plan.engine,
    keepsOnBrokenConfig: plan.brokenConfig === 'keep',
    ...(records && { meters: records.meters }),
    ...plan.logs,
    inheritedSockets: supervision.sockets,
    ...(plan.appOutput === 'inherit' && { appOutput: { stdout: standardOutput, stderr: standardError } }),
  })
  const beside = await openBeside(runningHost, { ...plan, records }, log, environment)
  if (!beside.ok) return beside.failure
  try {
    return await serve(runningHost, plan, loaded, log, supervision, environment)
  } finally {
    await beside.value.close()
  }
}

function serve(
  runningHost: Host,
  { hosted }: RunPlan,
  loaded: LoadedHostFile,
  log: Log,
  supervision: Supervision,
  environment: Terminal['environment'],
): Promise<ExitCode> {
  if (!('file' in hosted)) return serveUntilSignalled(runningHost, log, supervision)
  const load = (): Promise<LoadedHostFile> => loadHosted(hosted, environment)
  const onBusy = (isBusy: boolean): void => {
    if (isBusy) supervision.notifier?.reloading()
    else supervision.notifier?.ready(serviceStatus(runningHost))
  }
  const openReload = () => HostFileReload.open({ host: runningHost, load, log, clock: systemClock, onBusy }, loaded)
  return serveUntilSignalled(runningHost, log, supervision, openReload)
}

/**
 * Runs the host until SIGTERM or SIGINT stops it gracefully, or a second one at once. `openReload`: for a host file,
 * which SIGHUP reads again.
 */
async function serveUntilSignalled(
  runningHost: Host,
  log: Log,
  { notifier, sockets }: Supervision,
  openReload?: () => Promise<HostFileReload>,
): Promise<ExitCode> {
  let hostFile: HostFileReload | undefined
  const gracefulStop = new AbortController()
  const immediateStop = new AbortController()
  const stopListening = listenForSignals(process, {
    stop: (signal) => {
      gracefulStop.abort(signal)
    },
    stopNow: (signal) => {
      immediateStop.abort(signal)
      events.stopping(log, { reason: `${signal} again, so at once` })
      runningHost.destroy()
    },
    reload: () => {
      runningHost.reopenLogs()
      if (openReload === undefined) runningHost.recycle('SIGHUP')
      else hostFile?.request('SIGHUP')
    },
    recycle: () => {
      runningHost.recycle('SIGUSR2')
    },
  })
  // Signals that came before there was a listener are sent again.
  for (const signal of takeEarlySignals()) process.emit(signal, signal)
  try {
    hostFile = await openReload?.()
    const started = await runningHost.start()
    if (!started.ok) return reportStartFailure(started.failure, log)
    notifier?.ready(serviceStatus(runningHost))
    if (!gracefulStop.signal.aborted) await once(gracefulStop.signal, 'abort')
    hostFile?.close()
    events.stopping(log, { reason: String(gracefulStop.signal.reason) })
    notifier?.stopping('answering what is under way, then ending the applications')
    await runningHost.stop()
    const code = immediateStop.signal.aborted ? exitCode.failure : exitCode.ok
    events.stopped(log, { exitCode: code, clean: code === exitCode.ok })
    return code
  } finally {
    hostFile?.close()
    stopListening()
    sockets?.close()
    await notifier?.close()
  }
}
