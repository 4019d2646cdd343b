import { createHost } from '../../../src/host/create-host.ts'
import type { Host } from '../../../src/host/host.ts'
import { createLog } from '../../../src/log/log.ts'
import { atTheEnd } from '../../support/ending.ts'
import { EventLog } from '../../support/event-log.ts'

/** A Host with several applications, in this process. It is stopped with the test that started it. */
export interface RunningHost {
  readonly host: Host
  readonly url: string
  readonly log: EventLog
}

/** `folders`: an application's virtual path to its folder. */
export async function startHost(folders: Readonly<Record<string, string>>): Promise<RunningHost> {
  const log = new EventLog()
  const out = (line: string): void => {
    log.take(line)
  }
  const host = await createHost(
    {
      sites: [
        {
          name: 'www',
          id: 1,
          bindings: [{ protocol: 'http', address: '127.0.0.1', port: 0, hostName: '' }],
          applications: Object.entries(folders).map(([path, physicalPath]) => ({ path, physicalPath })),
        },
      ],
    },
    {
      log: createLog({ format: 'json', level: 'info', out, colour: false }),
      environment: process.env,
      pid: process.pid,
    },
  )
  const started = await host.start()
  if (!started.ok) throw new Error(started.failure.opening.cause.message)
  atTheEnd(() => host.stop())
  return { host, url: host.status.sites[0]?.urls[0] ?? '', log }
}
