import type { BindingConfig, HostConfig, SiteConfig } from '../config/model.ts'
import { answerFailure } from '../http/answer.ts'
import type { Exchange } from '../http/exchange.ts'
import { createClientFinder } from '../http/forwarded-client.ts'
import { type Front, type FrontOpening, openFront } from '../listen/front.ts'
import { frontLimits } from '../listen/limits.ts'
import { type Endpoint, listensEverywhere } from '../listen/listen.ts'
import type { ConnectionRefusal } from '../listen/protocol.ts'
import * as events from '../log/events.ts'
import { failed, ok, type Result } from '../platform/result.ts'
import type { Application } from '../site/application.ts'
import { createAccessLog } from '../site/modules/access-log.ts'
import { createPipeline } from '../site/pipeline.ts'
import { RefusalLog } from '../site/refusal-log.ts'
import { SiteTable } from '../site/site-table.ts'
import { badCertificates, FrontSettingsMaker } from './front-settings.ts'
import { Fronts, type OpenBinding } from './fronts.ts'
import { openApplication } from './open-application.ts'
import type { HostDependencies } from './dependencies.ts'
import { refusedExchange, refusedRequest } from './refusals.ts'
import type { Host, HostStartFailure, HostStatus } from './host.ts'

interface HostedSite {
  readonly config: SiteConfig
  readonly applications: readonly Application[]
  readonly bindings: OpenBinding[]
}

/** How long clients on kept-alive connections may still send requests after a stop has begun. */
const lastRequestsMs = 1000
/** How long clients may still read their last response after every application has sent it. */
const lastReadsMs = 1000

/**
 * The composition root: it owns the fronts, which accept connections, and the applications, which answer requests.
 * Life: `stopped → starting → running → stopping → stopped`, once. Invariant: every socket, child process, timer,
 * watcher and file belongs to exactly one living object below this one.
 */
export class ProxyHost implements Host {
  readonly #config: HostConfig
  readonly #dependencies: HostDependencies
  readonly #refusals: RefusalLog
  #state: HostStatus['state'] = 'stopped'
  readonly #fronts: Fronts
  readonly #frontSettings: FrontSettingsMaker
  #sites: readonly HostedSite[] = []
  #table = new SiteTable<Application>([])
  #stopping: Promise<void> | undefined
  #onDestroyed: () => void = () => undefined
  readonly #destroyed: Promise<void>

  constructor(config: HostConfig, dependencies: HostDependencies) {
    this.#config = config
    this.#dependencies = dependencies
    this.#refusals = new RefusalLog(dependencies.clock)
    this.#frontSettings = new FrontSettingsMaker(dependencies.clock)
    const clients = createClientFinder(config.trustedProxies)
    const pipeline = this.#pipeline()
    const handle =
      clients === undefined
        ? pipeline
        : (exchange: Exchange): void => {
            pipeline(clients.find(exchange))
          }
    const bindings = config.sites.flatMap((site) => site.bindings)
    this.#fronts = new Fronts(bindings, (endpoint, served) => this.#openFront(endpoint, served, handle))
    this.#destroyed = new Promise((resolve) => {
      this.#onDestroyed = resolve
    })
  }

  async start(): Promise<Result<void, HostStartFailure>> {
    this.#state = 'starting'
    const sites: HostedSite[] = []
    for (const config of this.#config.sites) {
      const applications: Application[] = []
      for (const application of config.applications) {
        applications.push(await openApplication(config, application, this.#dependencies, this.#refusals))
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

  /** Whether destroy() was called while start() was waiting. */
  #isDestroyed(): boolean {
    return this.#state === 'stopped'
  }

  /** Closes what start() has opened since destroy() was called. */
  #abandonStart(): Result<void, HostStartFailure> {
    this.destroy()
    return ok(undefined)
  }

  recycle(reason: string): void {
    for (const site of this.#sites) for (const application of site.applications) application.recycle(reason)
  }

  stop(): Promise<void> {
    this.#stopping ??= Promise.race([this.#stop(), this.#destroyed])
    return this.#stopping
  }

  destroy(): void {
    this.#state = 'stopped'
    this.#fronts.destroy()
    for (const site of this.#sites) for (const application of site.applications) application.destroy()
    this.#dependencies.guard?.close()
    this.#refusals.close()
    this.#onDestroyed()
  }

  get status(): HostStatus {
    return {
      state: this.#state,
      pid: this.#dependencies.pid,
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
    // A client on a kept-alive connection may have sent its next request already. That request is answered, and the
    // response tells the client that the connection ends.
    await this.#connectionsEnded(lastRequestsMs)
    await fronts.closeIdle()
    await Promise.all(this.#sites.flatMap((site) => site.applications.map((application) => application.close())))
    // Every application has answered its last exchange. Connections that are still open have slow readers or are idle.
    await fronts.closeIdle()
    await this.#connectionsEnded(lastReadsMs)
    fronts.destroy()
    this.#dependencies.guard?.close()
    this.#refusals.close()
    this.#state = 'stopped'
  }

  /** Resolves when every connection has ended, at the latest after `limitMs`. */
  #connectionsEnded(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#dependencies.clock.after(limitMs, resolve)
      void this.#fronts.closed().then(() => {
        cancel()
        resolve()
      })
    })
  }

  async #openFront(
    endpoint: Endpoint,
    bindings: readonly BindingConfig[],
    handle: (exchange: Exchange) => void,
  ): Promise<FrontOpening> {
    const { openProtocol, limits, log } = this.#dependencies
    const settings = await this.#frontSettings.make(bindings, listensEverywhere(endpoint))
    if (!settings.ok) return badCertificates(settings.failure)
    const frontLimitsInForce = limits ?? frontLimits
    const onRefusal = (refusal: ConnectionRefusal): void => {
      this.#refusals.write(log, refusedRequest(refusal, frontLimitsInForce))
    }
    let front: Front | undefined
    const connectionsElsewhere = (): number => this.#fronts.connections - (front?.connections ?? 0)
    const reports = { onExchange: handle, onRefusal }
    const opening = await openFront(
      endpoint,
      openProtocol,
      reports,
      frontLimitsInForce,
      connectionsElsewhere,
      settings.value,
    )
    if (opening.opened) front = opening.front
    return opening
  }

  #pipeline(): (exchange: Exchange) => void {
    const { log, clock } = this.#dependencies
    return createPipeline({
      find: (exchange) => this.#table.find(exchange)?.handler,
      notFound: (exchange) => {
        this.#refusals.write(log, refusedExchange(exchange, { kind: 'no-application' }, undefined, undefined))
        return answerFailure({ kind: 'no-application' }, { accept: exchange.headers.get('accept') })
      },
      refused: (exchange, failure) => {
        this.#refusals.write(log, refusedExchange(exchange, failure, undefined, undefined))
        return answerFailure(failure, { accept: exchange.headers.get('accept') })
      },
      bug: (exchange, error) => {
        events.bug(log, {
          where: 'request',
          error: String(error),
          stack: error instanceof Error ? error.stack : undefined,
        })
        return answerFailure({ kind: 'bug' }, { accept: exchange.headers.get('accept') })
      },
      finishUnrouted: createAccessLog(log, clock),
    })
  }

  #announce(open: OpenBinding): void {
    const { log, engine } = this.#dependencies
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

/** A URL of this binding that works on this machine. */
function urlOf({ front, binding }: OpenBinding): string {
  const { address, hostName, protocol } = binding
  const everywhere = address === undefined || address === '0.0.0.0' || address === '::'
  const name = hostName !== '' ? hostName : everywhere ? 'localhost' : address.includes(':') ? `[${address}]` : address
  return `${protocol}://${name}${front.port === (protocol === 'http' ? 80 : 443) ? '' : `:${String(front.port)}`}`
}
