import type { Log } from '../../log/entry.ts'
import * as processLog from '../../log/process-events.ts'
import { checksPairing } from '../../process/start/pairing-check.ts'
import type { ProcessEvents } from '../../process/life/process-events.ts'
import {
  ending,
  lasting,
  ownAddressCure,
  type StartFailure,
  startFailureText,
} from '../../process/life/start-report.ts'
import type { Clock } from '../../platform/clock.ts'
import type { ApplicationHistory } from '../../site/application-status.ts'

/** Writes what a process pool reports as events of the daemon's log, and counts it. */
export function reportProcesses(
  { id: app, physicalPath }: { readonly id: string; readonly physicalPath: string },
  log: Log,
  history: ApplicationHistory,
  clock: Clock,
): ProcessEvents {
  const reportOf = (report: StartFailure) => ({
    app,
    physicalPath,
    commandLine: report.commandLine,
    step: report.steps.at(-1)?.step ?? '',
    cause: report.cause.why,
    port: report.port,
    text: startFailureText(report),
  })
  let isPairingReported = false
  const reportPairing = async (pid: number): Promise<void> => {
    if (isPairingReported || (await checksPairing(pid)) !== false) return
    isPairingReported = true
    processLog.pairingNotChecked(log, { app, pid })
  }
  return {
    processStarted: (started) => {
      history.starts++
      processLog.processStarted(log, { app, ...started, ms: Math.round(started.ms) })
      void reportPairing(started.listeningPid)
    },
    hooksChosen: () => undefined,
    startAttemptFailed: (report, attemptsLeft) => {
      processLog.processStartAttemptFailed(log, { ...reportOf(report), attemptsLeft })
    },
    listensElsewhere: (listening) => {
      processLog.listensElsewhere(log, { app, ...listening, cure: ownAddressCure })
    },
    processStartFailed: (report) => {
      history.failedStarts++
      const time = clock.wallTime().toISOString()
      history.lastFailure = { time, kind: 'start', cause: report.cause.why, text: startFailureText(report) }
      const ms = report.steps.reduce((sum, step) => sum + step.ms, 0)
      const { lastLines, advice } = report
      processLog.processStartFailed(log, { ...reportOf(report), ms: Math.round(ms), lastLines, advice })
    },
    processExited: (exit) => {
      const { pid, code, signal, uptimeMs, expected } = exit
      if (!expected) {
        history.crashes++
        const time = clock.wallTime().toISOString()
        const text = `process ${String(pid)} ended ${ending(code, signal)} after ${lasting(uptimeMs)}.`
        history.lastFailure = { time, kind: 'crash', cause: 'exited', text }
      }
      processLog.processExited(log, { app, ...exit, uptimeMs: Math.round(exit.uptimeMs) })
    },
    rapidFailTripped: (limit) => {
      processLog.rapidFailTripped(log, { app, limit })
    },
    shutdownRequested: (pid, status, cause) => {
      processLog.gracefulShutdownRequested(log, { app, pid, status: status ?? null, error: cause })
    },
    processKilled: (pid) => {
      processLog.processKilled(log, { app, pid })
    },
    processesLeft: (pid, left) => {
      processLog.processesLeft(log, { app, pid, left })
    },
    commandNoted: (text) => {
      processLog.commandNoted(log, { app, text })
    },
  }
}
