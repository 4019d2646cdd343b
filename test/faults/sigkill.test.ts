import { describe, expect, test } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { dropOfflineFile, removeOfflineFile } from '../support/deployment.ts'
import { eventually } from '../support/eventually.ts'
import { copyApp, misbehavingApp } from '../support/folders.ts'
import { isAlive } from '../support/processes.ts'
import { connectRaw } from '../support/raw-client.ts'
import { app, gate } from './support/apps.ts'
import { guardOf, presentGuard } from './support/guard.ts'

/** The requirement: nobody of the daemon's tree is left two seconds after its death. */
const limit = 2_000

/** SIGKILLs the daemon; resolves when nothing of its tree is left, rejects when that takes longer than it may. */
async function killDaemon(daemon: Daemon): Promise<void> {
  const guard = await presentGuard(daemon)
  expect(isAlive(guard)).toBe(true)
  const tree = daemon.descendants
  daemon.signal('SIGKILL')
  await daemon.exited
  await eventually(
    'no process of its tree is left',
    () => daemon.descendants.length === 0 && !isAlive(guard) && !tree.some(({ pid }) => isAlive(pid)),
    limit,
  )
}

/** A daemon on the same port and folder starts and serves. */
async function servesAgain(folder: string, port: number): Promise<void> {
  const next = await startDaemon(folder, { port })
  expect((await next.send('/')).status).toBe(200)
  expect(await next.stop()).toBe(0)
}

describe('the daemon is SIGKILLed: nothing of its tree is left after two seconds, and the next one starts on its port', () => {
  test('while nothing was started yet', async () => {
    const folder = await misbehavingApp('serve')
    const daemon = await startDaemon(folder)
    await killDaemon(daemon)
    await servesAgain(folder, daemon.port)
  })

  test('while an app is starting', async () => {
    const start = await gate()
    const folder = await app(`gate.mjs ${start.file}`)
    const daemon = await startDaemon(folder)
    const client = await connectRaw(daemon.port)
    client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await eventually('the app is there', () => daemon.descendants.length > 0)
    await killDaemon(daemon)
    await start.open()
    await servesAgain(folder, daemon.port)
  })

  test('while an app is running', async () => {
    const folder = await copyApp('node-twin')
    const daemon = await startDaemon(folder)
    await daemon.text('/')
    await killDaemon(daemon)
    await servesAgain(folder, daemon.port)
  })

  test('while an app answers requests', async () => {
    const folder = await app('bad-answers.mjs')
    const daemon = await startDaemon(folder)
    const clients = await Promise.all(Array.from({ length: 20 }, () => connectRaw(daemon.port)))
    for (const client of clients) client.send('GET /hang HTTP/1.1\r\nHost: x\r\n\r\n')
    await eventually('all of them hang', async () => (await daemon.text('/hanging')) === '20')
    await killDaemon(daemon)
    for (const client of clients) await client.ended
    await servesAgain(folder, daemon.port)
  })

  test.each([
    ['has a helper in a session of its own', 'with-helper', 2],
    ['is a daemon of its own: two forks, two sessions', 'double-fork', 1],
    ['was left behind by its launcher', 'leaving-launcher 0', 1],
    ['ignores SIGTERM', 'stubborn', 1],
  ])('while an app is running that %s', async (_what, fault, processes) => {
    const folder = await misbehavingApp(fault, { attributes: { shutdownTimeLimit: '1' } })
    const daemon = await startDaemon(folder)
    await daemon.text('/')
    await eventually('all of it is there', () => daemon.descendants.length === processes)
    await killDaemon(daemon)
    await servesAgain(folder, daemon.port)
  })

  test('while an app is running that has a session of its own and inherited nothing', async () => {
    const daemon = await startDaemon(await misbehavingApp('bare-session'))
    const pid = Number(await daemon.text('/'))
    await killDaemon(daemon)
    await eventually('the app is gone', () => !isAlive(pid), limit)
  })

  test('while the app is stopped by SIGSTOP', async () => {
    const folder = await misbehavingApp('serve')
    const daemon = await startDaemon(folder)
    process.kill(Number(await daemon.text('/')), 'SIGSTOP')
    await killDaemon(daemon)
    await servesAgain(folder, daemon.port)
  })

  test('while an old process is draining and a new one serves', async () => {
    const folder = await misbehavingApp('stubborn', { attributes: { shutdownTimeLimit: '600' } })
    const daemon = await startDaemon(folder)
    const old = Number(await daemon.text('/'))
    daemon.signal('SIGUSR2')
    await daemon.event('applicationRecycled')
    expect(Number(await daemon.text('/'))).not.toBe(old)
    expect(daemon.descendants).toHaveLength(2)
    await killDaemon(daemon)
    expect(isAlive(old)).toBe(false)
  })

  test('while it is stopping', async () => {
    const folder = await misbehavingApp('stubborn', { attributes: { shutdownTimeLimit: '600' } })
    const daemon = await startDaemon(folder)
    await daemon.text('/')
    daemon.signal('SIGTERM')
    await daemon.event('stopping')
    await killDaemon(daemon)
  })

  test('while its app is offline', async () => {
    const folder = await misbehavingApp('serve')
    const daemon = await startDaemon(folder)
    await daemon.text('/')
    await dropOfflineFile(folder)
    await eventually('the app is gone', () => daemon.descendants.length === 0)
    await killDaemon(daemon)
    await removeOfflineFile(folder)
    await servesAgain(folder, daemon.port)
  })

  test('while its app is going offline', async () => {
    const folder = await misbehavingApp('stubborn', { attributes: { shutdownTimeLimit: '600' } })
    const daemon = await startDaemon(folder)
    await daemon.text('/')
    await dropOfflineFile(folder)
    await daemon.event('applicationOffline')
    expect(daemon.descendants).toHaveLength(1)
    await killDaemon(daemon)
  })
})

describe('the guard', () => {
  test('killed: another takes its place, knows every app, and the daemon serves on', async () => {
    const folder = await misbehavingApp('with-helper')
    const daemon = await startDaemon(folder)
    const pid = await daemon.text('/')
    await eventually('all of it is there', () => daemon.descendants.length === 2)
    for (let round = 0; round < 3; round += 1) {
      const guard = await presentGuard(daemon)
      process.kill(guard, 'SIGKILL')
      await eventually('another guard is there', () => (guardOf(daemon) ?? guard) !== guard)
    }
    expect(await daemon.text('/')).toBe(pid)
    await killDaemon(daemon)
    await servesAgain(folder, daemon.port)
  })

  test('ends with the daemon when that stops in order', async () => {
    const daemon = await startDaemon(await misbehavingApp('serve'))
    await daemon.text('/')
    const guard = await presentGuard(daemon)
    expect(isAlive(guard)).toBe(true)
    expect(await daemon.stop()).toBe(0)
    await eventually('the guard is gone', () => !isAlive(guard))
  })

  test("leaves another daemon's apps alone", async () => {
    const folder = await misbehavingApp('serve')
    const [first, second] = [await startDaemon(folder), await startDaemon(folder)]
    await first.text('/')
    const pid = await second.text('/')
    await killDaemon(first)
    expect(await second.text('/')).toBe(pid)
  })
})
