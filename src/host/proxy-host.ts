import type { BindingConfig, HostConfig } from '../config/model.ts'
import type { Exchange } from '../http/exchange.ts'
import { createClientFinder } from '../http/forwarded-client.ts'
import { type Front, type FrontOpening, openFront } from '../listen/front.ts'
import { frontLimits } from '../listen/limits.ts'
import { type Endpoint, listensEverywhere } from '../listen/listen.ts'
import type { ConnectionRefusal } from '../listen/protocol.ts'
import { atMost, nextTurn } from '../platform/pause.ts'
import { failed, ok, type Result } from '../platform/result.ts'
import type { AccessLogs } from '../site/modules/access-log/access-logs.ts'
import { RefusalLog } from '../site/refusal-log.ts'
import { LiveOutputs } from '../stdout/live/live-outputs.ts'
import { badCertificates, FrontSettingsMaker } from './front-settings.ts'
import { Fronts } from './fronts.ts'
import { HostedSites } from './hosted-sites.ts'
import type { HostDependencies } from './dependencies.ts'
import { Operations } from './operations/operations.ts'
import { LimitsInForce } from './limits.ts'
import { logUnread, openAccessLogs } from './logs/open-access-logs.ts'
import { createLoggedPipeline } from './logs/logged-pipeline.ts'
import { refusedRequest } from './logs/refusals.ts'
import type { Host, HostStartFailure, HostStatus, ReloadFailure, ReloadReport } from './host.ts'

/** How long clients on kept-alive connections may still send requests after a stop has begun. */
const lastRequestsMs = 1000
/** How long clients may still read their last response after every application has sent it. */
const lastReadsMs = 1000
/** How long those who follow the applications' output may still read its end. */
const lastOutputMs = 1000

/**
 * The composition root: it owns the fronts, which accept connections, and the applications, which answer requests.
 * Life: `stopped → starting → running → stopping → stopped`, once. Invariant: every socket, child process, timer,
 * watcher and file belongs to exactly one living object below this one.
 */
export class ProxyHost implements Host {
  /** The configuration in force. */
  #config: HostConfig
  readonly #dependencies: HostDependencies
  readonly #limits: LimitsInForce
  readonly #refusals: RefusalLog
  #state: HostStatus['state'] = 'stopped'
  readonly #fronts: Fronts
  readonly #frontSettings: FrontSettingsMaker
  readonly #sites: HostedSites
  readonly #accessLogs: AccessLogs
  readonly #outputs: LiveOutputs
  readonly followOutput: Host['followOutput'] = (wanted, gone) => this.#outputs.follow(wanted, gone)
  /** Settles when the configuration changes that were asked for are carried out. */
  #changes: Promise<unknown> = Promise.resolve()
  /** Takes every exchange; replaced when other proxies are trusted. */
  #handle: (exchange: Exchange) => void
  #stopping: Promise<void> | undefined
  #onDestroyed: () => void = () => undefined
  readonly #operations: Operations
  readonly operate: Host['operate'] = (operation, id, options = {}) => this.#operations.carryOut(operation, id, options)
  #startedAt: number | undefined
  readonly #destroyed: Promise<void>

  constructor(config: HostConfig, dependencies: HostDependencies) {
    this.#config = config
    this.#limits = new LimitsInForce(dependencies.limits ?? frontLimits)
    this.#limits.use(config)
    this.#outputs = new LiveOutputs(dependencies.clock)
    this.#dependencies = { ...dependencies, limits: this.#limits.values, outputs: this.#outputs }
    this.#refusals = new RefusalLog(dependencies.clock)
    this.#frontSettings = new FrontSettingsMaker(dependencies.clock, dependencies.log, () => {
      this.#sites.renewTable()
    })
    this.#accessLogs = openAccessLogs(config, dependencies)
    this.#handle = this.#handlerFor(config)
    const handle = (exchange: Exchange): void => {
      this.#handle(exchange)
    }
    this.#fronts = new Fronts({
      inherited: dependencies.inheritedSockets,
      openFront: (endpoint, bindings) => this.#openFront(endpoint, bindings, handle),
      prepareSettings: async (front, endpoint, bindings) => {
        const settings = await this.#frontSettings.make(bindings, listensEverywhere(endpoint))
        if (!settings.ok) return failed(badCertificates(settings.failure))
        return ok(() => {
          front.use(settings.value)
        })
      },
      lastRequests: (front) => this.#ended(front, lastRequestsMs),
    })
    this.#sites = new HostedSites({
      dependencies: this.#dependencies,
      refusals: this.#refusals,
      fronts: this.#fronts,
      accessLogs: this.#accessLogs,
      hostFile: config.file,
      frontSettings: this.#frontSettings,
    })
    const isRunning = (): boolean => this.#state === 'running'
    this.#operations = new Operations(this.#sites, isRunning, (act) => {
      const done = this.#changes.then(() => (isRunning() ? act() : undefined))
      this.#changes = done.catch(() => undefined)
      return done
    })
    this.#destroyed = new Promise((resolve) => {
      this.#onDestroyed = resolve
    })
  }

  async start(): Promise<Result<void, HostStartFailure>> {
    this.#state = 'starting'
    this.#startedAt = this.#dependencies.clock.now()
    const changed = await this.#change(this.#config, 'start')
    if (!changed.ok) {
      this.destroy()
      return changed
    }
    // Without a report, destroy() was called meanwhile.
    if (changed.value === undefined) this.destroy()
    else this.#state = 'running'
    return ok(undefined)
  }

  async reload(config: HostConfig, reason: string): Promise<Result<ReloadReport, ReloadFailure>> {
    const changed = await this.#change(config, reason)
    if (!changed.ok) return failed({ why: 'binding', ...changed.failure })
    return changed.value === undefined ? failed({ why: 'not-running' }) : ok(changed.value)
  }

  recycle(reason: string): void {
    this.#sites.recycle(reason)
  }

  reopenLogs(): void {
    this.#accessLogs.reopen()
    this.#dependencies.stdoutLogs?.reopen()
  }

  stop(): Promise<void> {
    this.#stopping ??= Promise.race([this.#stop(), this.#destroyed])
    return this.#stopping
  }

  destroy(): void {
    this.#state = 'stopped'
    this.#fronts.destroy()
    this.#sites.destroy()
    this.#dependencies.guard?.close()
    this.#refusals.close()
    this.#frontSettings.close()
    void this.#accessLogs.close()
    void this.#outputs.end()
    this.#onDestroyed()
  }

  get listeners(): Host['listeners'] {
    return this.#fronts.listeners
  }

  get status(): HostStatus {
    const { version = '', pid, engine, clock } = this.#dependencies
    const uptimeMs = this.#startedAt === undefined ? 0 : Math.round(clock.now() - this.#startedAt)
    return { version, pid, state: this.#state, uptimeMs, engine, sites: this.#sites.status }
  }

  /** Carries out a change of the configuration after those that were asked for before. */
  #change(config: HostConfig, reason: string): Promise<Result<ReloadReport | undefined, HostStartFailure>> {
    const changed = this.#changes.then(async () => {
      if (this.#state !== 'starting' && this.#state !== 'running') return ok(undefined)
      this.#frontSettings.trust(config.trustedProxies ?? [])
      const change = await this.#sites.change(config.sites, reason)
      if (change.ok && change.value !== undefined) {
        this.#config = config
        this.#limits.use(config)
        this.#accessLogs.use(config.sites)
        this.#handle = this.#handlerFor(config)
      } else this.#frontSettings.trust(this.#config.trustedProxies ?? [])
      await this.#frontSettings.retain(this.#config.sites.flatMap(({ bindings }) => bindings))
      return change
    })
    this.#changes = changed.catch(() => undefined)
    return changed
  }

  async #stop(): Promise<void> {
    this.#state = 'stopping'
    const fronts = this.#fronts
    await this.#changes
    await fronts.stopAccepting()
    // A client on a kept-alive connection may have sent its next request already. That request is answered, and the
    // response tells the client that the connection ends.
    await this.#ended(fronts, lastRequestsMs)
    await fronts.closeIdle()
    await this.#sites.end()
    // Every application has answered its last exchange. Connections that are still open have slow readers or are idle.
    await fronts.closeIdle()
    await this.#ended(fronts, lastReadsMs)
    fronts.destroy()
    this.#dependencies.guard?.close()
    this.#refusals.close()
    this.#frontSettings.close()
    // The exchanges of connections that were closed last end in this turn.
    await nextTurn()
    await this.#accessLogs.close()
    await atMost(this.#dependencies.clock, lastOutputMs, this.#outputs.end())
    this.#state = 'stopped'
  }

  /** Resolves when every connection of these fronts has ended, at the latest after `limitMs`. */
  #ended(fronts: Pick<Front, 'closed'>, limitMs: number): Promise<void> {
    return atMost(this.#dependencies.clock, limitMs, fronts.closed())
  }

  async #openFront(
    endpoint: Endpoint,
    bindings: readonly BindingConfig[],
    handle: (exchange: Exchange) => void,
  ): Promise<FrontOpening> {
    const { openProtocol, log, inheritedSockets } = this.#dependencies
    const limits = this.#limits.values
    const settings = await this.#frontSettings.make(bindings, listensEverywhere(endpoint))
    if (!settings.ok) return badCertificates(settings.failure)
    const onRefusal = (refusal: ConnectionRefusal): void => {
      this.#refusals.write(log, refusedRequest(refusal, limits))
      logUnread(this.#accessLogs, refusal, front?.port ?? endpoint.port)
    }
    let front: Front | undefined
    const connectionsElsewhere = (): number => this.#fronts.connections - (front?.connections ?? 0)
    const reports = { onExchange: handle, onRefusal }
    const opening = await openFront(
      endpoint,
      openProtocol,
      reports,
      limits,
      connectionsElsewhere,
      settings.value,
      inheritedSockets,
    )
    if (opening.opened) front = opening.front
    return opening
  }

  /** The pipeline; where proxies are trusted, for the clients behind them. */
  #handlerFor({ trustedProxies }: HostConfig): (exchange: Exchange) => void {
    const clients = createClientFinder(trustedProxies)
    const { log, clock } = this.#dependencies
    const [refusals, accessLogs] = [this.#refusals, this.#accessLogs]
    const pipeline = createLoggedPipeline({ sites: () => this.#sites, refusals, accessLogs, log, clock })
    if (clients === undefined) return pipeline
    return (exchange) => {
      pipeline(clients.find(exchange))
    }
  }
}
