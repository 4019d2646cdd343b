import type { SiteConfig } from '../../config/model.ts'
import { failed, type Result } from '../../platform/result.ts'
import type { Application } from '../../site/application.ts'
import type { ApplicationStatus } from '../../site/application-status.ts'
import {
  bringOnline,
  recycleApplication,
  startApplication,
  takeOffline,
  writeOfflineIn,
} from '../../site/operations/operate.ts'
import type {
  ApplicationOperation,
  OperationFailure,
  OperationOptions,
  OperationReport,
} from '../../site/operations/operation.ts'

/** What operations need of the sites that are hosted. */
export interface OperatedSites {
  hosted(id: string):
    | {
        /** As the configuration spells it. */
        readonly id: string
        readonly site: SiteConfig
        readonly config: { readonly physicalPath: string }
        /** Undefined while the application is stopped. */
        readonly open: { readonly application: Application } | undefined
      }
    | undefined
  stop(id: string): void
  start(id: string): Promise<void>
  gone(id: string): Promise<void>
}

type Outcome = Result<OperationReport, OperationFailure>

/**
 * Carries out what operators ask of applications; operations on one application one after the other. Life: that of the
 * host, which owns it.
 */
export class Operations {
  readonly #sites: OperatedSites
  readonly #isRunning: () => boolean
  readonly #serially: (act: () => void | Promise<void>) => Promise<void>
  /** The end of the operation that was asked for last, by application. */
  readonly #last = new Map<string, Promise<unknown>>()

  /** @param serially carries `act` out when no change of the configuration is being carried out */
  constructor(
    sites: OperatedSites,
    isRunning: () => boolean,
    serially: (act: () => void | Promise<void>) => Promise<void>,
  ) {
    this.#sites = sites
    this.#isRunning = isRunning
    this.#serially = serially
  }

  carryOut(operation: ApplicationOperation, id: string, options: OperationOptions): Promise<Outcome> {
    const key = id.toLowerCase()
    const outcome = (this.#last.get(key) ?? Promise.resolve()).then(() => this.#carryOut(operation, id, options))
    const last = outcome
      .catch(() => undefined)
      .finally(() => {
        if (this.#last.get(key) === last) this.#last.delete(key)
      })
    this.#last.set(key, last)
    return outcome
  }

  async #carryOut(operation: ApplicationOperation, asked: string, options: OperationOptions): Promise<Outcome> {
    if (!this.#isRunning()) return failed({ why: 'not-running' })
    const hosted = this.#sites.hosted(asked)
    if (hosted === undefined) return failed({ why: 'unknown-application' })
    const { id, config, open } = hosted
    if (operation === 'stop') return this.#stop(id)
    if (operation === 'start') return this.#start(id)
    if (open === undefined) {
      if (operation !== 'offline') return failed(this.#whyStopped(id))
      await this.#sites.gone(id)
      return writeOfflineIn(config.physicalPath)
    }
    switch (operation) {
      case 'recycle':
        return recycleApplication(open.application, options)
      case 'offline':
        return takeOffline(open.application)
      case 'online':
        return bringOnline(open.application)
    }
  }

  async #stop(id: string): Promise<Outcome> {
    await this.#serially(() => {
      this.#sites.stop(id)
    })
    await this.#sites.gone(id)
    const presence: ApplicationStatus['presence'] = 'stopped'
    return { ok: true, value: { presence, pids: [], text: 'stopped; no process is left.' } }
  }

  async #start(id: string): Promise<Outcome> {
    if (this.#sites.hosted(id)?.site.serverAutoStart === false) return failed({ why: 'site-stopped' })
    // A process that is still ending may have the port that the new one needs.
    await this.#sites.gone(id)
    await this.#serially(() => this.#sites.start(id))
    const open = this.#sites.hosted(id)?.open
    return open === undefined ? failed({ why: 'not-running' }) : startApplication(open.application)
  }

  #whyStopped(id: string): OperationFailure {
    return { why: this.#sites.hosted(id)?.site.serverAutoStart === false ? 'site-stopped' : 'stopped' }
  }
}
