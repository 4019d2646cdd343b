import type { ApplicationConfig, BindingConfig, SiteConfig } from '../config/model.ts'
import { sameSettings } from '../config/same-settings.ts'
import { applicationId } from '../process/life/launch.ts'
import { SiteConnections } from '../http/site-connections.ts'
import type { Application } from '../site/application.ts'
import type { TlsSecurity } from '../listen/tls/tls-security.ts'
import type { SiteLimitsInForce } from '../site/modules/module.ts'
import type { StartMode } from '../site/presence.ts'
import type { SitePlacement } from '../site/routing/site-table.ts'
import type { OpenBinding } from './front-change.ts'
import type { ReloadReport } from './host.ts'
import type { ApplicationFrame } from './open-application.ts'
import type { StoppedApplication } from './stopped-application.ts'

/** A site under the configuration in force. */
export interface HostedSite {
  readonly config: SiteConfig
  readonly applications: readonly HostedApplication[]
  readonly bindings: readonly OpenBinding[]
}

export interface HostedApplication {
  readonly id: string
  readonly config: ApplicationConfig
  /** Undefined while its site or its pool is stopped. */
  readonly open: OpenApplication | undefined
}

export interface OpenApplication {
  readonly application: Application
  /** What stays when it gets other settings. */
  readonly frame: ApplicationFrame
}

/** What a new configuration means for one application. */
export interface ApplicationChange {
  readonly id: string
  readonly site: SiteConfig
  readonly config: ApplicationConfig
  /** Undefined: there was no such application, or it was stopped. */
  readonly before: OpenApplication | undefined
  /** `stop`: it is hosted, but its site or its pool is stopped. */
  readonly act: 'open' | 'keep' | 'reconfigure' | 'stop'
}

/** Compares the sites by value: which applications are new, have other settings, or stay as they are. */
export function applicationChanges(
  before: readonly HostedSite[],
  sites: readonly SiteConfig[],
  isStopped: (id: string, site: SiteConfig, config: ApplicationConfig) => boolean = (_, site, config) =>
    startsStopped(site, config),
): readonly ApplicationChange[] {
  const known = new Map<string, { readonly site: SiteConfig; readonly hosted: HostedApplication }>()
  for (const { config: site, applications } of before) {
    for (const hosted of applications) known.set(keyOf(hosted.id), { site, hosted })
  }
  return sites.flatMap((site) =>
    site.applications.map((config) => {
      const id = applicationId({ site, applicationPath: config.path })
      const old = known.get(keyOf(id))
      const change = { id, site, config, before: old?.hosted.open }
      if (isStopped(id, site, config)) return { ...change, act: 'stop' as const }
      if (old?.hosted.open === undefined) return { ...change, act: 'open' as const }
      const isSame = sameSettings(settingsOf(old.site, old.hosted.config), settingsOf(site, config))
      return { ...change, act: isSame ? ('keep' as const) : ('reconfigure' as const) }
    }),
  )
}

/** The applications of `before` that are not hosted any more, or whose site or pool is stopped now. */
export function endedApplications(
  before: readonly HostedSite[],
  changes: readonly ApplicationChange[],
): readonly HostedApplication[] {
  const living = new Set(changes.filter(({ act }) => act !== 'stop').map(({ id }) => keyOf(id)))
  return before.flatMap(({ applications }) =>
    applications.filter(({ id, open }) => open !== undefined && !living.has(keyOf(id))),
  )
}

/** The ports of the https bindings of a site, each once. */
export function httpsPorts(bindings: readonly { readonly protocol: string; readonly port: number }[]): Set<number> {
  return new Set(bindings.filter(({ protocol }) => protocol === 'https').map(({ port }) => port))
}

/** Which processes of an application are started before a request needs them. */
export function startModeOf({ pool, preloadEnabled }: ApplicationConfig): StartMode {
  if (pool?.startMode === 'AlwaysRunning') return 'always-running'
  return preloadEnabled === true ? 'preloaded' : 'on-demand'
}

/**
 * The site as the site table has it.
 *
 * @param securityOf what TlsFacts.settings is for connections of this binding; undefined for http
 * @param stopped what stands for an application of this site that is stopped
 */
export function placementOf(
  { config, applications, bindings }: HostedSite,
  securityOf: (binding: BindingConfig) => TlsSecurity | undefined,
  stopped: (id: string, site: number) => StoppedApplication,
): SitePlacement<Application | StoppedApplication, TlsSecurity> {
  return {
    id: config.id,
    isStopped: config.serverAutoStart === false,
    bindings: bindings.map(({ front, binding, address }) => {
      return { address, port: front.port, hostName: binding.hostName, tls: securityOf(binding) }
    }),
    applications: applications.map(({ id, config: { path }, open }) => {
      return { path, application: open?.application ?? stopped(id, config.id) }
    }),
  }
}

/** The applications in the report of a reload. */
export function reportOf(
  changes: readonly ApplicationChange[],
  ended: readonly HostedApplication[],
): Pick<ReloadReport, 'added' | 'removed' | 'changed' | 'kept'> {
  const idsOf = (act: ApplicationChange['act']): readonly string[] =>
    changes.filter((change) => change.act === act).map(({ id }) => id)
  const removed = ended.map(({ id }) => id)
  return { added: idsOf('open'), removed, changed: idsOf('reconfigure'), kept: idsOf('keep') }
}

/** Whether the configuration says that the application is not started. */
export function startsStopped({ serverAutoStart }: SiteConfig, { pool }: ApplicationConfig): boolean {
  return serverAutoStart === false || pool?.autoStart === false
}

/** The key of an application's id: letter case means nothing in its path. */
export function keyOf(id: string): string {
  return id.toLowerCase()
}

/** Everything that an application depends on: a difference here is a reason to replace its processes. */
function settingsOf(site: SiteConfig, config: ApplicationConfig): unknown {
  const { bindings, applications, ...ofSite } = site
  const parents = applications.filter(({ path }) => path === '/' || config.path.startsWith(`${path}/`))
  const folders = new Map(parents.map(({ path, physicalPath }) => [path, physicalPath]))
  // The access log is no concern of the applications, they read the limits from where a reload puts them, and one that
  // is stopped is told by `act`.
  return {
    ...ofSite,
    logFile: undefined,
    limits: undefined,
    serverAutoStart: undefined,
    config,
    folders,
    httpsPorts: [...httpsPorts(bindings)].sort(),
  }
}

/** The limits of a site that is new, which has no connections yet. */
export function newLimits({ limits }: SiteConfig): SiteLimitsInForce {
  return { limits, connections: new SiteConnections() }
}

/** Puts the limits of a new configuration into force, and forgets those of sites that it has not. */
export function renewLimits(limits: Map<number, SiteLimitsInForce>, configs: readonly SiteConfig[]): void {
  const sites = new Map(configs.map((site) => [site.id, site]))
  for (const [id, inForce] of limits) {
    const site = sites.get(id)
    if (site === undefined) limits.delete(id)
    else inForce.limits = site.limits
  }
}

/** The value of a key; one that is made and kept, if there is none. */
export function ofKey<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const value = map.get(key) ?? make()
  map.set(key, value)
  return value
}

/** The one https port of a site, which its processes are told; undefined when it has none, or several. */
export function httpsPortOf(site: HostedSite | undefined): number | undefined {
  const open = site?.bindings.map(({ binding, front }) => ({ protocol: binding.protocol, port: front.port })) ?? []
  const [port, ...others] = httpsPorts(open)
  return others.length === 0 ? port : undefined
}
