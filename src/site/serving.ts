import type { WebConfig } from '../config/model.ts'
import { type ForwardFailure, failureOf } from '../forward/forward-failure.ts'
import type { ForwardOptions, Upstream } from '../forward/forwarder.ts'
import { answerFailure, type Failure } from '../http/answer.ts'
import type { Exchange } from '../http/exchange.ts'
import { sendAnswer } from '../http/request-record.ts'
import type { Clock } from '../platform/clock.ts'
import type { Lease } from '../process/lease.ts'
import { hasFixedPort } from '../process/start/ports.ts'
import type { ProcessPool, Refused } from '../process/process-pool.ts'
import type { ProcessStatus } from '../process/process-status.ts'
import type { StopReason } from '../process/life/process-state.ts'
import { rapidFailText } from '../process/start-refusal.ts'
import { Affinity } from './affinity.ts'
import { forward, forwardOptions, noteFailure } from './modules/access-log/noted-forwarding.ts'
import { bodyLimitSetting, maxAllowedContentLength } from './modules/request-filtering/request-filtering.ts'
import { type MayShowDetails, type Reasons, reasonsOf } from './page-details.ts'
import { settingsAt } from './routing/settings-at.ts'
import type { OnRefused, Presence, RetireReason, StartMode } from './presence.ts'
import { isForNextProcess } from './second-try.ts'
import type { UserForwarding } from './users/user-forwarding.ts'

/** Everything that a Serving takes from outside. */
export interface ServingDependencies {
  /** The application's virtual path. */
  readonly path: string
  readonly web: WebConfig
  readonly pool: ProcessPool<Upstream>
  readonly users: UserForwarding
  readonly clock: Clock
  readonly mayShowDetails: MayShowDetails
  /** The value of ANCM_ADDITIONAL_ERROR_PAGE_LINK. */
  readonly errorPageLink: string | undefined
  /**
   * Called with an exchange that was waiting in the pool when this presence retired; gives it to the current presence.
   */
  readonly redispatch: (exchange: Exchange) => Promise<void> | undefined
  readonly onForwardFailed: (exchange: Exchange, failure: ForwardFailure, pid: number) => void
  readonly onRefused: OnRefused
}

const stopReasons: Readonly<Record<RetireReason, StopReason>> = {
  'config-change': 'configuration-changed',
  'app-offline': 'offline',
  recycle: 'recycle',
  removal: 'removed',
  'host-stop': 'host-stopping',
}

/** Retry-After for a client whose request found the queue full. */
const retryAfterSeconds = 5

/**
 * The presence of a running application: it leases a process for each exchange and forwards the exchange to it. Life:
 * from the moment its configuration is in force until it is retired; the pool starts and ends the processes meanwhile.
 * Owner: Application. Invariant: each lease is given back exactly once.
 */
export class Serving implements Presence {
  readonly name = 'serving'
  readonly #dependencies: ServingDependencies
  readonly #pool: ProcessPool<Upstream>
  readonly #options: ForwardOptions
  /** Undefined with one process, which gets every request anyway. */
  readonly #affinity: Affinity | undefined
  #retired = false

  constructor(dependencies: ServingDependencies) {
    this.#dependencies = dependencies
    this.#pool = dependencies.pool
    this.#options = { ...forwardOptions(dependencies.web.process), provesUser: dependencies.users.provesUser }
    if (dependencies.pool.places > 1) this.#affinity = new Affinity(dependencies.path, this.#options)
  }

  get processes(): readonly ProcessStatus[] {
    return this.#pool.status
  }

  /** How many requests wait for a process. */
  get waiting(): number {
    return this.#pool.waiting
  }

  /** Whether web.config fixes the port, so that no two processes can run side by side. */
  get hasFixedPort(): boolean {
    return hasFixedPort(this.#dependencies.web.process)
  }

  /** The most processes at one time. */
  get maxProcesses(): number {
    return this.#pool.places
  }

  /** The number of processes that take requests, adopted ones included. */
  get ready(): number {
    return this.#pool.ready
  }

  /** Starts one process before a request needs it. False when it cannot be started; the next request is told why. */
  start(): Promise<boolean> {
    return this.#pool.start()
  }

  /** For operations, which start processes and look at what has happened to them. */
  get pool(): Pick<ProcessPool<Upstream>, 'ensure' | 'history'> {
    return this.#pool
  }

  /** Starts processes that no request needs yet, as the mode says. */
  startAhead(mode: StartMode): void {
    if (mode === 'always-running') this.#pool.keepRunning()
    else if (mode === 'preloaded' && this.ready === 0) void this.start()
  }

  /** Uses those processes of `old` that take users alike, until retireAdopted(). `old` gets no more requests and must be retired. */
  adoptProcessesOf(old: Serving): void {
    if (this.#dependencies.users.takesUsersAs(old.#dependencies.users)) this.#pool.adopt(old.#pool)
  }

  /** Drains and stops up to `count` of the adopted processes, the oldest first. */
  retireAdopted(reason: RetireReason, count: number): void {
    this.#pool.retireAdopted(stopReasons[reason], count)
  }

  serve(exchange: Exchange): Promise<void> | undefined {
    if (this.#retired) return this.#answer(exchange, { kind: 'application-stopping' })
    const lease =
      this.#affinity === undefined ? this.#pool.take() : this.#pool.take(this.#affinity.requestedIds(exchange))
    return lease === undefined ? this.#wait(exchange) : this.#forward(exchange, lease)
  }

  retire(reason: RetireReason): Promise<void> {
    this.#retired = true
    return this.#pool.retire(stopReasons[reason])
  }

  destroy(): void {
    this.#retired = true
    this.#pool.destroy()
  }

  async #wait(exchange: Exchange, isSecondTry = false): Promise<void> {
    const leased = await this.#pool.lease(exchange.reply, this.#affinity?.requestedIds(exchange))
    if (!leased.ok) return this.#refuse(exchange, leased.failure)
    // The client may have disconnected while it waited.
    if (exchange.reply.gone) return leased.value.release()
    return this.#forward(exchange, leased.value, isSecondTry)
  }

  async #forward(given: Exchange, lease: Lease<Upstream>, isSecondTry = false): Promise<void> {
    const exchange = given.user === undefined ? given : this.#dependencies.users.pass(given)
    if (exchange === undefined) {
      lease.release()
      return this.#answer(given, { kind: 'user-not-taken' })
    }
    if (exchange.upgrade !== undefined) return this.#tunnel(exchange, lease, isSecondTry)
    const delivery = await forward(exchange, lease, this.#optionsFor(exchange, lease), this.#dependencies.clock)
    lease.release()
    if (delivery.outcome === 'failed') return this.#failed(exchange, delivery.failure, lease, isSecondTry)
  }

  /**
   * After the upgrade the lease counts as a tunnel, so that an open WebSocket does not hold up the draining of its
   * process.
   */
  async #tunnel(exchange: Exchange, lease: Lease<Upstream>, isSecondTry: boolean): Promise<void> {
    let giveBack = (): void => {
      lease.release()
    }
    const onUpgraded = (): void => {
      lease.becomeTunnel()
      giveBack = () => {
        lease.releaseTunnel()
      }
    }
    const options = { ...this.#optionsFor(exchange, lease), onUpgraded }
    const delivery = await forward(exchange, lease, options, this.#dependencies.clock)
    giveBack()
    if (delivery.outcome === 'failed') return this.#failed(exchange, delivery.failure, lease, isSecondTry)
  }

  #optionsFor(exchange: Exchange, lease: Lease<Upstream>): ForwardOptions {
    return this.#affinity?.optionsFor(exchange, lease.id) ?? this.#options
  }

  async #failed(
    exchange: Exchange,
    failure: ForwardFailure,
    lease: Lease<Upstream>,
    isSecondTry: boolean,
  ): Promise<void> {
    if (!isSecondTry && (await isForNextProcess(failure, lease, this.#dependencies.clock)))
      return this.#wait(exchange, true)
    const answered = failureOf(failure)
    // A WebSocket that ends because its process was stopped is not reported as a failure.
    if (answered.kind !== 'user-not-taken' && (failure.kind !== 'upgrade' || !this.#retired))
      this.#dependencies.onForwardFailed(exchange, failure, lease.pid)
    noteFailure(exchange, failure, answered)
    if (!exchange.reply.started) return this.#answer(exchange, answered)
    exchange.reply.abort()
    this.#reportRefusal(exchange, answered)
  }

  #refuse(exchange: Exchange, refused: Refused): Promise<void> | undefined {
    const startUpPage = !this.#dependencies.web.process.disableStartUpErrorPage
    switch (refused.why) {
      case 'start-failed': {
        const { report } = refused
        return this.#answer(exchange, { kind: 'start-failed', startUpPage }, reasonsOf(report))
      }
      case 'rapid-fail': {
        const { lastFailure } = this.#pool.history
        const limit = rapidFailText(refused.limit)
        const last = lastFailure === undefined ? undefined : reasonsOf(lastFailure)
        const cause = last === undefined ? limit : `${limit} The last time: ${last.cause}`
        return this.#answer(exchange, { kind: 'rapid-fail', startUpPage }, { cause, details: last?.details ?? [] })
      }
      case 'queue-full':
        return this.#answer(exchange, { kind: 'queue-full', retryAfterSeconds })
      case 'retired':
        return this.#dependencies.redispatch(exchange)
    }
  }

  #answer(exchange: Exchange, failure: Failure, given?: Reasons): undefined {
    const { mayShowDetails, errorPageLink, users } = this.#dependencies
    const reasons = failure.kind === 'user-not-taken' ? users.refused() : given
    if (exchange.reply.gone) return
    sendAnswer(
      exchange,
      answerFailure(failure, {
        accept: exchange.headers.get('accept'),
        ...(reasons !== undefined && mayShowDetails(exchange) && reasons),
        link: errorPageLink,
      }),
    )
    this.#reportRefusal(exchange, failure)
  }

  /** Reports a refused exchange, but no failure while forwarding, which onForwardFailed reports. */
  #reportRefusal(exchange: Exchange, failure: Failure): void {
    if (failure.kind === 'forward-failed' || failure.kind === 'client-gone') return
    this.#dependencies.onRefused(exchange, failure, settingOf(failure, exchange, this.#dependencies.web))
  }
}

/** The setting of web.config that led to a refusal, as it is written there. */
function settingOf({ kind }: Failure, { path }: Exchange, web: WebConfig): string | undefined {
  if (kind === 'body-too-large') return bodyLimitSetting(maxAllowedContentLength(settingsAt(web, path)))
  return kind === 'rapid-fail' ? `rapidFailsPerMinute="${String(web.process.rapidFailsPerMinute)}"` : undefined
}
