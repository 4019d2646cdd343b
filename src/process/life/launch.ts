import type { ProcessConfig } from '../../config/model.ts'
import type { OrphanGuard } from '../system/orphan-guard.ts'
import type { StartupHook } from '../command/startup-hooks.ts'

/** Everything about an application that a start of its process needs to know; frozen, the same for all its processes. */
export interface Launch {
  readonly config: ProcessConfig
  /** Absolute; the child's working directory. */
  readonly physicalPath: string
  /** `/` or `/sub`, without a trailing slash. */
  readonly applicationPath: string
  readonly site: { readonly name: string; readonly id: number }
  /** The daemon's environment. */
  readonly inherited: Readonly<Record<string, string | undefined>>
  /** The site's one https port; undefined when it has none, or several. */
  readonly httpsPort: number | undefined
  /** What the app is to load before its own code, where it can. */
  readonly startupHooks?: readonly StartupHook[]
  /** Ends what we started when the daemon is killed. */
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
