import type { ProcessConfig, WebConfig } from '../config/model.ts'
import type { ForwardFailure } from '../forward/forward-failure.ts'
import type { ForwardOptions, Upstream } from '../forward/forwarder.ts'
import { answerFailure, type Failure } from '../http/answer.ts'
import { BodyMalformed, BodyTooLarge, BodyTooSlow, type Exchange } from '../http/exchange.ts'
import type { Lease } from '../process/lease.ts'
import type { ProcessPool, ProcessStatus, Refused } from '../process/process-pool.ts'
import type { StopReason } from '../process/process-state.ts'
import { startFailureText } from '../process/start-report.ts'
import { createHandlerMapping, type HandlerMapping } from './gates/handler-mapping.ts'
import { type BodyLimit, createBodyLimit } from './gates/request-filtering.ts'
import type { MayShowDetails } from './page-details.ts'
import type { Presence, RetireReason } from './presence.ts'

export interface ServingParts {
  /** The application's virtual path. */
  readonly path: string
  readonly web: WebConfig
  readonly pool: ProcessPool<Upstream>
  readonly mayShowDetails: MayShowDetails
  /** ANCM_ADDITIONAL_ERROR_PAGE_LINK. */
  readonly errorPageLink: string | undefined
  /** An exchange that came to a retired presence: to whoever is present now. */
  readonly redispatch: (exchange: Exchange) => Promise<void> | undefined
  readonly onForwardFailed: (exchange: Exchange, failure: ForwardFailure, pid: number) => void
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
 * The application itself, present: gates, then a lease on a process, then forwarding. Life: from the moment its configuration
 * could be used until it is retired; its processes come and go in the pool. Owner: Application. Invariant: whoever got a lease
 * gives it back exactly once.
 */
export class Serving implements Presence {
  readonly name = 'serving'
  readonly #parts: ServingParts
  readonly #pool: ProcessPool<Upstream>
  readonly #options: ForwardOptions
  readonly #isOurs: HandlerMapping
  readonly #passedLimit: BodyLimit
  #retired = false

  constructor(parts: ServingParts) {
    this.#parts = parts
    this.#pool = parts.pool
    this.#options = forwardOptions(parts.web.process)
    this.#isOurs = createHandlerMapping(parts.web.handlers, parts.path)
    this.#passedLimit = createBodyLimit(parts.web.requestLimits)
  }

  get processes(): readonly ProcessStatus[] {
    return this.#pool.status
  }

  serve(exchange: Exchange): Promise<void> | undefined {
    if (this.#retired) return this.#answer(exchange, { kind: 'application-stopping' })
    if (!this.#isOurs(exchange.path, exchange.method)) return this.#answer(exchange, { kind: 'not-handled' })
    if (this.#passedLimit(exchange)) return this.#answer(exchange, { kind: 'body-too-large' })
    const lease = this.#pool.take()
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

  async #wait(exchange: Exchange): Promise<void> {
    const leased = await this.#pool.lease()
    if (!leased.ok) return this.#refuse(exchange, leased.failure)
    // A client that left while it waited costs nothing.
    if (exchange.reply.gone) return leased.value.release()
    return this.#forward(exchange, leased.value)
  }

  async #forward(exchange: Exchange, lease: Lease<Upstream>): Promise<void> {
    if (exchange.upgrade !== undefined) return this.#forwardUpgrade(exchange, lease)
    const delivery = await lease.channel.forward(exchange, this.#options)
    lease.release()
    if (delivery.outcome === 'failed') this.#failed(exchange, delivery.failure, lease.pid)
  }

  /** A WebSocket must not hold up a stop once it is one: its lease becomes a tunnel's. */
  async #forwardUpgrade(exchange: Exchange, lease: Lease<Upstream>): Promise<void> {
    let giveBack = (): void => {
      lease.release()
    }
    const onUpgraded = (): void => {
      lease.becomeTunnel()
      giveBack = () => {
        lease.releaseTunnel()
      }
    }
    const delivery = await lease.channel.forward(exchange, { ...this.#options, onUpgraded })
    giveBack()
    if (delivery.outcome === 'failed') this.#failed(exchange, delivery.failure, lease.pid)
  }

  #failed(exchange: Exchange, failure: ForwardFailure, pid: number): void {
    this.#parts.onForwardFailed(exchange, failure, pid)
    if (exchange.reply.started) exchange.reply.abort()
    else this.#answer(exchange, failureOf(failure))
  }

  #refuse(exchange: Exchange, refused: Refused): Promise<void> | undefined {
    const startUpPage = !this.#parts.web.process.disableStartUpErrorPage
    switch (refused.why) {
      case 'start-failed': {
        const { report } = refused
        const details = [startFailureText(report), '', report.commandLine, '', ...report.lastLines]
        return this.#answer(exchange, { kind: 'start-failed', startUpPage }, details)
      }
      case 'rapid-fail':
        return this.#answer(exchange, { kind: 'rapid-fail', startUpPage })
      case 'queue-full':
        return this.#answer(exchange, { kind: 'queue-full', retryAfterSeconds })
      case 'retired':
        return this.#parts.redispatch(exchange)
    }
  }

  #answer(exchange: Exchange, failure: Failure, details?: readonly string[]): undefined {
    const { mayShowDetails, errorPageLink } = this.#parts
    if (exchange.reply.gone) return
    exchange.reply.answer(
      answerFailure(failure, {
        accept: exchange.headers.get('accept'),
        details: details !== undefined && mayShowDetails(exchange) ? details : undefined,
        link: errorPageLink,
      }),
    )
  }
}

/** What the client is told of a forward that failed before the response began. */
function failureOf({ side, cause }: ForwardFailure): Failure {
  if (cause instanceof BodyTooLarge) return { kind: 'body-too-large' }
  if (cause instanceof BodyTooSlow) return { kind: 'body-too-slow' }
  if (cause instanceof BodyMalformed) return { kind: 'bad-request', why: cause.message }
  return { kind: side === 'client' ? 'client-gone' : 'forward-failed' }
}

function forwardOptions(process: ProcessConfig): ForwardOptions {
  return {
    requestTimeout: process.requestTimeout,
    forwardResponseConnectionHeader: process.handlerSettings.forwardResponseConnectionHeader,
  }
}
