import type { ProcessConfig, WebConfig } from '../config/model.ts'
import { type ForwardFailure, failureOf } from '../forward/forward-failure.ts'
import type { ForwardOptions, Upstream } from '../forward/forwarder.ts'
import { answerFailure, type Failure } from '../http/answer.ts'
import type { Exchange } from '../http/exchange.ts'
import type { Clock } from '../platform/clock.ts'
import type { Lease } from '../process/lease.ts'
import { hasFixedPort } from '../process/start/ports.ts'
import type { ProcessPool, Refused } from '../process/process-pool.ts'
import type { ProcessStatus } from '../process/process-status.ts'
import type { StopReason } from '../process/life/process-state.ts'
import { type StartFailure, startFailureText } from '../process/life/start-report.ts'
import { Affinity } from './affinity.ts'
import { bodyLimitSetting, maxAllowedContentLength } from './modules/request-filtering/request-filtering.ts'
import type { MayShowDetails } from './page-details.ts'
import type { OnRefused, Presence, RetireReason } from './presence.ts'
import { isForNextProcess } from './second-try.ts'

export interface ServingParts {
  /** The application's virtual path. */
  readonly path: string
  readonly web: WebConfig
  readonly pool: ProcessPool<Upstream>
  readonly clock: Clock
  readonly mayShowDetails: MayShowDetails
  /** ANCM_ADDITIONAL_ERROR_PAGE_LINK. */
  readonly errorPageLink: string | undefined
  /** An exchange that came to a retired presence: to whoever is present now. */
  readonly redispatch: (exchange: Exchange) => Promise<void> | undefined
  readonly onForwardFailed: (exchange: Exchange, failure: ForwardFailure, pid: number) => void
  readonly onRefused: OnRefused
}

const stopReasons: Readonly<Record<RetireReason, StopReason>> = {
  'config-change': 'configuration-changed',
  'app-offline': 'offline',
  recycle: 'recycle',
  'host-stop': 'host-stopping',
}

/** Seconds after which a client that found the queue full may try again. */
const retryAfterSeconds = 5

/**
 * The application itself, present: a lease on a process, then forwarding. Life: from the moment its configuration
 * could be used until it is retired; its processes come and go in the pool. Owner: Application. Invariant: whoever got a lease
 * gives it back exactly once.
 */
export class Serving implements Presence {
  readonly name = 'serving'
  readonly #parts: ServingParts
  readonly #pool: ProcessPool<Upstream>
  readonly #options: ForwardOptions
  /** Undefined with one process: there is nothing to come back to. */
  readonly #affinity: Affinity | undefined
  #retired = false

  constructor(parts: ServingParts) {
    this.#parts = parts
    this.#pool = parts.pool
    this.#options = forwardOptions(parts.web.process)
    if (parts.pool.places > 1) this.#affinity = new Affinity(parts.path, this.#options)
  }

  get processes(): readonly ProcessStatus[] {
    return this.#pool.status
  }

  /** Two processes cannot run side by side on a port that web.config fixes. */
  get hasFixedPort(): boolean {
    return hasFixedPort(this.#parts.web.process)
  }

  /** As many processes as there may be. */
  get places(): number {
    return this.#pool.places
  }

  /** Processes that take requests, those of the one before included. */
  get ready(): number {
    return this.#pool.ready
  }

  /** Starts one process before a request needs it. False: it cannot be started; the next request hears why. */
  start(): Promise<boolean> {
    return this.#pool.start()
  }

  /** The processes of `old` serve here, until retireAdopted(); `old` gets no more requests, and is to be retired. */
  succeed(old: Serving): void {
    this.#pool.adopt(old.#pool)
  }

  /** Asks up to `count` processes of the one before to end, the oldest first. */
  retireAdopted(reason: RetireReason, count: number): void {
    this.#pool.retireAdopted(stopReasons[reason], count)
  }

  serve(exchange: Exchange): Promise<void> | undefined {
    if (this.#retired) return this.#answer(exchange, { kind: 'application-stopping' })
    const lease = this.#affinity === undefined ? this.#pool.take() : this.#pool.take(this.#affinity.wanted(exchange))
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
    const leased = await this.#pool.lease(exchange.reply, this.#affinity?.wanted(exchange))
    if (!leased.ok) return this.#refuse(exchange, leased.failure)
    // A client that left while it waited costs nothing.
    if (exchange.reply.gone) return leased.value.release()
    return this.#forward(exchange, leased.value, isSecondTry)
  }

  async #forward(exchange: Exchange, lease: Lease<Upstream>, isSecondTry = false): Promise<void> {
    if (exchange.upgrade !== undefined) return this.#tunnel(exchange, lease, isSecondTry)
    const delivery = await lease.channel.forward(exchange, this.#optionsFor(exchange, lease))
    lease.release()
    if (delivery.outcome === 'failed') return this.#failed(exchange, delivery.failure, lease, isSecondTry)
  }

  /** A WebSocket must not hold up a stop once it is one: its lease becomes a tunnel's. */
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
    const delivery = await lease.channel.forward(exchange, { ...this.#optionsFor(exchange, lease), onUpgraded })
    giveBack()
    if (delivery.outcome === 'failed') return this.#failed(exchange, delivery.failure, lease, isSecondTry)
  }

  #optionsFor(exchange: Exchange, lease: Lease<Upstream>): ForwardOptions {
    return this.#affinity?.options(exchange, lease.id) ?? this.#options
  }

  async #failed(
    exchange: Exchange,
    failure: ForwardFailure,
    lease: Lease<Upstream>,
    isSecondTry: boolean,
  ): Promise<void> {
    if (!isSecondTry && (await isForNextProcess(failure, lease, this.#parts.clock))) return this.#wait(exchange, true)
    // That a WebSocket ends with a process that was asked to end is no failure worth a word.
    if (failure.kind !== 'upgrade' || !this.#retired) this.#parts.onForwardFailed(exchange, failure, lease.pid)
    const told = failureOf(failure)
    if (!exchange.reply.started) return this.#answer(exchange, told)
    exchange.reply.abort()
    this.#tell(exchange, told)
  }

  #refuse(exchange: Exchange, refused: Refused): Promise<void> | undefined {
    const startUpPage = !this.#parts.web.process.disableStartUpErrorPage
    switch (refused.why) {
      case 'start-failed': {
        const { report } = refused
        return this.#answer(exchange, { kind: 'start-failed', startUpPage }, reasonsOf(report))
      }
      case 'rapid-fail': {
        const { lastFailure } = this.#pool.history
        const limit = `it failed more than ${counted(refused.limit)} within a minute, and is not started until that is over.`
        const last = lastFailure === undefined ? undefined : reasonsOf(lastFailure)
        const cause = last === undefined ? limit : `${limit} The last time: ${last.cause}`
        return this.#answer(exchange, { kind: 'rapid-fail', startUpPage }, { cause, details: last?.details ?? [] })
      }
      case 'queue-full':
        return this.#answer(exchange, { kind: 'queue-full', retryAfterSeconds })
      case 'retired':
        return this.#parts.redispatch(exchange)
    }
  }

  #answer(exchange: Exchange, failure: Failure, reasons?: Reasons): undefined {
    const { mayShowDetails, errorPageLink } = this.#parts
    if (exchange.reply.gone) return
    exchange.reply.answer(
      answerFailure(failure, {
        accept: exchange.headers.get('accept'),
        ...(reasons !== undefined && mayShowDetails(exchange) && reasons),
        link: errorPageLink,
      }),
    )
    this.#tell(exchange, failure)
  }

  /** That a forward failed, and that a client went, is told already. */
  #tell(exchange: Exchange, failure: Failure): void {
    if (failure.kind === 'forward-failed' || failure.kind === 'client-gone') return
    this.#parts.onRefused(exchange, failure, settingOf(failure, this.#parts.web))
  }
}

/** What in the application's web.config decides a refusal, as it is written there. */
function settingOf({ kind }: Failure, web: WebConfig): string | undefined {
  if (kind === 'body-too-large') return bodyLimitSetting(maxAllowedContentLength(web))
  return kind === 'rapid-fail' ? `rapidFailsPerMinute="${String(web.process.rapidFailsPerMinute)}"` : undefined
}

/** What only a client that may see details is told. */
interface Reasons {
  readonly cause: string
  readonly details: readonly string[]
}

function reasonsOf(report: StartFailure): Reasons {
  return { cause: startFailureText(report), details: [report.commandLine, '', ...report.lastLines] }
}

function counted(times: number): string {
  return times === 1 ? 'once' : `${String(times)} times`
}

function forwardOptions(process: ProcessConfig): ForwardOptions {
  return {
    requestTimeout: process.requestTimeout,
    forwardResponseConnectionHeader: process.handlerSettings.forwardResponseConnectionHeader,
  }
}
