import { readFile } from 'node:fs/promises'
import type { ApplicationConfig, WebConfig } from '../config/model.ts'
import { type Problem, problemLine } from '../config/problems.ts'
import { loadWebConfig } from '../config/web-config.ts'
import type { Exchange } from '../http/exchange.ts'
import * as events from '../log/events.ts'
import type { Log } from '../log/log.ts'
import type { Clock } from '../platform/clock.ts'
import type { Result } from '../platform/result.ts'
import type { ProcessStatus } from '../process/process-pool.ts'
import { ChangeMonitor } from './change-monitor.ts'
import type { Faulted } from './faulted.ts'
import { Offline } from './offline.ts'
import type { Destination } from './pipeline.ts'
import type { Presence, RetireReason } from './presence.ts'
import { Serving } from './serving.ts'

export interface ApplicationParts {
  readonly config: ApplicationConfig
  /** IIS's application id, `/LM/W3SVC/<site>/ROOT[/sub]`. */
  readonly id: string
  /** Folders of the applications above this one, outermost first. */
  readonly parents: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly log: Log
  readonly clock: Clock
  readonly openServing: (web: WebConfig, redispatch: (exchange: Exchange) => Promise<void> | undefined) => Serving
  readonly openFaulted: (problems: readonly Problem[]) => Faulted
}

export interface ApplicationStatus {
  readonly id: string
  readonly path: string
  readonly physicalPath: string
  readonly presence: Presence['name']
  readonly processes: readonly ProcessStatus[]
}

type Loaded = Result<WebConfig, readonly Problem[]>

/**
 * The holder of one application. Life: as long as its site; it outlives every recycle and holds exactly one presence at any
 * time. The new presence is in place before the old one is asked to retire, so there is no instant without an answer; the old
 * one drains in the background under its own deadline, and close() waits for it too. Changes happen one after the other.
 */
export class Application implements Destination {
  readonly #parts: ApplicationParts
  readonly #retiring = new Map<Presence, Promise<void>>()
  #presence: Presence
  #web: WebConfig | undefined
  #monitor: ChangeMonitor | undefined
  #changing: Promise<void> = Promise.resolve()
  #closed = false

  static async open(parts: ApplicationParts): Promise<Application> {
    const application = new Application(parts)
    await application.#open()
    return application
  }

  private constructor(parts: ApplicationParts) {
    this.#parts = parts
    // Replaced before anybody can ask.
    this.#presence = parts.openFaulted([])
  }

  get status(): ApplicationStatus {
    const { id, config } = this.#parts
    const presences = [this.#presence, ...this.#retiring.keys()]
    const processes = presences.flatMap((presence) => (presence instanceof Serving ? presence.processes : []))
    return { id, path: config.path, physicalPath: config.physicalPath, presence: this.#presence.name, processes }
  }

  serve(exchange: Exchange): Promise<void> | undefined {
    return this.#presence.serve(exchange)
  }

  /** The configuration is read anew and, where it can be used, a new process takes over. */
  recycle(reason: string): void {
    this.#change(() => this.#renew(reason, 'recycle'))
  }

  /** Stops gently; resolves when no process of this application is left. Twice is once. */
  async close(): Promise<void> {
    this.#end()
    void this.#retire(this.#presence, 'host-stop')
    await Promise.all(this.#retiring.values())
  }

  /** Ends everything now. Twice is once. */
  destroy(): void {
    this.#end()
    for (const presence of [this.#presence, ...this.#retiring.keys()]) presence.destroy()
  }

  async #open(): Promise<void> {
    const { config, parents, clock } = this.#parts
    this.#monitor = await ChangeMonitor.open(
      { own: config.physicalPath, parents },
      {
        onConfigChange: (file) => {
          this.#change(() => this.#configChanged(file))
        },
        onOfflineChange: () => {
          this.#change(() => this.#offlineChanged())
        },
        onRestart: (file) => {
          this.#change(() => this.#renew(`${file} was touched`, 'recycle'))
        },
      },
      clock,
    )
    await this.#offlineChanged()
    if (this.#presence.name !== 'offline') this.#presence = this.#presenceFor(await this.#load())
  }

  #end(): void {
    this.#closed = true
    this.#monitor?.close()
  }

  #change(act: () => Promise<void>): void {
    this.#changing = this.#changing
      .then(() => (this.#closed ? undefined : act()))
      .catch((error: unknown) => {
        const stack = error instanceof Error ? error.stack : undefined
        events.bug(this.#parts.log, { where: 'application change', error: String(error), stack })
      })
  }

  async #configChanged(file: string): Promise<void> {
    const { handlerSettings } = this.#web?.process ?? {}
    const ignored = this.#presence.name === 'serving' && handlerSettings?.disallowRotationOnConfigChange === true
    if (!ignored) await this.#renew(`${file} changed`, 'config-change')
  }

  /** A new Serving or Faulted in the present one's place; an offline application is looked at when it comes back. */
  async #renew(why: string, reason: RetireReason): Promise<void> {
    if (this.#presence.name === 'offline') return
    const { log, id } = this.#parts
    const loaded = await this.#load()
    if (this.#isClosed()) return
    const old = this.#presence
    this.#presence = this.#presenceFor(loaded)
    if (old.name === 'faulted' && loaded.ok)
      events.configAccepted(log, { app: id, file: loaded.value.files.at(-1) ?? '' })
    if (old.name === 'serving' && loaded.ok) events.applicationRecycled(log, { app: id, reason: why })
    void this.#retire(old, reason)
  }

  async #offlineChanged(): Promise<void> {
    const file = this.#monitor?.offlineFile
    const present = this.#presence
    if (file === undefined) {
      if (present instanceof Offline) await this.#goOnline(present)
      return
    }
    // A file that cannot be read counts too: the page is empty then, as in ANCM.
    const page = await readFile(file).catch(() => new Uint8Array())
    if (this.#isClosed()) return
    if (present instanceof Offline) present.show(page)
    else {
      events.applicationOffline(this.#parts.log, { app: this.#parts.id, file })
      // In one tick, so that nobody finds the retired one.
      this.#presence = new Offline(page, this.#retire(present, 'app-offline'))
    }
  }

  async #goOnline(offline: Offline): Promise<void> {
    // The old process may still hold the port that the new one wants; and what was deployed meanwhile counts.
    await offline.gone
    const loaded = await this.#load()
    if (this.#isClosed() || this.#monitor?.offlineFile !== undefined) return
    this.#presence = this.#presenceFor(loaded)
    events.applicationOnline(this.#parts.log, { app: this.#parts.id })
  }

  #isClosed(): boolean {
    return this.#closed
  }

  #presenceFor(loaded: Loaded): Presence {
    const { log, id, openServing, openFaulted, config } = this.#parts
    if (!loaded.ok) {
      this.#web = undefined
      const file = loaded.failure[0]?.file ?? config.physicalPath
      events.configRejected(log, { app: id, file, problems: loaded.failure.map(problemLine) })
      return openFaulted(loaded.failure)
    }
    this.#web = loaded.value
    for (const { file, line, column, text, cure, level } of loaded.value.notices) {
      const whole = cure === undefined ? text : `${text} ${cure}`
      events.configNotice(log, { app: id, file, line, column, text: whole, warning: level === 'warning' })
    }
    return openServing(loaded.value, (exchange) => this.serve(exchange))
  }

  #retire(presence: Presence, reason: RetireReason): Promise<void> {
    const retiring = presence.retire(reason).finally(() => this.#retiring.delete(presence))
    this.#retiring.set(presence, retiring)
    return retiring
  }

  #load(): Promise<Loaded> {
    const { config, parents, environment } = this.#parts
    const { physicalPath, path: virtualPath } = config
    return loadWebConfig({ physicalPath, virtualPath, parents, environment })
  }
}
