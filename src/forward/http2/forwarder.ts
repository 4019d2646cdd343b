import type { Exchange } from '../../http/exchange.ts'
import { isFieldValue } from '../../http/field-syntax.ts'
import type { Clock } from '../../platform/clock.ts'
import { type Delivery, failedToConnect } from '../forward-failure.ts'
import type { ApplicationAddress, ForwardOptions, OpenUpstream, Upstream } from '../forwarder.ts'
import { OpenDeliveries } from '../open-deliveries.ts'
import type { PulseTimes } from './application-pulse.ts'
import { Http2Delivery } from './delivery.ts'
import { sessionLimits } from './limits.ts'
import { streamRequest } from './request-fields.ts'
import { ApplicationSessions } from './sessions.ts'

/** Opens an Upstream that speaks HTTP/2 in plain text, known in advance (h2c), for both engines. */
export function openHttp2Upstream(clock: Clock, times: PulseTimes = sessionLimits): OpenUpstream {
  return (destination) => new Http2Upstream(clock, times, destination)
}

/**
 * The Upstream of one child. Life: from when the child listens until close(), at its end; owned by its process.
 * Invariant: every delivery under way is in #open, and every connection in #sessions; so close() ends all of them.
 */
class Http2Upstream implements Upstream {
  readonly #token: string
  readonly #sessions: ApplicationSessions
  readonly #open = new OpenDeliveries()
  #closed = false

  constructor(clock: Clock, times: PulseTimes, { port, token }: ApplicationAddress) {
    this.#token = token
    this.#sessions = new ApplicationSessions(port, clock, times)
  }

  async forward(exchange: Exchange, options: ForwardOptions): Promise<Delivery> {
    if (this.#closed) return failedToConnect('the way to this process has been closed')
    // web.config may set any token (ASPNETCORE_TOKEN), even one with a line break.
    if (!isFieldValue(this.#token)) return failedToConnect('the pairing token cannot stand in a field')
    const request = streamRequest(exchange, this.#token, options.withheldCookie)
    const delivery = new Http2Delivery(exchange, options, request, this.#sessions)
    this.#open.add(delivery)
    const outcome = await delivery.run()
    this.#open.remove(delivery)
    return outcome
  }

  retire(): void {
    this.#sessions.retire()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#open.destroy()
    this.#sessions.destroy(new Error('the way to the application has been closed'))
  }
}
