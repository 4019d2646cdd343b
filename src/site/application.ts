import type { WebConfig } from '../config/model.ts'
import { type Problem, problemLine } from '../config/problems.ts'
import * as events from '../log/events.ts'
import type { Result } from '../platform/result.ts'
import type { ApplicationParts, ApplicationStatus } from './application-parts.ts'
import { ChangeMonitor } from './change-monitor.ts'
import { Changes } from './changes.ts'
import { composeModules } from './compose-modules.ts'
import { gateEnd } from './gate-end.ts'
import type { ModuleSteps } from './modules/module.ts'
import { Offline, readOfflinePage } from './offline.ts'
import type { RequestHandler } from './pipeline.ts'
import type { Presence, RetireReason } from './presence.ts'
import { DrainingPresences } from './draining-presences.ts'
import { roll } from './roll.ts'
import { Serving } from './serving.ts'

type Loaded = Result<WebConfig, readonly Problem[]>

/**
 * The holder of one application. Life: as long as its site; it outlives every recycle and holds exactly one presence at any
 * time. The new presence is in place before the old one is asked to retire, so there is no instant without an answer; the old
 * one drains in the background under its own deadline, and close() waits for it too. Changes happen one after the other.
 * Before the presence stand the modules of its configuration, in one handler with it.
 */
export class Application {
  readonly #parts: ApplicationParts
  readonly #retired = new DrainingPresences()
  readonly #changes: Changes
  #presence: Presence
  #web: WebConfig | undefined
  /** Of the configuration that was looked at last; undefined until one has been. */
  #steps: readonly ModuleSteps[] | undefined
  #handler: RequestHandler
  #monitor: ChangeMonitor | undefined
  /** Told already; a recycle says nothing twice. */
  readonly #noticed = new Set<string>()
  #closed = false
  #destroyed = false

  static async open(parts: ApplicationParts): Promise<Application> {
    const application = new Application(parts)
    await application.#open()
    return application
  }

  private constructor(parts: ApplicationParts) {
    this.#parts = parts
    this.#changes = new Changes((error) => {
      const stack = error instanceof Error ? error.stack : undefined
      events.bug(parts.log, { where: 'application change', error: String(error), stack })
    })
    // Replaced before anybody can ask.
    this.#presence = parts.openFaulted([])
    this.#handler = this.#handlerFor(this.#presence, [])
  }

  get status(): ApplicationStatus {
    const { id, config } = this.#parts
    const presences = [this.#presence, ...this.#retired.presences]
    const processes = presences.flatMap((presence) => (presence instanceof Serving ? presence.processes : []))
    return { id, path: config.path, physicalPath: config.physicalPath, presence: this.#presence.name, processes }
  }

  /** Who answers just now, behind the modules of the configuration in force. Each exchange asks anew, and keeps what it got. */
  get handler(): RequestHandler {
    return this.#handler
  }

  /** The configuration is read anew and, where it can be used, a new process takes over. */
  recycle(reason: string): void {
    this.#changes.add(() => this.#renew(reason, 'recycle'))
  }

  /** Stops gently; resolves when no process of this application is left. Idempotent. */
  async close(): Promise<void> {
    this.#end()
    await this.#shutdownDelay()
    if (!this.#destroyed) this.#retired.add(this.#presence, 'host-stop')
    await this.#retired.allGone()
    await this.#parts.closeLog()
  }

  /** Ends everything now. Idempotent. */
  destroy(): void {
    this.#destroyed = true
    this.#end()
    for (const presence of [this.#presence, ...this.#retired.presences]) presence.destroy()
  }

  async #open(): Promise<void> {
    const { config, source, clock } = this.#parts
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
    const loaded = await this.#parts.source.load()
    this.#show(this.#presenceFor(loaded), loaded)
  }

  #end(): void {
    this.#closed = true
    this.#changes.end()
    this.#monitor?.close()
  }

  async #configChanged(what: string): Promise<void> {
    const { handlerSettings } = this.#web?.process ?? {}
    const ignored = this.#presence.name === 'serving' && handlerSettings?.disallowRotationOnConfigChange === true
    if (!ignored) await this.#renew(what, 'config-change')
  }

  /** A new Serving or Faulted in the present one's place; an offline application is looked at when it comes back. */
  async #renew(why: string, reason: RetireReason): Promise<void> {
    if (this.#presence.name === 'offline') return
    const { log, id, keepsOnBrokenConfig } = this.#parts
    const loaded = await this.#parts.source.load()
    if (this.#isClosed()) return
    const old = this.#presence
    if (!loaded.ok && old.name === 'serving' && keepsOnBrokenConfig) {
      this.#reject(loaded.failure, true)
      return
    }
    const next = this.#presenceFor(loaded)
    const begin = (): void => {
      this.#show(next, loaded)
      if (old.name === 'faulted' && loaded.ok)
        events.configAccepted(log, { app: id, file: loaded.value.files.at(-1) ?? '' })
      if (old.name === 'serving' && loaded.ok) events.applicationRecycled(log, { app: id, reason: why })
      this.#retired.add(old, reason)
    }
    if (!(next instanceof Serving && old instanceof Serving)) {
      begin()
      return
    }
    // The next change does not wait for a start that may never end.
    const outcome = await this.#changes.inHaste((haste) => roll({ next, old, reason, begin, ...haste }))
    if (this.#presence !== next) {
      this.#retired.add(next, reason)
      if (this.#destroyed) next.destroy()
    }
    if (outcome === 'failed') events.recycleStopped(log, { app: id, reason: why, processes: this.#ready })
    // A change that comes to nothing must not have cost this one; one that takes over has done what this one wanted.
    if (outcome === 'overtaken') this.#changes.owe(() => this.#renew(why, reason))
  }

  async #offlineChanged(): Promise<void> {
    const file = this.#monitor?.offlineFile
    const present = this.#presence
    if (file === undefined) {
      if (present instanceof Offline) await this.#goOnline(present)
      return
    }
    const page = await readOfflinePage(file, this.#parts.clock)
    // One that is offline from the beginning has the headers that its web.config asks for, too; its problems are told later.
    this.#steps ??= this.#stepsFor(await this.#parts.source.load())
    if (this.#isClosed() || this.#monitor?.offlineFile === undefined) return
    if (present instanceof Offline) present.show(page)
    else {
      events.applicationOffline(this.#parts.log, { app: this.#parts.id, file })
      // In one tick, so that nobody finds the retired one.
      this.#retired.add(present, 'app-offline')
      this.#presence = new Offline(page, this.#retired.gone(), this.#parts.onRefused)
      this.#handler = this.#handlerFor(this.#presence, this.#steps)
    }
  }

  async #goOnline(offline: Offline): Promise<void> {
    // The old process may still hold the port that the new one wants; and what was deployed meanwhile counts.
    await offline.gone
    const loaded = await this.#parts.source.load()
    if (this.#isClosed() || this.#monitor?.offlineFile !== undefined) return
    this.#show(this.#presenceFor(loaded), loaded)
    events.applicationOnline(this.#parts.log, { app: this.#parts.id })
  }

  #show(presence: Presence, loaded: Loaded): void {
    this.#presence = presence
    this.#web = loaded.ok ? loaded.value : undefined
    this.#steps = this.#stepsFor(loaded)
    this.#handler = this.#handlerFor(presence, this.#steps)
    this.#changes.settle()
  }

  #stepsFor(loaded: Loaded): readonly ModuleSteps[] {
    return this.#parts.stepsFor(loaded.ok ? loaded.value : undefined)
  }

  #handlerFor(presence: Presence, steps: readonly ModuleSteps[]): RequestHandler {
    const end = presence.name === 'serving' ? gateEnd(this.#parts.onRefused) : undefined
    // Whoever is present when the gates have made up their minds.
    return composeModules(steps, { pass: (exchange) => this.#presence.serve(exchange), end })
  }

  get #ready(): number {
    return this.#presence instanceof Serving ? this.#presence.ready : 0
  }

  #isClosed(): boolean {
    return this.#closed
  }

  #presenceFor(loaded: Loaded): Presence {
    const { log, id, openServing, openFaulted } = this.#parts
    if (!loaded.ok) {
      this.#reject(loaded.failure, false)
      return openFaulted(loaded.failure)
    }
    for (const notice of loaded.value.notices) {
      const line = problemLine(notice)
      if (!this.#noticed.has(line)) events.configNotice(log, { app: id, ...notice })
      this.#noticed.add(line)
    }
    return openServing(
      loaded.value,
      // It has passed the modules, under the configuration in force when it came.
      (exchange) => this.#presence.serve(exchange),
      () => this.#retired.gone(),
    )
  }

  #reject(problems: readonly Problem[], kept: boolean): void {
    const { log, id, config } = this.#parts
    const file = problems[0]?.file ?? config.physicalPath
    events.configRejected(log, { app: id, file, kept, problems: problems.map(problemLine) })
  }

  /** handlerSetting shutdownDelay: what is under way, and what comes on open connections, is served meanwhile. */
  #shutdownDelay(): Promise<void> {
    const ms = this.#presence.name === 'serving' ? (this.#web?.process.handlerSettings.shutdownDelay ?? 0) : 0
    if (ms === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#parts.clock.after(ms, resolve)
    })
  }
}
