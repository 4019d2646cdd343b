import type { Environment } from '../config/expand.ts'
import type { ApplicationConfig, PoolConfig, SiteConfig } from '../config/model.ts'
import { applicationSource } from '../config/web-config/application.ts'
import { closeWhenRead } from '../forward/close-when-read.ts'
import type { ForwardFailure } from '../forward/forward-failure.ts'
import type { Upstream } from '../forward/forwarder.ts'
import { ExchangeView } from '../http/exchange-view.ts'
import type { Exchange } from '../http/exchange.ts'
import { frontLimits } from '../listen/limits.ts'
import * as events from '../log/events.ts'
import * as processLog from '../log/process-events.ts'
import { bodyLimitHooks } from '../process/command/body-limit.ts'
import { userHooks } from '../process/command/user-hook.ts'
import { applicationId } from '../process/life/launch.ts'
import { hasFixedPort } from '../process/start/ports.ts'
import { createProcessPool } from '../process/slot-pool.ts'
import type { ApplicationDependencies } from '../site/application-dependencies.ts'
import type { ApplicationHistory } from '../site/application-status.ts'
import { applicationSteps } from '../site/compose-parts.ts'
import { Faulted } from '../site/faulted.ts'
import { modules as everyModule, sectionsOf } from '../site/modules.ts'
import type { AccessLogs } from '../site/modules/access-log/access-logs.ts'
import { preparation } from '../site/modules/application-initialization/preparation.ts'
import { showsDetails } from '../site/modules/http-errors/http-errors.ts'
import { largestContentLength } from '../site/modules/request-filtering/request-filtering.ts'
import type { SiteLimitsInForce } from '../site/modules/module.ts'
import { takesWebSockets } from '../site/modules/web-socket.ts'
import { createDetailsRule } from '../site/page-details.ts'
import type { OnRefused } from '../site/presence.ts'
import type { FindElsewhere } from '../site/routing/other-application.ts'
import type { RefusalLog } from '../site/refusal-log.ts'
import { Serving } from '../site/serving.ts'
import { authenticationOf } from '../site/users/enabled-schemes.ts'
import { UserForwarding } from '../site/users/user-forwarding.ts'
import { openStdoutLog } from '../stdout/stdout-log.ts'
import { ApplicationLog } from './logs/application-log.ts'
import type { HostDependencies } from './dependencies.ts'
import { builtInLimit, refusedExchange } from './logs/refusals.ts'
import { reportBodyLimit } from './reports/body-limit.ts'
import { reportProcesses } from './reports/processes.ts'

/** What is the same for an application in every configuration. */
export interface ApplicationFrame {
  readonly dependencies: HostDependencies
  readonly refusals: RefusalLog
  readonly log: ApplicationLog
  /** Goes on when the application is stopped and started again. */
  readonly history: ApplicationHistory
  /** Those of its site, which all its applications share. */
  readonly siteLimits: SiteLimitsInForce
  /** The host file; undefined without one. */
  readonly hostFile: string | undefined
  /** The https port of the application's site for its processes; asked when a process is started. */
  readonly httpsPort: () => number | undefined
  readonly accessLogs: AccessLogs
  /** Where a rewritten exchange belongs, seen from this application. */
  readonly elsewhere: FindElsewhere
  /** Whether proxies are trusted; asked when a configuration is loaded. */
  readonly trustsProxies: () => boolean
}

/** The log of an application; it stays when the application gets other settings. */
export function openApplicationLog(app: string, { log, pid, clock }: HostDependencies): ApplicationLog {
  return new ApplicationLog(log, pid, clock, (file, code) => {
    events.debugFileFailed(log, { app, file, code })
  })
}

/**
 * Everything that an Application needs under these settings: makes its objects from the folders site, process, forward,
 * stdout and log, and connects them with each other.
 */
export function applicationDependencies(
  site: SiteConfig,
  config: ApplicationConfig,
  frame: ApplicationFrame,
): ApplicationDependencies {
  const { dependencies, refusals, log, history, siteLimits, hostFile, httpsPort, accessLogs, elsewhere } = frame
  const { clock, pid, appOutput, openUpstream, modules = everyModule } = dependencies
  const environment = environmentOf(dependencies.environment, config.pool)
  const place = { site: { name: site.name, id: site.id }, applicationPath: config.path }
  const id = applicationId(place)
  const processEvents = reportProcesses({ id, physicalPath: config.physicalPath }, log, history, clock)
  const limits = dependencies.limits ?? frontLimits
  const onRefused: OnRefused = (exchange, failure, setting) => {
    refusals.write(log, refusedExchange(exchange, failure, setting ?? builtInLimit(failure.kind, limits), id))
  }
  const errorPageLink = environment['ANCM_ADDITIONAL_ERROR_PAGE_LINK']

  const openServing: ApplicationDependencies['openServing'] = (web, redispatch, predecessorsGone) => {
    const { process } = web
    log.configure(process.handlerSettings)
    const authentication = authenticationOf(web)
    const users = new UserForwarding({ process, authentication }, ({ text, cure }) => {
      processLog.userNotTaken(log, { app: id, text, cure })
    })
    const launch = {
      ...place,
      config: process,
      physicalPath: config.physicalPath,
      inherited: dependencies.environment,
      pool: config.pool,
      hostFile,
      get httpsPort() {
        return httpsPort()
      },
      startupHooks: [
        ...bodyLimitHooks({ process, maxAllowedContentLength: largestContentLength(web) }),
        ...userHooks({ process, authentication }),
      ],
      authentication,
      guard: dependencies.guard,
      webSockets: takesWebSockets(web),
    }
    const open = process.upstreamProtocol === 'h2c' ? dependencies.openHttp2Upstream : openUpstream
    const pool = createProcessPool<Upstream>({
      launch,
      channels: {
        open,
        retire: (upstream) => {
          upstream.retire()
        },
        close: (upstream) => {
          void closeWhenRead(upstream)
        },
      },
      openOutput: () => {
        // Without console redirection there is no log file, as in ANCM. The application's output still goes through a
        // pipe: if it inherited the daemon's own descriptors, it could make the daemon's own writes block.
        const { enableOutOfProcessConsoleRedirection: isRedirected } = process.handlerSettings
        return openStdoutLog({
          filePrefix: isRedirected && process.stdoutLogEnabled ? process.stdoutLogFile : undefined,
          pid,
          clock,
          passThrough: appOutput,
          files: dependencies.stdoutLogs,
          live: dependencies.outputs?.open(id),
          onFailure: (file, code) => {
            processLog.stdoutLogFailed(log, { app: id, stdoutLogFile: process.stdoutLogFile, file, code })
          },
          onLoss: (file, code, bytes) => {
            processLog.stdoutLogIncomplete(log, { app: id, file, code, bytes })
          },
        })
      },
      events: reportBodyLimit(
        {
          ...processEvents,
          hooksChosen: (choices) => {
            users.hooksChosen(choices)
          },
        },
        id,
        web,
        log,
      ),
      clock,
      prepare: preparation({ id, applicationPath: config.path, web, openUpstream: open, log, clock }),
      whenPortFree: hasFixedPort(process) ? predecessorsGone : undefined,
    })
    const onForwardFailed = (exchange: Exchange, failure: ForwardFailure, childPid: number): void => {
      const { kind, side, started, cause } = failure
      const { method, path } = exchange
      const error = cause instanceof Error ? cause.message : String(cause)
      events.forwardFailed(log, { app: id, method, path, kind, side, started, error, pid: childPid })
    }
    const mayShowDetails = showsDetails(web) ? () => true : createDetailsRule(process, environment)
    return new Serving({
      path: config.path,
      web,
      pool,
      users,
      clock,
      mayShowDetails,
      errorPageLink,
      redispatch,
      onForwardFailed,
      onRefused,
    })
  }

  return {
    config,
    id,
    source: applicationSource(site, config, {
      environment,
      sections: sectionsOf(modules),
      mayComeByHttps: frame.trustsProxies,
    }),
    stepsFor: (web) =>
      applicationSteps(modules, web, {
        id,
        siteId: site.id,
        accessLogs,
        path: config.path,
        physicalPath: config.physicalPath,
        meters: dependencies.meters,
        hsts: site.hsts,
        siteLimits,
        leadsOn: (exchange, path) =>
          exchange.isMoved !== true && typeof elsewhere(new ExchangeView(exchange, { path })) === 'object',
        log: dependencies.log,
        clock,
      }),
    log,
    history,
    closeLog: () => log.flush(),
    clock,
    keepsOnBrokenConfig: dependencies.keepsOnBrokenConfig,
    openServing,
    elsewhere,
    onRefused,
    openFaulted: (problems) => new Faulted(problems, createDetailsRule(undefined, environment), onRefused),
  }
}

/** The daemon's variables, replaced by those of the pool: where IIS expands `%NAME%`, in its worker process. */
function environmentOf(inherited: Environment, pool: PoolConfig | undefined): Environment {
  if (pool === undefined || pool.environmentVariables.length === 0) return inherited
  return { ...inherited, ...Object.fromEntries(pool.environmentVariables.map(({ name, value }) => [name, value])) }
}
