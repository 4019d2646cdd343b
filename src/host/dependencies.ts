import type { FrontSettingsMaker } from './front-settings.ts'
import type { Fronts } from './fronts.ts'
import type { RefusalLog } from '../site/refusal-log.ts'
import type { AccessLogs } from '../site/modules/access-log/access-logs.ts'
import type { OpenUpstream } from '../forward/forwarder.ts'
import type { FrontLimits } from '../listen/limits.ts'
import type { OpenProtocol } from '../listen/protocol.ts'
import type { Log } from '../log/entry.ts'
import type { Clock } from '../platform/clock.ts'
import type { InheritedSockets } from '../platform/systemd/inherited-sockets.ts'
import type { OrphanGuard } from '../process/system/orphan-guard.ts'
import type { AccessLogOption } from '../site/modules/access-log/access-logs.ts'
import type { Module } from '../site/modules/module.ts'
import type { RequestMeters } from '../site/metering/request-meters.ts'
import type { LiveOutputs } from '../stdout/live/live-outputs.ts'
import type { LogFiles } from '../stdout/log-files.ts'
import type { AppOutput } from './host.ts'

/** Everything that a ProxyHost takes from outside, so that a test can replace it. */
export interface HostDependencies {
  readonly log: Log
  readonly clock: Clock
  /** The daemon's own environment: the applications inherit it, and `%NAME%` in web.config reads it. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The daemon's version, as `status` shows it. */
  readonly version?: string
  /** The daemon's process id. */
  readonly pid: number
  /** Ends every application when the daemon is killed; the ProxyHost closes it. */
  readonly guard: OrphanGuard | undefined
  /** The engine's name, for the log. */
  readonly engine: string
  /** True: an application whose web.config breaks while it runs goes on with the old one. False: it answers 500.19. */
  readonly keepsOnBrokenConfig: boolean
  readonly openProtocol: OpenProtocol
  readonly openUpstream: OpenUpstream
  /** For applications with `upstreamProtocol="h2c"`. */
  readonly openHttp2Upstream: OpenUpstream
  /** Those that `<webLimits>` of the host file may replace. Default: `frontLimits`. */
  readonly limits?: FrontLimits
  /** Default: every module in `site/modules.ts`. */
  readonly modules?: readonly Module[]
  /** Receives the applications' output besides their log files; undefined: only the log files receive it. */
  readonly appOutput: AppOutput | undefined
  /** Counts the requests of each application; undefined: nobody wants to know. */
  readonly meters?: RequestMeters | undefined
  /** The stdout logs of all applications; undefined: they have no limits, and are not opened anew. */
  readonly stdoutLogs?: LogFiles | undefined
  /** The latest output of every application; undefined: nobody can read it. */
  readonly outputs?: LiveOutputs | undefined
  /** The access log of every site; undefined: only sites with `<logFile>` have one. */
  readonly accessLog?: AccessLogOption | undefined
  /** Sockets that the service manager has opened for the bindings; undefined: it has opened none. */
  readonly inheritedSockets?: InheritedSockets | undefined
}

/** Everything that a HostedSites takes from the ProxyHost. */
export interface HostedSitesParts {
  readonly dependencies: HostDependencies
  readonly refusals: RefusalLog
  readonly fronts: Fronts
  readonly accessLogs: AccessLogs
  /** The host file; undefined without one. */
  readonly hostFile: string | undefined
  readonly frontSettings: FrontSettingsMaker
}
