import type { ApplicationConfig, SiteConfig } from '../config/model.ts'
import type { Exchange } from '../http/exchange.ts'
import * as controlEvents from '../log/control-events.ts'
import * as events from '../log/events.ts'
import { ok, type Result } from '../platform/result.ts'
import { Application } from '../site/application.ts'
import { type ApplicationHistory, applicationStatus, newHistory } from '../site/application-status.ts'
import type { TlsSecurity } from '../listen/tls/tls-security.ts'
import type { SiteLimitsInForce } from '../site/modules/module.ts'
import type { FindElsewhere } from '../site/routing/other-application.ts'
import { SiteTable, type Unrouted } from '../site/routing/site-table.ts'
import { announceBindings, bindingChanges, urlOf } from './binding-urls.ts'
import type { HostedSitesParts } from './dependencies.ts'
import type { PreparedFronts } from './front-change.ts'
import type { HostStartFailure, ReloadReport, SiteStatus } from './host.ts'
import { LeavingApplications } from './operations/leaving-applications.ts'
import { applicationDependencies, openApplicationLog } from './open-application.ts'
import {
  type ApplicationChange,
  applicationChanges,
  endedApplications,
  type HostedApplication,
  type HostedSite,
  keyOf,
  httpsPortOf,
  newLimits,
  ofKey,
  type OpenApplication,
  placementOf,
  renewLimits,
  reportOf,
  startModeOf,
  startsStopped,
} from './site-changes.ts'
import { type StoppedApplication, stoppedApplication } from './stopped-application.ts'

/**
 * The sites under the configuration in force: their applications, their bindings, and the table that finds the
 * application for a request. Life: change() for each configuration, one after the other, until end() or destroy(); owned
 * by the ProxyHost. What a new configuration leaves as it is keeps its objects: an application its processes, a listener
 * its connections.
 */
export class HostedSites {
  readonly #parts: HostedSitesParts
  #sites: readonly HostedSite[] = []
  #table = new SiteTable<Application | StoppedApplication>([])
  readonly #leaving = new LeavingApplications()
  /** By key, until the daemon ends: what an operator has asked for last. */
  readonly #asked = new Map<string, 'stopped' | 'started'>()
  readonly #histories = new Map<string, ApplicationHistory>()
  /** By site id: other limits are put into place, and the count of connections goes on. */
  readonly #limits = new Map<number, SiteLimitsInForce>()
  /** The TLS settings of all bindings. */
  #securities: ReadonlySet<TlsSecurity> = new Set()
  #isEnded = false

  constructor(parts: HostedSitesParts) {
    this.#parts = parts
  }

  /** The application that a request is for, or why there is none. */
  find(exchange: Exchange): Application | StoppedApplication | Unrouted {
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
    const changes = applicationChanges(this.#sites, configs, this.#isStopped)
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
    const { frontSettings } = this.#parts
    const stopped = (id: string, site: number): StoppedApplication => stoppedApplication(id, site, this.#parts)
    const placements = this.#sites.map((site) =>
      placementOf(site, (binding) => frontSettings.securityOf(binding), stopped),
    )
    this.#table = new SiteTable(placements)
    const before = this.#securities
    this.#securities = new Set(placements.flatMap(({ bindings }) => bindings.flatMap(({ tls }) => tls ?? [])))
    for (const security of before) if (!this.#securities.has(security)) security.withdraw()
  }

  /** The application that is hosted under this id; letter case means nothing. */
  hosted(id: string): (HostedApplication & { readonly site: SiteConfig }) | undefined {
    const all = this.#sites.flatMap(({ config: site, applications }) => applications.map((own) => ({ ...own, site })))
    return all.find((hosted) => keyOf(hosted.id) === keyOf(id))
  }

  /** Stops one application, as by an operator; its processes end in the background. Call it between two changes. */
  stop(id: string): void {
    this.#asked.set(keyOf(id), 'stopped')
    const open = this.hosted(id)?.open
    if (open === undefined) return
    this.#replace(id, undefined)
    controlEvents.applicationStopped(this.#parts.dependencies.log, { app: id })
    this.#leaving.add(id, open.application)
  }

  /** Ends a stop, whether by an operator or by the configuration. Call it between two changes. */
  async start(id: string): Promise<void> {
    this.#asked.set(keyOf(id), 'started')
    const { site, config, open } = this.hosted(id) ?? {}
    if (site === undefined || config === undefined || open !== undefined) return
    const opened = await this.#open({ id, site, config, before: undefined, act: 'open' })
    if (this.#isEnded) return opened.application.destroy()
    this.#replace(id, opened)
    controlEvents.applicationStarted(this.#parts.dependencies.log, { app: id })
  }

  /** Resolves when no process is left of an application with this id that was stopped or taken out. */
  readonly gone = (id: string): Promise<void> => this.#leaving.gone(id)

  recycle(reason: string): void {
    for (const application of this.#applications) application.recycle(reason)
  }

  /** Allows no change from now on; resolves when every application has drained and ended. */
  async end(): Promise<void> {
    this.#isEnded = true
    await Promise.all([...this.#applications.map((application) => application.close()), this.#leaving.allGone()])
  }

  destroy(): void {
    this.#isEnded = true
    for (const application of this.#applications) application.destroy()
    this.#leaving.destroy()
  }

  get status(): readonly SiteStatus[] {
    return this.#sites.map(({ config: { name, id }, applications, bindings }) => ({
      name,
      id,
      urls: bindings.map(urlOf),
      applications: applications.map(
        ({ id, config, open }) => open?.application.status ?? this.#stoppedStatus(id, config),
      ),
    }))
  }

  get #applications(): readonly Application[] {
    return this.#sites.flatMap(({ applications }) => applications.flatMap(({ open }) => open?.application ?? []))
  }

  async #open({ site, config, id }: ApplicationChange): Promise<OpenApplication> {
    const { dependencies, refusals, hostFile, accessLogs, frontSettings } = this.#parts
    const log = openApplicationLog(id, dependencies)
    const siteLimits = ofKey(this.#limits, site.id, () => newLimits(site))
    const history = ofKey(this.#histories, keyOf(id), newHistory)
    const httpsPort = (): number | undefined => httpsPortOf(this.#sites.find(({ config }) => config.id === site.id))
    const trustsProxies = (): boolean => frontSettings.trustsProxies
    const elsewhere: FindElsewhere = (exchange) => {
      const found = this.find(exchange)
      if (typeof found === 'string') return found
      return found instanceof Application && found.parts.dependencies.id === id ? undefined : found.handler
    }
    const ofSite = { siteLimits, httpsPort, elsewhere, accessLogs, trustsProxies }
    const frame = { dependencies, refusals, log, history, hostFile, ...ofSite }
    return { application: await Application.open(applicationDependencies(site, config, frame)), frame }
  }

  #isStopped = (id: string, site: SiteConfig, config: ApplicationConfig): boolean => {
    const asked = site.serverAutoStart === false ? undefined : this.#asked.get(keyOf(id))
    return asked === undefined ? startsStopped(site, config) : asked === 'stopped'
  }

  #replace(id: string, open: OpenApplication | undefined): void {
    this.#sites = this.#sites.map((site) => ({
      ...site,
      applications: site.applications.map((hosted) => (keyOf(hosted.id) === keyOf(id) ? { ...hosted, open } : hosted)),
    }))
    this.renewTable()
  }

  #stoppedStatus(id: string, config: ApplicationConfig): SiteStatus['applications'][number] {
    return {
      ...applicationStatus(id, config, ofKey(this.#histories, keyOf(id), newHistory)),
      processes: this.#leaving.processesOf(id),
    }
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
    this.#parts.dependencies.outputs?.retain(hosted.map(({ id }) => id))
    renewLimits(this.#limits, configs)
    fronts.commit()
    this.renewTable()
    // From here on every request finds its application in the new configuration.
    for (const change of changes) this.#putIntoForce(change, reason)
    for (const { open, config } of hosted) open?.application.startProcesses(startModeOf(config))
    const ended = endedApplications(before, changes)
    for (const { id, config, open } of ended) {
      const { path, physicalPath } = config
      events.applicationRemoved(this.#parts.dependencies.log, { app: id, path, physicalPath })
      if (open !== undefined) this.#leaving.add(id, open.application)
    }
    announceBindings(this.#parts.dependencies, before, sites)
    return { ...reportOf(changes, ended), ...bindingChanges(before, sites) }
  }

  #putIntoForce({ act, id, site, config, before }: ApplicationChange, reason: string): void {
    if (act === 'reconfigure' && before !== undefined)
      before.application.reconfigure(applicationDependencies(site, config, before.frame), reason)
    const { path, physicalPath } = config
    if (act === 'open') events.applicationAdded(this.#parts.dependencies.log, { app: id, path, physicalPath })
  }
}
