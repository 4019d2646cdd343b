import type { Log } from '../log/entry.ts'
import * as told from '../log/process-events.ts'
import { checksPairing } from '../process/start/pairing-check.ts'
import type { ProcessEvents } from '../process/life/process-events.ts'
import { ownAddressCure, type StartFailure, startFailureText } from '../process/life/start-report.ts'

/** The pool's plain words → the daemon's events. */
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
  let isToldOfPairing = false
  const lookAtPairing = async (pid: number): Promise<void> => {
    if (isToldOfPairing || (await checksPairing(pid)) !== false) return
    isToldOfPairing = true
    told.pairingNotChecked(log, { app, pid })
  }
  return {
    processStarted: (started) => {
      told.processStarted(log, { app, ...started, ms: Math.round(started.ms) })
      void lookAtPairing(started.listeningPid)
    },
    hooksChosen: () => undefined,
    startAttemptFailed: (report, attemptsLeft) => {
      told.processStartAttemptFailed(log, { ...reportOf(report), attemptsLeft })
    },
    listensElsewhere: (listening) => {
      told.listensElsewhere(log, { app, ...listening, cure: ownAddressCure })
    },
    processStartFailed: (report) => {
      const ms = report.steps.reduce((sum, step) => sum + step.ms, 0)
      told.processStartFailed(log, { ...reportOf(report), ms: Math.round(ms), lastLines: report.lastLines })
    },
    processExited: (exit) => {
      told.processExited(log, { app, ...exit, uptimeMs: Math.round(exit.uptimeMs) })
    },
    rapidFailTripped: (limit) => {
      told.rapidFailTripped(log, { app, limit })
    },
    shutdownRequested: (pid, status, cause) => {
      told.gracefulShutdownRequested(log, { app, pid, status: status ?? null, error: cause })
    },
    processKilled: (pid) => {
      told.processKilled(log, { app, pid })
    },
    processesLeft: (pid, left) => {
      told.processesLeft(log, { app, pid, left })
    },
    commandNoted: (text) => {
      told.commandNoted(log, { app, text })
    },
  }
}
