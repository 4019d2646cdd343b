import { AdminServer } from '../../control/admin/admin-server.ts'
import { History, sampleIntervalMs } from '../../control/admin/history.ts'
import { Metrics } from '../../control/admin/metrics.ts'
import { readPage } from '../../control/admin/page.ts'
import { makeToken, readToken } from '../../control/admin/token.ts'
import { createApi } from '../../control/api.ts'
import type { Host } from '../../host/host.ts'
import * as events from '../../log/control-events.ts'
import type { ListenFailure } from '../../listen/listen.ts'
import type { Log } from '../../log/entry.ts'
import { reportBug } from '../../log/report-bug.ts'
import { failed, ok, type Result } from '../../platform/result.ts'
import { placeOf } from './admin-plan.ts'
import type { AdminRecords } from './admin-records.ts'

/** Why the address is not open; it has been logged. */
export type AdminFailure = 'bad-token' | 'no-permission' | 'failed'

/** Opens the admin address and begins to sample. */
export async function openAdmin(
  { plan: { address, port, tokenFile }, meters, history: eventHistory }: AdminRecords,
  host: Host,
  log: Log,
): Promise<Result<{ close(): Promise<void> }, AdminFailure>> {
  const token = tokenFile === undefined ? ok(makeToken()) : readToken(tokenFile)
  if (!token.ok) {
    events.adminFailed(log, { address, port, text: token.failure })
    return failed('bad-token')
  }
  const status = (): Host['status'] => host.status
  const history = new History(meters, status, () => Date.now())
  const metrics = new Metrics({
    status,
    listeners: () => host.listeners,
    meters,
    history: eventHistory,
    startedAt: Date.now() / 1000 - process.uptime(),
  })
  const documents = { history: () => history.document, events: () => ({ events: eventHistory.events }) }
  const opened = await AdminServer.open({ address, port }, token.value, {
    api: createApi({ host, documents }),
    metrics,
    isReady: () => host.status.state === 'running',
    page: () => readPage(),
    onBug: (error) => {
      reportBug(log, 'admin address', error)
    },
  })
  if (!opened.ok) {
    metrics.close()
    events.adminFailed(log, { address, port, text: `${placeOf({ address, port })} ${obstacleOf(opened.failure)}.` })
    return failed(opened.failure.code === 'no-permission' ? 'no-permission' : 'failed')
  }
  const place = `http://${placeOf({ address, port: opened.value.port })}/`
  // The only place where a token is ever printed: without it nobody could use the one that was made just now.
  events.adminListening(log, { url: tokenFile === undefined ? `${place}#token=${token.value}` : place })
  history.sample()
  const sampling = setInterval(() => {
    history.sample()
  }, sampleIntervalMs)
  return ok({
    close: async () => {
      clearInterval(sampling)
      metrics.close()
      await opened.value.close()
    },
  })
}

/** Why the address could not be opened, and the cure, without the last full stop. */
function obstacleOf({ code, cause }: ListenFailure): string {
  switch (code) {
    case 'port-taken':
      return 'is taken, by another program or by a port of this daemon. Stop that program, or choose another port with --admin, or <admin address> in the host file'
    case 'no-permission':
      return 'may not be opened by this user. Choose a port from 1024 on'
    case 'bad-address':
      return 'is no address of this machine. Use one that it has, such as 127.0.0.1'
    case 'bad-certificate':
    case 'failed':
      return `cannot be opened (${cause.message})`
  }
}
