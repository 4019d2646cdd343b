import { resolve } from 'node:path'
import type { ApplicationConfig, SiteConfig, WebConfig } from '../config/model.ts'
import type { ForwardFailure } from '../forward/forward-failure.ts'
import type { Upstream } from '../forward/forwarder.ts'
import type { Exchange } from '../http/exchange.ts'
import * as events from '../log/events.ts'
import * as told from '../log/process-events.ts'
import { applicationId } from '../process/launch.ts'
import { checksPairing } from '../process/pairing-check.ts'
import type { ProcessEvents } from '../process/process-events.ts'
import { createProcessPool } from '../process/process-pool.ts'
import { type StartFailure, startFailureText } from '../process/start-report.ts'
import { Application } from '../site/application.ts'
import { Faulted } from '../site/faulted.ts'
import { createDetailsRule } from '../site/page-details.ts'
import { Serving } from '../site/serving.ts'
import { openStdoutLog } from '../stdout/stdout-log.ts'
import type { HostParts } from './parts.ts'

/** Where the rooms below meet: one application, with what it needs to serve and to be heard. */
export async function openApplication(
  site: SiteConfig,
  config: ApplicationConfig,
  parts: HostParts,
): Promise<Application> {
  const { log, clock, environment, pid, appOutput, openUpstream } = parts
  const place = { site: { name: site.name, id: site.id }, applicationPath: config.path }
  const id = applicationId(place)
  const processEvents = processEventsOf(id, config.physicalPath, parts)
  const errorPageLink = environment['ANCM_ADDITIONAL_ERROR_PAGE_LINK']

  const openServing = (web: WebConfig, redispatch: Serving['serve']): Serving => {
    const { process } = web
    const launch = {
      ...place,
      config: process,
      physicalPath: config.physicalPath,
      inherited: environment,
      httpsPort: undefined,
      guard: parts.guard,
    }
    const pool = createProcessPool<Upstream>({
      launch,
      channels: {
        open: openUpstream,
        close: (upstream) => {
          upstream.close()
        },
      },
      openOutput: () =>
        openStdoutLog({
          file: process.stdoutLogEnabled ? process.stdoutLogFile : undefined,
          pid,
          clock,
          passThrough: appOutput,
          onFailure: (file, code) => {
            told.stdoutLogFailed(log, { app: id, stdoutLogFile: process.stdoutLogFile, file, code })
          },
          onLoss: (file, code, bytes) => {
            told.stdoutLogIncomplete(log, { app: id, file, code, bytes })
          },
        }),
      events: processEvents,
      clock,
    })
    const onForwardFailed = (exchange: Exchange, failure: ForwardFailure, childPid: number): void => {
      const { kind, side, started, cause } = failure
      const { method, path } = exchange
      const error = cause instanceof Error ? cause.message : String(cause)
      events.forwardFailed(log, { app: id, method, path, kind, side, started, error, pid: childPid })
    }
    const mayShowDetails = createDetailsRule(process, environment)
    return new Serving({ path: config.path, web, pool, mayShowDetails, errorPageLink, redispatch, onForwardFailed })
  }

  events.applicationAdded(log, { app: id, path: config.path, physicalPath: config.physicalPath })
  return Application.open({
    config,
    id,
    parents: parentFolders(site, config),
    environment,
    log,
    clock,
    openServing,
    openFaulted: (problems) => new Faulted(problems, createDetailsRule(undefined, environment)),
  })
}

/** Folders of the applications whose path lies above this one's, outermost first: their web.config is inherited. */
function parentFolders(site: SiteConfig, config: ApplicationConfig): readonly string[] {
  return site.applications
    .filter(({ path }) => path !== config.path && (path === '/' || config.path.startsWith(`${path}/`)))
    .sort((a, b) => a.path.length - b.path.length)
    .map(({ physicalPath }) => resolve(physicalPath))
}

/** The pool's plain words → the daemon's events. */
function processEventsOf(app: string, physicalPath: string, { log }: HostParts): ProcessEvents {
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
    startAttemptFailed: (report, attemptsLeft) => {
      told.processStartAttemptFailed(log, { ...reportOf(report), attemptsLeft })
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
    commandNoted: (text) => {
      told.commandNoted(log, { app, text })
    },
  }
}
