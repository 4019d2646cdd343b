import type { Host } from '../../host/host.ts'
import * as events from '../../log/events.ts'
import type { Log } from '../../log/entry.ts'
import { systemClock } from '../../platform/clock.ts'
import type { InheritedSockets } from '../../platform/systemd/inherited-sockets.ts'
import type { ServiceEnvironment } from '../../platform/systemd/service-environment.ts'
import type { ServiceNotifier } from '../../platform/systemd/service-notifier.ts'

/** The ties to the service manager that started the daemon; each is undefined where it has not asked for it. */
export interface Supervision {
  readonly notifier: ServiceNotifier | undefined
  readonly sockets: InheritedSockets | undefined
}

/** Loads the code of what the service manager asks for; usually none does. The caller closes both. */
export async function openSupervision(environment: ServiceEnvironment, log: Log): Promise<Supervision> {
  const { notifySocket, watchdogMs, descriptors } = environment
  let notifier: ServiceNotifier | undefined
  let sockets: InheritedSockets | undefined
  if (notifySocket !== undefined) {
    const { ServiceNotifier: Notifier } = await import('../../platform/systemd/service-notifier.ts')
    notifier = new Notifier({
      socket: notifySocket,
      watchdogMs,
      clock: systemClock,
      monotonicMicroseconds: () => process.hrtime.bigint() / 1000n,
      onFailure: (reason) => {
        events.notifyFailed(log, { reason })
      },
    })
  }
  if (descriptors !== undefined) {
    const { InheritedSockets: Sockets } = await import('../../platform/systemd/inherited-sockets.ts')
    sockets = new Sockets(descriptors, ({ place, name, fd }) => {
      events.socketUnused(log, { place, name, fd })
    })
  }
  return { notifier, sockets }
}

/** What `systemctl status` shows of a running daemon. */
export function serviceStatus({ status: { sites } }: Pick<Host, 'status'>): string {
  const applications = sites.reduce((sum, site) => sum + site.applications.length, 0)
  const urls = sites.flatMap((site) => site.urls)
  const more = urls.length > 3 ? ` and ${String(urls.length - 3)} more` : ''
  return `hosting ${String(applications)} application${applications === 1 ? '' : 's'} on ${urls.slice(0, 3).join(', ')}${more}`
}
