import { expect, test } from 'vitest'
import { EchoSocket } from '../support/echo-socket.ts'
import { eventually } from '../support/eventually.ts'
import { copyApp } from '../support/folders.ts'
import { isAlive } from '../support/processes.ts'
import { send } from '../support/send.ts'
import { startHost } from './support/host.ts'

test('destroy() of a host ends its applications, whoever goes on living in the same process', async () => {
  const { host, url } = await startHost({ '/': await copyApp('node-twin') })
  const pid = Number((await send(url, '/ProcessId')).text)
  expect(isAlive(pid)).toBe(true)
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
