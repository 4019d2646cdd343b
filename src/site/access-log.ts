import type { Exchange } from '../http/exchange.ts'
import { accessed } from '../log/events.ts'
import type { Log } from '../log/entry.ts'
import type { Clock } from '../platform/clock.ts'
import type { Finisher } from './pipeline.ts'

/** The finisher that reports each exchange at debug level. The query may hold secrets, so only the path is written. */
export function createAccessLog(log: Log, clock: Clock): Finisher {
  return (exchange: Exchange) => {
    if (!log.isEnabled('debug')) return
    const { reply, connection } = exchange
    accessed(log, {
      method: exchange.method,
      path: exchange.path,
      status: reply.status,
      bytes: reply.bytes,
      ms: Math.round((clock.now() - exchange.receivedAt) * 10) / 10,
      remoteAddress: connection.remoteAddress,
      aborted: reply.gone,
    })
  }
}
