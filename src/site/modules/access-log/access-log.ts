import type { Exchange } from '../../../http/exchange.ts'
import { accessed } from '../../../log/events.ts'
import type { Log } from '../../../log/entry.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Module } from '../module.ts'

/**
 * Logs each request when it is over: in the daemon's own log at level debug, and in the access logs. It has no section,
 * because web.config has no setting for either.
 */
export const accessLog: Module<undefined> = {
  section: undefined,
  create: (_settings, { id, siteId, accessLogs, log, clock }) => {
    const debugLog = createDebugAccessLog(log, clock)
    return {
      finish: (exchange) => {
        if (exchange.isMoved === true) return
        debugLog(exchange)
        accessLogs?.write(exchange, siteId, id)
      },
    }
  },
}

/** Logs an exchange at level debug, with its path but without the query, which may contain secrets. */
export function createDebugAccessLog(log: Log, clock: Clock): (exchange: Exchange) => void {
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
