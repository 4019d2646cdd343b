import type { ProcessConfig } from '../../../config/model.ts'
import type { Delivery, ForwardFailure } from '../../../forward/forward-failure.ts'
import type { ForwardOptions, Upstream } from '../../../forward/forwarder.ts'
import type { Failure } from '../../../http/answer.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { win32 } from '../../../http/request-record.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Lease } from '../../../process/lease.ts'

/** The options of the forwarder that web.config sets. */
export function forwardOptions(process: ProcessConfig): ForwardOptions {
  return {
    requestTimeout: process.requestTimeout,
    forwardResponseConnectionHeader: process.handlerSettings.forwardResponseConnectionHeader,
  }
}

/** Forwards an exchange; where an access log is on, notes to which process, and how long it took. */
export function forward(
  exchange: Exchange,
  { channel, pid }: Lease<Upstream>,
  options: ForwardOptions,
  clock: Clock,
): Promise<Delivery> {
  const { record } = exchange.reply
  if (record === undefined) return channel.forward(exchange, options)
  const begun = clock.now()
  record.pid = pid
  return channel.forward(exchange, options).then((delivery) => {
    record.upstreamMs = clock.now() - begun
    return delivery
  })
}

/** Notes for the access log why an exchange could not be forwarded. `answered`: the failure that its client is told. */
export function noteFailure({ reply }: Exchange, failure: ForwardFailure, answered: Failure): void {
  if (reply.record !== undefined) reply.record.win32Status = win32Of(failure, answered)
}

function win32Of({ kind, side }: ForwardFailure, answered: Failure): number {
  if (side === 'timeout' || answered.kind === 'body-too-slow') return win32.timeOut
  if (side === 'client') return answered.kind === 'client-gone' ? win32.clientGone : 0
  return kind === 'connect' ? win32.cannotConnect : win32.connectionLost
}
