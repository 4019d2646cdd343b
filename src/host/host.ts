import type { BindingConfig, HostConfig, SiteConfig } from '../config/model.ts'
import { answerFailure } from '../http/answer.ts'
import type { Exchange } from '../http/exchange.ts'
import { type Front, type FrontOpening, openFront } from '../listen/front.ts'
import { frontLimits } from '../listen/limits.ts'
import type { Endpoint, ListenFailure } from '../listen/listen.ts'
import type { ConnectionRefusal } from '../listen/protocol.ts'
import * as events from '../log/events.ts'
import { failed, ok, type Result } from '../platform/result.ts'
import type { Application } from '../site/application.ts'
import { createAccessLog } from '../site/modules/access-log.ts'
import { createPipeline } from '../site/pipeline.ts'
import { RefusalLog } from '../site/refusal-log.ts'
import { SiteTable } from '../site/site-table.ts'
import { Fronts, type OpenBinding } from './fronts.ts'
import { openApplication } from './open-application.ts'
import type { HostParts } from './parts.ts'
import { refusedExchange, refusedRequest } from './refusals.ts'
import type { HostStatus } from './status.ts'

/** Why the host could not start: the first binding that could not be opened. */
export interface HostStartFailure {
  readonly binding: BindingConfig
  readonly opening: ListenFailure
}

interface HostedSite {
  readonly config: SiteConfig
  readonly applications: readonly Application[]
  readonly bindings: OpenBinding[]
}

/** Milliseconds in which clients that keep their connection may still send, at a stop. */
const lastRequestsMs = 1000
/** Milliseconds in which clients may still read, when every application has answered its last exchange. */
const lastReadsMs = 1000

/**
 * The whole: fronts in front, applications behind. Life: `stopped → starting → running → stopping → stopped`, once.
 * Invariant: every socket, child, timer, watcher and file belongs to exactly one living object below this one.
 */
export class Host {
  readonly #config: HostConfig
  readonly #parts: HostParts
  readonly #refusals: RefusalLog
  #state: HostStatus['state'] = 'stopped'
  readonly #fronts: Fronts
  #sites: readonly HostedSite[] = []
  #table = new SiteTable<Application>([])
  #stopping: Promise<void> | undefined
  #finish: () => void = () => undefined
  readonly #destroyed: Promise<void>

  constructor(config: HostConfig, parts: HostParts) {
    this.#config = config
    this.#parts = parts
    this.#refusals = new RefusalLog(parts.clock)
    const handle = this.#pipeline()
    const bindings = config.sites.flatMap((site) => site.bindings)
    this.#fronts = new Fronts(bindings, (endpoint) => this.#open(endpoint, handle))
    this.#destroyed = new Promise((resolve) => {
      this.#finish = resolve
    })
  }

  /** Opens applications, then fronts. After a failure, and after a destroy() that comes meanwhile, nothing is left open. */
  async start(): Promise<Result<void, HostStartFailure>> {
    this.#state = 'starting'
    const sites: HostedSite[] = []
    for (const config of this.#config.sites) {
      const applications: Application[] = []
      for (const application of config.applications) {
        applications.push(await openApplication(config, application, this.#parts, this.#refusals))
      }
      sites.push({ config, applications, bindings: [] })
    }
    this.#sites = sites
    if (this.#isDestroyed()) return this.#abandonStart()
    for (const site of sites) {
      for (const binding of site.config.bindings) {
        const opening = await this.#fronts.open(binding)
        if (!opening.opened) {
          this.destroy()
          return failed({ binding, opening })
        }
        if (this.#isDestroyed()) return this.#abandonStart()
        site.bindings.push(opening)
      }
    }
    this.#table = new SiteTable(sites.map(placementOf))
    this.#state = 'running'
    for (const site of sites) for (const open of site.bindings) this.#announce(open)
    return ok(undefined)
  }

  /** The state can change whenever start() waits. */
  #isDestroyed(): boolean {
    return this.#state === 'stopped'
  }

  #abandonStart(): Result<void, HostStartFailure> {
    this.destroy()
    return ok(undefined)
  }

  /** Every application anew: new process beside the old one, which drains. */
  recycle(reason: string): void {
    for (const site of this.#sites) for (const application of site.applications) application.recycle(reason)
  }

  /**
   * Stops gently: no new connections, open ones told and the silent ones closed, applications drained and their processes
   * ended, all at once; resolves when nothing is left, also if destroy() comes meanwhile. Idempotent.
   */
  stop(): Promise<void> {
    this.#stopping ??= Promise.race([this.#stop(), this.#destroyed])
    return this.#stopping
  }

  /** Ends everything now. Idempotent. */
  destroy(): void {
    this.#state = 'stopped'
    this.#fronts.destroy()
    for (const site of this.#sites) for (const application of site.applications) application.destroy()
    this.#parts.guard?.close()
    this.#refusals.close()
    this.#finish()
  }

  get status(): HostStatus {
    return {
      state: this.#state,
      pid: this.#parts.pid,
      sites: this.#sites.map(({ config, applications, bindings }) => ({
        name: config.name,
        id: config.id,
        urls: bindings.map(urlOf),
        applications: applications.map((application) => application.status),
      })),
    }
  }

  async #stop(): Promise<void> {
    this.#state = 'stopping'
    const fronts = this.#fronts
    await fronts.stopAccepting()
    // A client that keeps its connection may have sent its next request already: it is answered, and told not to send another.
    await this.#ended(lastRequestsMs)
    await fronts.closeIdle()
    await Promise.all(this.#sites.flatMap((site) => site.applications.map((application) => application.close())))
    // Every application has answered its last exchange; what is still open are clients that read slowly or say nothing.
    await fronts.closeIdle()
    await this.#ended(lastReadsMs)
    fronts.destroy()
    this.#parts.guard?.close()
    this.#refusals.close()
    this.#state = 'stopped'
  }

  /** Resolves when every connection has ended, at the latest after `limit` milliseconds. */
  #ended(limit: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#parts.clock.after(limit, resolve)
      void this.#fronts.closed().then(() => {
        cancel()
        resolve()
      })
    })
  }

  async #open(endpoint: Endpoint, handle: (exchange: Exchange) => void): Promise<FrontOpening> {
    const { openProtocol, limits, log } = this.#parts
    const inForce = limits ?? frontLimits
    const onRefusal = (refusal: ConnectionRefusal): void => {
      this.#refusals.tell(log, refusedRequest(refusal, inForce))
    }
    const elsewhere = (): number => this.#fronts.connections - (opened?.connections ?? 0)
    let opened: Front | undefined
    const opening = await openFront(endpoint, openProtocol, { onExchange: handle, onRefusal }, inForce, elsewhere)
    if (opening.opened) opened = opening.front
    return opening
  }

  #pipeline(): (exchange: Exchange) => void {
    const { log, clock } = this.#parts
    return createPipeline({
      find: (exchange) => this.#table.find(exchange)?.handler,
      notFound: (exchange) => {
        this.#refusals.tell(log, refusedExchange(exchange, { kind: 'no-application' }, undefined, undefined))
        return answerFailure({ kind: 'no-application' }, { accept: exchange.headers.get('accept') })
      },
      bug: (exchange, error) => {
        events.bug(log, {
          where: 'request',
          error: String(error),
          stack: error instanceof Error ? error.stack : undefined,
        })
        return answerFailure({ kind: 'bug' }, { accept: exchange.headers.get('accept') })
      },
      finishNobodys: createAccessLog(log, clock),
    })
  }

  #announce(open: OpenBinding): void {
    const { log, engine } = this.#parts
    events.listening(log, { url: urlOf(open), port: open.front.port, address: open.binding.address ?? '*', engine })
  }
}

function placementOf(site: HostedSite): ConstructorParameters<typeof SiteTable<Application>>[0][number] {
  return {
    bindings: site.bindings.map(({ front, binding, address }) => {
      return { address, port: front.port, hostName: binding.hostName }
    }),
    applications: site.config.applications.map(({ path }, i) => ({
      path,
      application: site.applications[i] as Application,
    })),
  }
}

/** A URL that works when typed on this machine. */
function urlOf({ front, binding }: OpenBinding): string {
  const { address, hostName, protocol } = binding
  const everywhere = address === undefined || address === '0.0.0.0' || address === '::'
  const name = hostName !== '' ? hostName : everywhere ? 'localhost' : address.includes(':') ? `[${address}]` : address
  return `${protocol}://${name}${front.port === 80 ? '' : `:${String(front.port)}`}`
}
