import { expect, test } from 'vitest'
import { loadEngine } from '../../src/host/engine.ts'
import { ProxyHost } from '../../src/host/proxy-host.ts'
import { createLog } from '../../src/log/log.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { EchoSocket } from '../support/echo-socket.ts'
import { atTheEnd } from '../support/ending.ts'
import { eventually } from '../support/eventually.ts'
import { copyApp } from '../support/folders.ts'
import { isAlive } from '../support/processes.ts'
import { send } from '../support/send.ts'
import { startHost } from './support/host.ts'

test('destroy() of a host ends its applications by itself, also where no guard watches over them', async () => {
  const bindings = [{ protocol: 'http' as const, address: '127.0.0.1', port: 0, hostName: '' }]
  const applications = [{ path: '/', physicalPath: await copyApp('node-twin') }]
  const host = new ProxyHost(
    { sites: [{ name: 'www', id: 1, bindings, applications }] },
    {
      log: createLog({ format: 'json', level: 'fatal', out: () => undefined, colour: false }),
      clock: systemClock,
      environment: process.env,
      pid: process.pid,
      guard: undefined,
      engine: 'wire',
      ...(await loadEngine('wire', systemClock)),
      keepsOnBrokenConfig: false,
      appOutput: undefined,
    },
  )
  expect(await host.start()).toMatchObject({ ok: true })
  const pid = Number((await send(host.status.sites[0]?.urls[0] ?? '', '/ProcessId')).text)
  atTheEnd(() => {
    if (isAlive(pid)) process.kill(pid, 'SIGKILL')
  })
  host.destroy()
  await eventually('the application is gone', () => !isAlive(pid))
  expect(host.status.state).toBe('stopped')
})

test('a WebSocket counts as a tunnel while it is open, and no longer', async () => {
  const { host, url } = await startHost({ '/': await copyApp('node-twin') })
  const tunnels = (): number | undefined => host.status.sites[0]?.applications[0]?.processes[0]?.tunnels
  const echo = await EchoSocket.open(Number(new URL(url).port))
  await echo.echo('hello')
  expect(tunnels()).toBe(1)
  expect(host.status.sites[0]?.applications[0]?.processes[0]?.requests).toBe(0)
  echo.socket.close(1000, 'done')
  await echo.closed
  await eventually('the tunnel is not counted any more', () => tunnels() === 0)
})
