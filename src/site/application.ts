import type { WebConfig } from '../config/model.ts'
import type { Problem } from '../config/problems.ts'
import * as events from '../log/events.ts'
import type { Result } from '../platform/result.ts'
import type { ApplicationDependencies } from './application-dependencies.ts'
import type { ApplicationStatus } from './application-status.ts'
import { ChangeMonitor } from './changes/change-monitor.ts'
import { ChangeQueue } from './changes/change-queue.ts'
import { composeModules } from './compose-modules.ts'
import { ConfigReport } from './config-report.ts'
import { gateEnd } from './gate-end.ts'
import type { ModuleSteps } from './modules/module.ts'
import { Offline, readOfflinePage } from './offline.ts'
import type { RequestHandler } from './pipeline.ts'
import type { Presence, RetireReason } from './presence.ts'
import { DrainingPresences } from './draining-presences.ts'
import { recycleOneByOne } from './rolling-recycle.ts'
import { Serving } from './serving.ts'

type Loaded = Result<WebConfig, readonly Problem[]>

/**
 * One application of a site. Life: as long as the site; it outlives every recycle and has exactly one presence at any
 * time. A new presence is in place before the old one is asked to retire, so every request is answered. The old one
 * drains in the background under its own deadline, and close() waits for it too. Changes happen one after the other.
 * The handler passes each request through the modules of the configuration and then to the presence.
 */
export class Application {
  readonly #dependencies: ApplicationDependencies
  readonly #draining = new DrainingPresences()
  readonly #changes: ChangeQueue
  readonly #configReport: ConfigReport
  #presence: Presence
  #web: WebConfig | undefined
  /** The module steps of the configuration that was loaded last; undefined before the first load. */
  #steps: readonly ModuleSteps[] | undefined
  #handler: RequestHandler
  #monitor: ChangeMonitor | undefined
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
      const stack = error instanceof Error ? error.stack : undefined
      events.bug(log, { where: 'application change', error: String(error), stack })
    })
    // Only a placeholder: open() replaces it before the application is given any request.
    this.#presence = dependencies.openFaulted([])
    this.#handler = this.#handlerFor(this.#presence, [])
  }

  get status(): ApplicationStatus {
    const { id, config } = this.#dependencies
    const presences = [this.#presence, ...this.#draining.presences]
    const processes = presences.flatMap((presence) => (presence instanceof Serving ? presence.processes : []))
    return { id, path: config.path, physicalPath: config.physicalPath, presence: this.#presence.name, processes }
  }

  /**
   * The handler under the configuration in force. The pipeline reads it anew for each exchange, and uses that handler
   * until the exchange is over.
   */
  get handler(): RequestHandler {
    return this.#handler
  }

  /** Loads the configuration again and, where it can be used, replaces the processes by new ones. */
  recycle(reason: string): void {
    this.#changes.add(() => this.#renew(reason, 'recycle'))
  }

  /** Stops gracefully; resolves when no process of this application is left. Idempotent. */
  async close(): Promise<void> {
    this.#stopChanges()
    await this.#shutdownDelay()
    if (!this.#destroyed) this.#draining.add(this.#presence, 'host-stop')
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
    const { config, source, clock } = this.#dependencies
    this.#monitor = await ChangeMonitor.open(
      { own: config.physicalPath, parents: source.parents },
      {
        onConfigChange: (what) => {
          this.#changes.add(() => this.#configChanged(what))
        },
        onOfflineChange: () => {
          this.#changes.add(() => this.#offlineChanged())
        },
        onRestart: (file) => {
          this.#changes.add(() => this.#renew(`${file} was touched`, 'recycle'))
        },
      },
      clock,
    )
    await this.#offlineChanged()
    if (this.#presence.name === 'offline') return
    const loaded = await this.#dependencies.source.load()
    this.#install(this.#presenceFor(loaded), loaded)
  }

  #stopChanges(): void {
    this.#closed = true
    this.#changes.end()
    this.#monitor?.close()
  }

  async #configChanged(what: string): Promise<void> {
    const { handlerSettings } = this.#web?.process ?? {}
    const ignored = this.#presence.name === 'serving' && handlerSettings?.disallowRotationOnConfigChange === true
    if (!ignored) await this.#renew(what, 'config-change')
  }

  /** Puts a new Serving or Faulted in the place of the present one, unless the application is offline. */
  async #renew(why: string, reason: RetireReason): Promise<void> {
    if (this.#presence.name === 'offline') return
    const { log, id, keepsOnBrokenConfig } = this.#dependencies
    const loaded = await this.#dependencies.source.load()
    if (this.#isClosed()) return
    const old = this.#presence
    if (!loaded.ok && old.name === 'serving' && keepsOnBrokenConfig) {
      this.#configReport.rejected(loaded.failure, true)
      return
    }
    const next = this.#presenceFor(loaded)
    const takeOver = (): void => {
      this.#install(next, loaded)
      if (old.name === 'faulted' && loaded.ok)
        events.configAccepted(log, { app: id, file: loaded.value.files.at(-1) ?? '' })
      if (old.name === 'serving' && loaded.ok) events.applicationRecycled(log, { app: id, reason: why })
      this.#draining.add(old, reason)
    }
    if (!(next instanceof Serving && old instanceof Serving)) {
      takeOver()
      return
    }
    // A start may take long, and must not hold up the next change.
    const outcome = await this.#changes.runSupersedable((supersession) =>
      recycleOneByOne({ next, old, reason, takeOver, ...supersession }),
    )
    if (this.#presence !== next) {
      this.#draining.add(next, reason)
      if (this.#destroyed) next.destroy()
    }
    if (outcome === 'failed') events.recycleStopped(log, { app: id, reason: why, processes: this.#ready })
    // This recycle is carried out later if the newer change turns out to need none. If the newer change installs a
    // presence, that drops the deferred recycle.
    if (outcome === 'superseded') this.#changes.defer(() => this.#renew(why, reason))
  }

  async #offlineChanged(): Promise<void> {
    const file = this.#monitor?.offlineFile
    const present = this.#presence
    if (file === undefined) {
      if (present instanceof Offline) await this.#goOnline(present)
      return
    }
    const page = await readOfflinePage(file, this.#dependencies.clock)
    // An application that is offline from the beginning also sends the headers that its web.config asks for. The
    // problems of this web.config are reported when the application goes online.
    this.#steps ??= this.#stepsFor(await this.#dependencies.source.load())
    if (this.#isClosed() || this.#monitor?.offlineFile === undefined) return
    if (present instanceof Offline) present.show(page)
    else {
      events.applicationOffline(this.#dependencies.log, { app: this.#dependencies.id, file })
      // From here on nothing is awaited, so that no exchange reaches the retired presence.
      this.#draining.add(present, 'app-offline')
      this.#presence = new Offline(page, this.#draining.gone(), this.#dependencies.onRefused)
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
    events.applicationOnline(this.#dependencies.log, { app: this.#dependencies.id })
  }

  #install(presence: Presence, loaded: Loaded): void {
    this.#presence = presence
    this.#web = loaded.ok ? loaded.value : undefined
    this.#steps = this.#stepsFor(loaded)
    this.#handler = this.#handlerFor(presence, this.#steps)
    this.#changes.dropDeferred()
  }

  #stepsFor(loaded: Loaded): readonly ModuleSteps[] {
    return this.#dependencies.stepsFor(loaded.ok ? loaded.value : undefined)
  }

  #handlerFor(presence: Presence, steps: readonly ModuleSteps[]): RequestHandler {
    const end = presence.name === 'serving' ? gateEnd(this.#dependencies.onRefused) : undefined
    // The presence may change while a gate is waiting, so it is looked up after the gates.
    return composeModules(steps, { pass: (exchange) => this.#presence.serve(exchange), end })
  }

  get #ready(): number {
    return this.#presence instanceof Serving ? this.#presence.ready : 0
  }

  #isClosed(): boolean {
    return this.#closed
  }

  #presenceFor(loaded: Loaded): Presence {
    const { openServing, openFaulted } = this.#dependencies
    if (!loaded.ok) {
      this.#configReport.rejected(loaded.failure, false)
      return openFaulted(loaded.failure)
    }
    this.#configReport.notices(loaded.value.notices)
    return openServing(
      loaded.value,
      // The exchange has passed the modules already, under the configuration that was in force when it came.
      (exchange) => this.#presence.serve(exchange),
      () => this.#draining.gone(),
    )
  }

  /** Waits for the time of the handler setting shutdownDelay, during which requests are still served. */
  #shutdownDelay(): Promise<void> {
    const delayMs = this.#presence.name === 'serving' ? (this.#web?.process.handlerSettings.shutdownDelay ?? 0) : 0
    if (delayMs === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#dependencies.clock.after(delayMs, resolve)
    })
  }
}
