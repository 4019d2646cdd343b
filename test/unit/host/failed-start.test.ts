import { connect, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { loadFolder } from '../../../src/config/web-config/load.ts'
import { createHost } from '../../../src/host/create-host.ts'
import { createLog } from '../../../src/log/log.ts'
import { eventually } from '../../support/eventually.ts'
import { copyApp } from '../../support/folders.ts'
import { childrenOf } from '../../support/processes.ts'

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => {
      resolve(false)
    })
  })
}

function listen(port: number): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const close = (): Promise<void> => new Promise((closed) => void server.close(() => closed()))
      resolve({ port: (server.address() as { port: number }).port, close })
    })
  })
}

test('a host that cannot open its last binding leaves no front, no file watch and no orphan guard', async () => {
  const [free, taken] = [await listen(0), await listen(0)]
  await free.close()
  const bindings = [free, taken].map(({ port }) => {
    return { protocol: 'http' as const, address: '127.0.0.1', port, hostName: '' }
  })
  const folder = await copyApp('node-twin')
  const loaded = await loadFolder({ folder, pathBase: '/', bindings })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.failure))
  const before = process.getActiveResourcesInfo().sort()
  const children = childrenOf(process.pid)
  const log = createLog({ format: 'json', level: 'fatal', out: () => undefined, colour: false })
  const host = await createHost(loaded.value, { log, environment: process.env, pid: process.pid })
  const started = await host.start()
  expect(started).toMatchObject({ ok: false, failure: { opening: { code: 'port-taken' } } })
  expect(await answers(free.port)).toBe(false)
  // One that another test has left may end meanwhile.
  await eventually('the guard is gone', () => childrenOf(process.pid).every((child) => children.includes(child)))
  await eventually('every handle is gone', () => {
    const left = process.getActiveResourcesInfo().filter((name) => name !== 'Timeout')
    return left.length <= before.filter((name) => name !== 'Timeout').length
  })
  await taken.close()
})
