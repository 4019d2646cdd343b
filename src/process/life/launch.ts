import type { PoolConfig, ProcessConfig } from '../../config/model.ts'
import type { OrphanGuard } from '../system/orphan-guard.ts'
import type { StartupHook } from '../command/startup-hooks.ts'
import type { AuthenticationScheme } from '../command/user-hook.ts'

/**
 * Everything needed to start a process of an application; frozen, and the same for all of the application's processes.
 */
export interface Launch {
  readonly config: ProcessConfig
  /** Absolute; the child's working directory. */
  readonly physicalPath: string
  /** `/` or `/sub`, without a trailing slash. */
  readonly applicationPath: string
  readonly site: { readonly name: string; readonly id: number }
  /** The daemon's own environment variables, which its child processes inherit. */
  readonly inherited: Readonly<Record<string, string | undefined>>
  /** The application's pool; undefined without pools. */
  readonly pool?: PoolConfig | undefined
  /** The host file; undefined without one. */
  readonly hostFile?: string | undefined
  /** The site's one https port; undefined when it has none, or several. */
  readonly httpsPort: number | undefined
  /** Assemblies that the app loads before its own code, if it can. */
  readonly startupHooks?: readonly StartupHook[]
  /** The kinds of authentication that are enabled here. Absent: anonymous alone. */
  readonly authentication?: readonly AuthenticationScheme[]
  /** False: the app is told that it gets no WebSockets. */
  readonly webSockets?: boolean
  /** The orphan guard, which kills the processes if the daemon itself is killed; undefined when none runs. */
  readonly guard: Pick<OrphanGuard, 'instance' | 'watch' | 'forget'> | undefined
}

/** IIS's id of an application, `/LM/W3SVC/1/ROOT/sub`. */
export function applicationId(launch: Pick<Launch, 'site' | 'applicationPath'>): string {
  const sub = launch.applicationPath === '/' ? '' : launch.applicationPath
  return `/LM/W3SVC/${String(launch.site.id)}/ROOT${sub}`
}

/** IIS's configuration path of an application, `MACHINE/WEBROOT/APPHOST/www/sub`. */
export function applicationConfigPath(launch: Pick<Launch, 'site' | 'applicationPath'>): string {
  const sub = launch.applicationPath === '/' ? '' : launch.applicationPath
  return `MACHINE/WEBROOT/APPHOST/${launch.site.name}${sub}`
}
