import type { ApplicationConfig, BindingConfig, SiteConfig } from '../config/model.ts'
import type { Exchange } from '../http/exchange.ts'
import { SiteConnections } from '../http/site-connections.ts'
import * as events from '../log/events.ts'
import { ok, type Result } from '../platform/result.ts'
import { Application } from '../site/application.ts'
import { applicationStatus } from '../site/application-status.ts'
import type { TlsSecurity } from '../listen/tls/tls-security.ts'
import type { StartMode } from '../site/presence.ts'
import type { RefusalLog } from '../site/refusal-log.ts'
import type { AccessLogs } from '../site/modules/access-log/access-logs.ts'
import { type SitePlacement, SiteTable, type Unrouted } from '../site/site-table.ts'
import { bindingChanges, urlOf } from './binding-urls.ts'
import type { HostDependencies } from './dependencies.ts'
import type { PreparedFronts } from './front-change.ts'
import type { Fronts } from './fronts.ts'
import type { HostStartFailure, ReloadReport, SiteStatus } from './host.ts'
import { applicationDependencies, openApplicationLog } from './open-application.ts'
import {
  type ApplicationChange,
  applicationChanges,
  endedApplications,
  type HostedApplication,
  type HostedSite,
  httpsPorts,
  type OpenApplication,
} from './site-changes.ts'

/** Everything that a HostedSites takes from the ProxyHost. */
export interface HostedSitesParts {
  readonly dependencies: HostDependencies
  readonly refusals: RefusalLog
  readonly fronts: Fronts
  readonly accessLogs: AccessLogs
  /** The host file; undefined without one. */
  readonly hostFile: string | undefined
  /** What TlsFacts.settings is for connections of this binding; undefined for http. */
  readonly securityOf: (binding: BindingConfig) => TlsSecurity | undefined
}

/**
 * The sites under the configuration in force: their applications, their bindings, and the table that finds the
 * application for a request. Life: change() for each configuration, one after the other, until end() or destroy(); owned
 * by the ProxyHost. What a new configuration leaves as it is keeps its objects: an application its processes, a listener
 * its connections.
 */
export class HostedSites {
  readonly #parts: HostedSitesParts
  #sites: readonly HostedSite[] = []
  #table = new SiteTable<Application | 'pool-stopped'>([])
  /** Applications that are hosted no more, until their last process has ended. */
  readonly #leaving = new Map<Application, Promise<void>>()
  /** By site id: the count goes on when a site gets other settings. */
  readonly #connections = new Map<number, SiteConnections>()
  /** The TLS settings of all bindings. */
  #securities: ReadonlySet<TlsSecurity> = new Set()
  #isEnded = false

  constructor(parts: HostedSitesParts) {
    this.#parts = parts
  }

  /** The application that a request is for, or why there is none. */
  find(exchange: Exchange): Application | Unrouted | 'pool-stopped' {
    return this.#table.find(exchange)
  }

  /** The id of the site that a request is for, though no application of it may be; undefined: none. */
  siteOf(exchange: Exchange): number | undefined {
    return this.#table.siteOf(exchange)
  }

  /**
   * Puts sites into force: first opens what is new, then stops using what is not needed any more, which ends in the
   * background. After a failure, and if end() or destroy() was called meanwhile, everything is as it was; in the latter
   * case there is no report.
   */
  async change(
    configs: readonly SiteConfig[],
    reason: string,
  ): Promise<Result<ReloadReport | undefined, HostStartFailure>> {
    const changes = applicationChanges(this.#sites, configs)
    const opened: Application[] = []
    const hosted: HostedApplication[] = []
    for (const change of changes) {
      const { id, config, act, before } = change
      const open = act === 'stop' ? undefined : act === 'open' ? await this.#open(change) : before
      if (act === 'open' && open !== undefined) opened.push(open.application)
      hosted.push({ id, config, open })
    }
    const fronts = await this.#parts.fronts.prepare(configs)
    if (fronts.ok && !this.#isEnded) return ok(this.#commit(configs, changes, hosted, fronts.value, reason))
    for (const application of opened) application.destroy()
    if (!fronts.ok) return fronts
    await fronts.value.abandon()
    return ok(undefined)
  }

  /**
   * Makes the site table anew, and withdraws the TLS settings that no binding has any more; called when the security of
   * bindings has changed, because files of TLS were renewed.
   */
  renewTable(): void {
    const placements = this.#sites.map((site) => placementOf(site, this.#parts.securityOf))
    this.#table = new SiteTable(placements)
    const before = this.#securities
    this.#securities = new Set(placements.flatMap(({ bindings }) => bindings.flatMap(({ tls }) => tls ?? [])))
    for (const security of before) if (!this.#securities.has(security)) security.withdraw()
  }

  recycle(reason: string): void {
    for (const application of this.#applications) application.recycle(reason)
  }

  /** Allows no change from now on; resolves when every application has drained and ended. */
  async end(): Promise<void> {
    this.#isEnded = true
    await Promise.all([...this.#applications.map((application) => application.close()), ...this.#leaving.values()])
  }

  destroy(): void {
    this.#isEnded = true
    for (const application of [...this.#applications, ...this.#leaving.keys()]) application.destroy()
  }

  get status(): readonly SiteStatus[] {
    return this.#sites.map(({ config: { name, id }, applications, bindings }) => ({
      name,
      id,
      urls: bindings.map(urlOf),
      applications: applications.map(
        ({ id, config, open }) => open?.application.status ?? applicationStatus(id, config),
      ),
    }))
  }

  get #applications(): readonly Application[] {
    return this.#sites.flatMap(({ applications }) => applications.flatMap(({ open }) => open?.application ?? []))
  }

  async #open({ site, config, id }: ApplicationChange): Promise<OpenApplication> {
    const { dependencies, refusals, hostFile, accessLogs } = this.#parts
    const log = openApplicationLog(id, dependencies)
    const connections = this.#connectionsOf(site.id)
    const httpsPort = (): number | undefined => this.#httpsPort(site.id)
    const frame = { dependencies, refusals, log, connections, hostFile, httpsPort, accessLogs }
    return { application: await Application.open(applicationDependencies(site, config, frame)), frame }
  }

  #connectionsOf(siteId: number): SiteConnections {
    const connections = this.#connections.get(siteId) ?? new SiteConnections()
    this.#connections.set(siteId, connections)
    return connections
  }

  #commit(
    configs: readonly SiteConfig[],
    changes: readonly ApplicationChange[],
    hosted: readonly HostedApplication[],
    fronts: PreparedFronts,
    reason: string,
  ): ReloadReport {
    const before = this.#sites
    let next = 0
    const sites = configs.map((config) => {
      const applications = hosted.slice(next, (next += config.applications.length))
      return { config, applications, bindings: fronts.bindingsOf(config) }
    })
    this.#sites = sites
    const ids = new Set(configs.map(({ id }) => id))
    for (const id of this.#connections.keys()) if (!ids.has(id)) this.#connections.delete(id)
    fronts.commit()
    this.renewTable()
    // From here on every request finds its application in the new configuration.
    for (const change of changes) this.#putIntoForce(change, reason)
    for (const { open, config } of hosted) open?.application.startProcesses(startModeOf(config))
    const ended = endedApplications(before, changes)
    for (const { id, config, open } of ended) {
      const { path, physicalPath } = config
      events.applicationRemoved(this.#parts.dependencies.log, { app: id, path, physicalPath })
      if (open !== undefined) this.#leave(open.application)
    }
    this.#announce(before, sites)
    return { ...reportOf(changes, ended), ...bindingChanges(before, sites) }
  }

  #putIntoForce({ act, id, site, config, before }: ApplicationChange, reason: string): void {
    if (act === 'reconfigure' && before !== undefined)
      before.application.reconfigure(applicationDependencies(site, config, before.frame), reason)
    const { path, physicalPath } = config
    if (act === 'open') events.applicationAdded(this.#parts.dependencies.log, { app: id, path, physicalPath })
  }

  #leave(application: Application): void {
    const gone = application.close().finally(() => this.#leaving.delete(application))
    this.#leaving.set(application, gone)
  }

  #announce(before: readonly HostedSite[], after: readonly HostedSite[]): void {
    const { log, engine, inheritedSockets } = this.#parts.dependencies
    const old = new Set(before.flatMap(({ bindings }) => bindings.map(urlOf)))
    for (const open of after.flatMap(({ bindings }) => bindings)) {
      const url = urlOf(open)
      if (old.has(url)) continue
      if (inheritedSockets !== undefined && !open.front.isInherited) events.socketNotInherited(log, { url })
      events.listening(log, { url, port: open.front.port, address: open.binding.address ?? '*', engine })
    }
  }

  #httpsPort(siteId: number): number | undefined {
    const site = this.#sites.find(({ config }) => config.id === siteId)
    const open = site?.bindings.map(({ binding, front }) => ({ protocol: binding.protocol, port: front.port })) ?? []
    const [port, ...others] = httpsPorts(open)
    return others.length === 0 ? port : undefined
  }
}

function startModeOf({ pool, preloadEnabled }: ApplicationConfig): StartMode {
  if (pool?.startMode === 'AlwaysRunning') return 'always-running'
  return preloadEnabled === true ? 'preloaded' : 'on-demand'
}

function placementOf(
  { config, applications, bindings }: HostedSite,
  securityOf: HostedSitesParts['securityOf'],
): SitePlacement<Application | 'pool-stopped', TlsSecurity> {
  return {
    id: config.id,
    isStopped: config.serverAutoStart === false,
    bindings: bindings.map(({ front, binding, address }) => {
      return { address, port: front.port, hostName: binding.hostName, tls: securityOf(binding) }
    }),
    applications: applications.map(({ config: { path }, open }) => {
      return { path, application: open?.application ?? 'pool-stopped' }
    }),
  }
}

function reportOf(
  changes: readonly ApplicationChange[],
  ended: readonly HostedApplication[],
): Pick<ReloadReport, 'added' | 'removed' | 'changed' | 'kept'> {
  const idsOf = (act: ApplicationChange['act']): readonly string[] =>
    changes.filter((change) => change.act === act).map(({ id }) => id)
  const removed = ended.map(({ id }) => id)
  return { added: idsOf('open'), removed, changed: idsOf('reconfigure'), kept: idsOf('keep') }
}
