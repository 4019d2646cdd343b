import { dirname } from 'node:path'
import type { HostConfig } from '../../config/model.ts'
import type { ConnectionRefusal } from '../../listen/protocol.ts'
import * as events from '../../log/access-log-events.ts'
import type { Log } from '../../log/entry.ts'
import type { Clock } from '../../platform/clock.ts'
import { type AccessLogOption, AccessLogs } from '../../site/modules/access-log/access-logs.ts'

/** What the access logs take from outside. */
export interface AccessLogDependencies {
  readonly accessLog?: AccessLogOption | undefined
  readonly clock: Clock
  readonly log: Log
}

/** The access logs of these sites, in force; they report as events what cannot be written. */
export function openAccessLogs(
  { sites, file }: HostConfig,
  { accessLog, clock, log }: AccessLogDependencies,
): AccessLogs {
  const logs = new AccessLogs({
    option: accessLog,
    defaultDirectory: dirname(file ?? '.'),
    clock,
    onFailed: (path, code) => {
      events.accessLogFailed(log, { file: path, code, fatal: false })
    },
    onDropped: (path, lines) => {
      events.accessLogIncomplete(log, { file: path, lines })
    },
  })
  logs.use(sites)
  return logs
}

/** Writes a refused request into the access logs; a connection that was closed without an answer is none. */
export function logUnread(logs: AccessLogs, { status, failure, remoteAddress }: ConnectionRefusal, port: number): void {
  if (!logs.isOn || status === 0) return
  logs.writeUnread({
    status,
    substatus: 0,
    isTooSlow: failure.kind === 'head-too-slow',
    remoteAddress,
    localPort: port,
  })
}
