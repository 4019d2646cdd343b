import { loadWebConfig } from '../config/web-config.ts'
import type { ApplicationConfig, WebConfig } from '../config/model.ts'
import { type Problem, problemLine } from '../config/problems.ts'
import type { Exchange } from '../http/exchange.ts'
import * as events from '../log/events.ts'
import type { Log } from '../log/log.ts'
import type { Clock } from '../platform/clock.ts'
import type { Result } from '../platform/result.ts'
import { ChangeMonitor } from './change-monitor.ts'
import type { Faulted } from './faulted.ts'
import type { Destination } from './pipeline.ts'
import type { Presence, RetireReason } from './presence.ts'
import type { ProcessStatus, Serving } from './serving.ts'

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

/**
 * The holder of one application. Life: as long as its site; it outlives every recycle and holds exactly one presence at any
 * time. The new presence is in place before the old one is asked to retire, so there is no instant without an answer; the old
 * one drains in the background under its own deadline, and close() waits for it too.
 */
export class Application implements Destination {
  readonly #parts: ApplicationParts
  readonly #retiring = new Set<Promise<void>>()
  readonly #old = new Set<Presence>()
  #presence: Presence
  #web: WebConfig | undefined
  #monitor: ChangeMonitor | undefined
  /** Changes happen one after the other. */
  #changing: Promise<void> = Promise.resolve()
  #closed = false

  static async open(parts: ApplicationParts): Promise<Application> {
    const application = new Application(parts, await load(parts))
    application.#monitor = await ChangeMonitor.open(
      { own: parts.config.physicalPath, parents: parts.parents },
      {
        onConfigChange: (file) => {
          application.#reload(file)
        },
      },
      parts.clock,
    )
    return application
  }

  private constructor(parts: ApplicationParts, loaded: Result<WebConfig, readonly Problem[]>) {
    this.#parts = parts
    this.#presence = this.#presenceFor(loaded)
  }

  get status(): ApplicationStatus {
    const { id, config } = this.#parts
    const present = this.#presence
    const processes = [present, ...this.#old].flatMap((presence) => (isServing(presence) ? presence.processes : []))
    return { id, path: config.path, physicalPath: config.physicalPath, presence: present.name, processes }
  }

  serve(exchange: Exchange): Promise<void> | undefined {
    return this.#presence.serve(exchange)
  }

  /** The configuration is read anew and, where it can be used, a new process takes over. */
  recycle(reason: string): void {
    this.#change(async () => {
      await this.#replace(reason, 'recycle')
    })
  }

  /** Stops gently; resolves when no process of this application is left. Twice is once. */
  async close(): Promise<void> {
    this.#end()
    await this.#changing
    this.#retire(this.#presence, 'host-stop')
    await Promise.all(this.#retiring)
  }

  /** Ends everything now. Twice is once. */
  destroy(): void {
    this.#end()
    this.#presence.destroy()
    for (const presence of this.#old) presence.destroy()
  }

  #end(): void {
    this.#closed = true
    this.#monitor?.close()
    this.#monitor = undefined
  }

  #reload(file: string): void {
    const keep =
      this.#presence.name === 'serving' && this.#web?.process.handlerSettings.disallowRotationOnConfigChange === true
    if (keep) return
    this.#change(async () => {
      await this.#replace(`${file} changed`, 'config-change')
    })
  }

  #change(act: () => Promise<void>): void {
    this.#changing = this.#changing.then(act).catch((error: unknown) => {
      events.bug(this.#parts.log, {
        where: 'application change',
        error: String(error),
        stack: error instanceof Error ? error.stack : undefined,
      })
    })
  }

  async #replace(why: string, reason: RetireReason): Promise<void> {
    if (this.#closed) return
    const { log, id } = this.#parts
    const loaded = await load(this.#parts)
    if (this.#isClosed()) return
    const old = this.#presence
    this.#presence = this.#presenceFor(loaded)
    if (old.name === 'faulted' && loaded.ok) events.configAccepted(log, { app: id, file: loaded.value.files[0] ?? '' })
    if (old.name === 'serving' && loaded.ok) events.applicationRecycled(log, { app: id, reason: why })
    this.#retire(old, reason)
  }

  #isClosed(): boolean {
    return this.#closed
  }

  #presenceFor(loaded: Result<WebConfig, readonly Problem[]>): Presence {
    const { log, id, openServing, openFaulted } = this.#parts
    if (!loaded.ok) {
      this.#web = undefined
      const file = loaded.failure[0]?.file ?? this.#parts.config.physicalPath
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

  #retire(presence: Presence, reason: RetireReason): void {
    this.#old.add(presence)
    const retiring = presence.retire(reason).finally(() => {
      this.#old.delete(presence)
      this.#retiring.delete(retiring)
    })
    this.#retiring.add(retiring)
  }
}

function load(parts: ApplicationParts): Promise<Result<WebConfig, readonly Problem[]>> {
  return loadWebConfig({
    physicalPath: parts.config.physicalPath,
    virtualPath: parts.config.path,
    parents: parts.parents,
    environment: parts.environment,
  })
}

function isServing(presence: Presence): presence is Serving {
  return presence.name === 'serving'
}
