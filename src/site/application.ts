import type { WebConfig } from '../config/model.ts'
import * as events from '../log/events.ts'
import { reportBug } from '../log/report-bug.ts'
import { delay } from '../platform/pause.ts'
import type { ApplicationDependencies, ApplicationParts, LoadedConfig } from './application-dependencies.ts'
import { applicationStatus, type ApplicationStatus } from './application-status.ts'
import type { ChangeMonitor } from './changes/change-monitor.ts'
import { ChangeQueue } from './changes/change-queue.ts'
import { watchInQueue } from './changes/watch-in-queue.ts'
import { ConfigReport } from './config-report.ts'
import { firstSteps, handlerOf } from './gate-end.ts'
import { makePresence } from './make-presence.ts'
import { Offline, readOfflinePage } from './offline.ts'
import { type ApplicationSteps, noSteps } from './compose-parts.ts'
import type { RequestHandler } from './pipeline.ts'
import type { Presence, RetireReason, StartMode } from './presence.ts'
import { DrainingPresences } from './draining-presences.ts'
import { type RecycleFailure, recycleOneByOne } from './rolling-recycle.ts'
import { Serving } from './serving.ts'

/**
 * One application of a site. Life: as long as the site; it outlives every recycle and has exactly one presence at any
 * time. A new presence is in place before the old one is asked to retire, so every request is answered. The old one
 * drains in the background under its own deadline, and close() waits for it too. Changes happen one after the other.
 * The handler passes each request through the modules of the configuration and then to the presence.
 */
export class Application {
  #dependencies: ApplicationDependencies
  readonly #draining = new DrainingPresences()
  readonly #changes: ChangeQueue
  #configReport: ConfigReport
  #presence: Presence
  #web: WebConfig | undefined
  /** The module steps of the configuration that was loaded last; undefined before the first load. */
  #steps: ApplicationSteps | undefined
  #handler: RequestHandler
  #monitor: ChangeMonitor | undefined
  #starts: StartMode = 'on-demand'
  #closed = false
  #destroyed = false

  static async open(dependencies: ApplicationDependencies): Promise<Application> {
    const application = new Application(dependencies)
    await application.#open()
    return application
  }

  private constructor(dependencies: ApplicationDependencies) {
    this.#dependencies = dependencies
    const { log, id, config } = dependencies
    this.#configReport = new ConfigReport(log, id, config.physicalPath)
    this.#changes = new ChangeQueue((error) => {
      reportBug(log, 'application change', error)
    })
    this.#presence = dependencies.openFaulted([]) // Replaced before the application is given any request.
    this.#handler = this.#handlerFor(this.#presence, noSteps)
  }

  get status(): ApplicationStatus {
    const { id, config, history } = this.#dependencies
    return applicationStatus(id, config, history, [this.#presence, ...this.#draining.presences])
  }

  /** What operations look at; each is replaced by others as time goes on. */
  get parts(): ApplicationParts {
    const [dependencies, monitor] = [this.#dependencies, this.#monitor]
    return { dependencies, monitor, presence: this.#presence, draining: this.#draining, changes: this.#changes }
  }

  /**
   * The handler under the configuration in force. The pipeline reads it anew for each exchange, and uses that handler
   * until the exchange is over.
   */
  get handler(): RequestHandler {
    return this.#handler
  }

  /** Loads the configuration again and, where it can be used, replaces the processes by new ones. */
  recycle(reason: string, onFailure?: (failure: RecycleFailure) => void): void {
    this.#changes.add(() => this.#renew(reason, 'recycle', onFailure))
  }

  /** Puts other settings into force: as in a recycle, new processes take over from the old ones. */
  reconfigure(dependencies: ApplicationDependencies, reason: string): void {
    this.#changes.add(() => this.#reconfigure(dependencies, reason))
  }

  /** Says from now on when processes are started. */
  startProcesses(mode: StartMode): void {
    this.#starts = mode
    if (this.#presence instanceof Serving) this.#presence.startAhead(mode)
  }

  /** Stops gracefully; resolves when no process of this application is left. Idempotent. */
  async close(reason: RetireReason = 'host-stop'): Promise<void> {
    this.#stopChanges()
    // Requests are still served during the time of the handler setting shutdownDelay.
    const { shutdownDelay = 0 } = this.#web?.process.handlerSettings ?? {}
    if (this.#presence.name === 'serving') await delay(this.#dependencies.clock, shutdownDelay)
    if (!this.#destroyed) this.#draining.add(this.#presence, reason)
    await this.#draining.allGone()
    await this.#dependencies.closeLog()
  }

  /** Ends everything now. Idempotent. */
  destroy(): void {
    this.#destroyed = true
    this.#stopChanges()
    for (const presence of [this.#presence, ...this.#draining.presences]) presence.destroy()
  }

  async #open(): Promise<void> {
    this.#monitor = await this.#watch()
    await this.#offlineChanged()
    if (this.#presence.name === 'offline') return
    const loaded = await this.#dependencies.source.load()
    this.#install(this.#presenceFor(loaded), loaded)
  }

  async #reconfigure(dependencies: ApplicationDependencies, reason: string): Promise<void> {
    const { log, id, config } = dependencies
    this.#dependencies = dependencies
    this.#configReport = new ConfigReport(log, id, config.physicalPath)
    const before = this.#monitor
    this.#monitor = await this.#watch()
    before?.close()
    if (this.#closed) this.#monitor.close()
    const wasOffline = this.#presence.name === 'offline'
    await this.#offlineChanged()
    if (!wasOffline) await this.#renew(reason, 'config-change')
  }

  #watch(): Promise<ChangeMonitor> {
    const { config, source, clock } = this.#dependencies
    return watchInQueue({ own: config.physicalPath, parents: source.parents }, clock, this.#changes, {
      configChanged: (what) => this.#configChanged(what),
      offlineChanged: () => this.#offlineChanged(),
      restarted: (file) => this.#renew(`${file} was touched`, 'recycle'),
    })
  }

  #stopChanges(): void {
    this.#closed = true
    this.#changes.end()
    this.#monitor?.close()
  }

  async #configChanged(what: string): Promise<void> {
    const { handlerSettings } = this.#web?.process ?? {}
    if (this.#presence.name === 'serving' && handlerSettings?.disallowRotationOnConfigChange === true) return
    await this.#renew(what, 'config-change')
  }

  /** Puts a new Serving or Faulted in the place of the present one, unless the application is offline. */
  async #renew(why: string, reason: RetireReason, onFailure?: (failure: RecycleFailure) => void): Promise<void> {
    if (this.#presence.name === 'offline') return
    const { log, id, keepsOnBrokenConfig, history } = this.#dependencies
    const loaded = await this.#dependencies.source.load()
    if (this.#isClosed()) return
    const old = this.#presence
    if (!loaded.ok && old.name === 'serving' && keepsOnBrokenConfig) {
      this.#configReport.rejected(loaded.failure, true)
      onFailure?.({ problems: loaded.failure })
      return
    }
    const next = this.#presenceFor(loaded)
    const takeOver = (): void => {
      history.recycles++
      this.#install(next, loaded)
      if (loaded.ok) this.#configReport.accepted(old.name, loaded.value, why)
      this.#draining.add(old, reason)
    }
    if (!(next instanceof Serving && old instanceof Serving)) {
      takeOver()
      return
    }
    // A start may take long, and must not hold up the next change.
    const recycle = { next, old, reason, takeOver }
    const outcome = await this.#changes.runSupersedable((waiting) => recycleOneByOne({ ...recycle, ...waiting }))
    if (this.#presence !== next) {
      this.#draining.add(next, reason)
      if (this.#destroyed) next.destroy()
    }
    const processes = this.#presence instanceof Serving ? this.#presence.ready : 0
    if (outcome === 'failed') {
      events.recycleStopped(log, { app: id, reason: why, processes })
      onFailure?.({ start: next.pool.history.lastFailure })
    }
    // This recycle is carried out later if the newer change turns out to need none. If the newer change installs a
    // presence, that drops the deferred recycle.
    if (outcome === 'superseded') this.#changes.defer(() => this.#renew(why, reason, onFailure))
  }

  async #offlineChanged(): Promise<void> {
    const { log, id, clock, onRefused } = this.#dependencies
    const [file, present] = [this.#monitor?.offlineFile, this.#presence]
    if (file === undefined) return present instanceof Offline ? this.#goOnline(present) : undefined
    const page = await readOfflinePage(file)
    // An application that is offline from the beginning also sends the headers that its web.config asks for. The
    // problems of this web.config are reported when the application goes online.
    this.#steps ??= await firstSteps(this.#dependencies)
    if (page === undefined || this.#isClosed() || this.#monitor?.offlineFile === undefined) return
    if (present instanceof Offline) present.show(page)
    else {
      events.applicationOffline(log, { app: id, file })
      // Nothing is awaited from here on, so that no exchange reaches the retired presence.
      this.#draining.add(present, 'app-offline')
      this.#presence = new Offline(page, this.#draining.gone(), clock, onRefused)
      this.#handler = this.#handlerFor(this.#presence, this.#steps)
    }
  }

  async #goOnline(offline: Offline): Promise<void> {
    // The old process may still hold the port that the new one needs. The configuration is loaded only afterwards, so
    // that a deployment in the meantime counts.
    await offline.gone
    const loaded = await this.#dependencies.source.load()
    if (this.#isClosed() || this.#monitor?.offlineFile !== undefined) return
    this.#install(this.#presenceFor(loaded), loaded)
    offline.replacedBy(this.#presence)
    events.applicationOnline(this.#dependencies.log, { app: this.#dependencies.id })
  }

  #install(presence: Presence, loaded: LoadedConfig): void {
    this.#presence = presence
    this.#web = loaded.ok ? loaded.value : undefined
    this.#steps = this.#dependencies.stepsFor(this.#web)
    this.#handler = this.#handlerFor(presence, this.#steps)
    this.#changes.dropDeferred()
    if (presence instanceof Serving) presence.startAhead(this.#starts)
  }

  #handlerFor(presence: Presence, steps: ApplicationSteps): RequestHandler {
    // The presence may change while a gate is waiting, so it is looked up after the gates.
    return handlerOf(steps, this.#dependencies, presence.name, (exchange) => this.#presence.serve(exchange))
  }

  #isClosed = (): boolean => this.#closed

  #presenceFor(loaded: LoadedConfig): Presence {
    return makePresence(loaded, this.#dependencies, {
      report: this.#configReport,
      // The exchange has passed the modules already, under the configuration that was in force when it came.
      redispatch: (exchange) => this.#presence.serve(exchange),
      predecessorsGone: () => this.#draining.gone(),
    })
  }
}
