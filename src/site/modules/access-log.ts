import type { Exchange } from '../../http/exchange.ts'
import { accessed } from '../../log/events.ts'
import type { Log } from '../../log/entry.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Module } from './module.ts'

/** Logs each request when it is over. It has no section, because web.config has no setting for the daemon's log. */
export const accessLog: Module<undefined> = {
  section: undefined,
  create: (_settings, { log, clock }) => ({ finish: createAccessLog(log, clock) }),
}

/** Logs an exchange at level debug, with its path but without the query, which may contain secrets. */
export function createAccessLog(log: Log, clock: Clock): (exchange: Exchange) => void {
  return (exchange) => {
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
