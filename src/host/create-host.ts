import { type LoadedHostFile, loadHostFileWith } from '../config/host-file/load.ts'
import type { HostConfig } from '../config/model.ts'
import type { Log } from '../log/entry.ts'
import * as events from '../log/events.ts'
import { systemClock } from '../platform/clock.ts'
import { openFileLimit } from '../platform/open-files.ts'
import { version } from '../platform/package-folder.ts'
import type { InheritedSockets } from '../platform/systemd/inherited-sockets.ts'
import { OrphanGuard } from '../process/system/orphan-guard.ts'
import type { AccessLogOption } from '../site/modules/access-log/access-logs.ts'
import { modules, sectionsOf } from '../site/modules.ts'
import { LogFiles, type StdoutLogLimits } from '../stdout/log-files.ts'
import { defaultEngine, type EngineName, loadEngine } from './engine.ts'
import type { AppOutput, Host } from './host.ts'
import { frontLimitsFor } from './limits.ts'
import { ProxyHost } from './proxy-host.ts'

export interface CreateHostOptions {
  readonly log: Log
  /** The applications inherit it, and `%NAME%` in web.config reads it. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** This process's id, as it is shown in `status`, in the names of stdout logs and in the lines of debugFile. */
  readonly pid: number
  /** Receives the applications' output besides their log files. Default: only the log files receive it. */
  readonly appOutput?: AppOutput
  /**
   * What happens when a web.config breaks while its application runs. True: the application goes on with the old one.
   * False, the default: it answers 500.19, as in IIS.
   */
  readonly keepsOnBrokenConfig?: boolean
  /** Default: `wire`. */
  readonly engine?: EngineName
  /** An access log of every site, besides those that `<logFile>` of the host file asks for. Default: none. */
  readonly accessLog?: AccessLogOption
  /** Limits of the files that `stdoutLogFile` names. Default: none. */
  readonly stdoutLogLimits?: StdoutLogLimits
  /** Sockets that the service manager has opened for the bindings; the host closes them. Default: none. */
  readonly inheritedSockets?: InheritedSockets | undefined
}

/** Makes a host for these sites and loads the engine's code. Nothing is opened before `start()`. */
export async function createHost(config: HostConfig, options: CreateHostOptions): Promise<Host> {
  const { log, environment, pid, appOutput, accessLog, keepsOnBrokenConfig = false, engine = defaultEngine } = options
  const { stdoutLogLimits = {}, inheritedSockets } = options
  const { openProtocol, openUpstream, openHttp2Upstream } = await loadEngine(engine, systemClock)
  return new ProxyHost(config, {
    log,
    clock: systemClock,
    environment,
    pid,
    version: version(),
    guard: new OrphanGuard((reason) => {
      events.guardFailed(log, { reason })
    }),
    engine,
    openProtocol,
    openUpstream,
    openHttp2Upstream,
    keepsOnBrokenConfig,
    limits: frontLimitsFor(openFileLimit()),
    appOutput,
    accessLog,
    stdoutLogs: new LogFiles(stdoutLogLimits),
    inheritedSockets,
  })
}

/**
 * Reads a host file, which has the shape of IIS's applicationHost.config, for createHost() or `Host.reload()`. Collects
 * every problem of it and of the files that it includes. Looks at no folder of an application: one that is missing keeps
 * its application from running, and no other one.
 *
 * @param path absolute, or relative to the current folder
 * @param environment from which `%NAME%` is expanded, as `process.env`
 */
export function loadHostFile(
  path: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<LoadedHostFile> {
  return loadHostFileWith(path, { environment, sections: sectionsOf(modules) })
}
