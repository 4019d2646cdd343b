import type { Log } from '../log/entry.ts'
import * as processLog from '../log/process-events.ts'
import { checksPairing } from '../process/start/pairing-check.ts'
import type { ProcessEvents } from '../process/life/process-events.ts'
import { ownAddressCure, type StartFailure, startFailureText } from '../process/life/start-report.ts'

/** Writes what a process pool reports as events of the daemon's log. */
export function reportProcesses(app: string, physicalPath: string, log: Log): ProcessEvents {
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
      const ms = report.steps.reduce((sum, step) => sum + step.ms, 0)
      const { lastLines, advice } = report
      processLog.processStartFailed(log, { ...reportOf(report), ms: Math.round(ms), lastLines, advice })
    },
    processExited: (exit) => {
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
