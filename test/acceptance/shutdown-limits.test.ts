import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { nextProcessId, touch } from '../support/deployment.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { copyApp, editWebConfig, misbehavingApp, type WebConfigEdit } from '../support/folders.ts'
import { isAlive } from '../support/processes.ts'

/** Milliseconds that the app takes to stop. */
const delay = 3000

const apps = [
  { name: 'Node app', runs: true, copy: () => copyApp('node-twin') },
  { name: 'ASP.NET Core app', runs: hasDotnet, copy: () => dotnetApp('test-app') },
]

interface OldProcess {
  readonly daemon: Daemon
  readonly pid: number
  /** Milliseconds from the change of web.config to its end. */
  readonly lived: number
}

/** Starts an app, changes its web.config, and waits for the end of the process that ran before the change. */
async function changed(folder: string, edit: WebConfigEdit): Promise<OldProcess> {
  await editWebConfig(folder, edit)
  const daemon = await startDaemon(folder)
  const pid = await daemon.processId()
  const from = performance.now()
  await touch(join(folder, 'web.config'))
  await nextProcessId(daemon, pid)
  await daemon.event('processExited', (event) => event['pid'] === pid)
  const lived = performance.now() - from
  expect(isAlive(pid)).toBe(false)
  return { daemon, pid, lived }
}

describe.each(apps)('shutdownTimeLimit, $name', ({ runs, copy }) => {
  test.skipIf(!runs)('stop-limit-25: a slow app within the limit ends by itself, in its own time', async () => {
    const { daemon, pid, lived } = await changed(await copy(), {
      attributes: { shutdownTimeLimit: '25' },
      environment: { ANCMTestShutdownDelay: String(delay) },
    })
    expect(lived).toBeGreaterThanOrEqual(delay)
    expect(await daemon.event('gracefulShutdownRequested')).toMatchObject({ pid, status: 202, eventId: 1006 })
    expect(await daemon.event('processExited')).toMatchObject({ pid, code: 0, expected: true, eventId: 1030 })
    expect(daemon.seen('processKilled')).toEqual([])
  })

  test.skipIf(!runs)('stop-limit-0, stop-limit-0-x86: without any time it is killed at once', async () => {
    const { daemon, pid } = await changed(await copy(), {
      attributes: { shutdownTimeLimit: '0' },
      environment: { ANCMTestShutdownDelay: String(delay) },
    })
    expect(await daemon.event('processKilled')).toMatchObject({ pid, eventId: 1005 })
    expect(await daemon.event('processExited')).toMatchObject({ pid, signal: 'SIGKILL' })
    expect(daemon.seen('gracefulShutdownRequested')).toEqual([])
  })

  test.skipIf(!runs)('stop-limit-5: a slower one is killed when its time is over, not before', async () => {
    const { daemon, pid, lived } = await changed(await copy(), {
      attributes: { shutdownTimeLimit: '2' },
      environment: { ANCMTestShutdownDelay: '600000' },
    })
    expect(lived).toBeGreaterThanOrEqual(2000)
    expect(await daemon.event('gracefulShutdownRequested')).toMatchObject({ pid, status: 202 })
    expect(await daemon.event('processKilled')).toMatchObject({ pid, eventId: 1005 })
    expect(await daemon.event('processExited')).toMatchObject({ pid, signal: 'SIGKILL' })
  })
})

describe('an app that does not take the shutdown message', () => {
  test.skipIf(!hasDotnet)(
    'stop-limit-25: because it answers 200 to it: the signal stops it, in its own time',
    async () => {
      const { daemon, pid, lived } = await changed(await dotnetApp('test-app'), {
        attributes: { shutdownTimeLimit: '25' },
        environment: { GracefulShutdown: 'disabled', ANCMTestShutdownDelay: String(delay) },
      })
      expect(lived).toBeGreaterThanOrEqual(delay)
      expect(await daemon.event('gracefulShutdownRequested')).toMatchObject({ pid, status: 200, eventId: 1006 })
      expect(await daemon.event('processExited')).toMatchObject({ pid, expected: true })
      expect(daemon.seen('processKilled')).toEqual([])
    },
  )

  test('because it knows none: the signal stops it, and its exit code 143 is as good as 0', async () => {
    const folder = await misbehavingApp('no-integration', { attributes: { shutdownTimeLimit: '25' } })
    const daemon = await startDaemon(folder)
    const pid = Number(await daemon.text('/'))
    expect(await daemon.stop()).toBe(0)
    expect(await daemon.event('gracefulShutdownRequested')).toMatchObject({ pid, status: 404 })
    expect(await daemon.event('processExited')).toMatchObject({ pid, expected: true })
    expect(daemon.seen('processKilled')).toEqual([])
  })

  test('nor the signal is killed when its time is over', async () => {
    const folder = await misbehavingApp('stubborn', { attributes: { shutdownTimeLimit: '2' } })
    const daemon = await startDaemon(folder)
    const pid = Number(await daemon.text('/'))
    expect(await daemon.stop()).toBe(0)
    expect(daemon.stdout).toContain('SIGTERM ignored')
    expect(await daemon.event('processKilled')).toMatchObject({ pid, eventId: 1005 })
    expect(isAlive(pid)).toBe(false)
  })
})

describe('the shutdown message', () => {
  test.each([
    ['/', '/iisintegration'],
    ['/pathBase', '/pathBase/iisintegration'],
  ])('stop-message-contract: of an application at %s goes to %s, with the token', async (pathBase, target) => {
    const daemon = await startDaemon(await misbehavingApp('serve'), { args: ['--path-base', pathBase] })
    await daemon.text(pathBase)
    const { port } = await daemon.event('processStarted')
    expect(await daemon.stop()).toBe(0)
    expect(daemon.stdout).toContain(`shutdown ${target} host=127.0.0.1:${String(port)} paired=true\n`)
  })
})

describe('shutdownDelay', () => {
  test('lets what comes on open connections be answered before the stop begins', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { handlerSettings: { shutdownDelay: '1500' } })
    const daemon = await startDaemon(folder)
    const pid = await daemon.processId()
    const stopped = daemon.stop()
    await daemon.event('stopping')
    expect(isAlive(pid)).toBe(true)
    expect(daemon.seen('gracefulShutdownRequested')).toEqual([])
    expect(await stopped).toBe(0)
    const times = ['stopping', 'gracefulShutdownRequested'].map((name) =>
      Date.parse(String(daemon.seen(name)[0]?.['time'])),
    )
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(1400)
  })
})

test('an app that waits for its clients to leave is not kept waiting by our connections to it', async () => {
  const folder = await misbehavingApp('waits-for-clients', { attributes: { shutdownTimeLimit: '10' } })
  const daemon = await startDaemon(folder)
  await daemon.text('/')
  const held = daemon.text('/held')
  await Promise.all([daemon.text('/'), daemon.text('/')])
  expect(await daemon.stop()).toBe(0)
  expect(await held).toBe('held')
  expect(await daemon.event('processExited')).toMatchObject({ code: 0, expected: true })
  expect(daemon.seen('processKilled')).toEqual([])
})
