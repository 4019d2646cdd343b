import { describe, expect, test } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { eventually } from '../support/eventually.ts'
import { misbehavingApp } from '../support/folders.ts'
import { isAlive, openFiles } from '../support/processes.ts'
import { app } from './support/apps.ts'
import { tally } from './support/traffic.ts'

const requestTimeout = '00:00:02'

describe('an app that makes no progress', () => {
  test('stopped by SIGSTOP: 502.3 after requestTimeout; after SIGCONT the same process serves', async () => {
    const daemon = await startDaemon(await app('bad-answers.mjs', { attributes: { requestTimeout } }))
    const pid = Number(await daemon.text('/'))
    process.kill(pid, 'SIGSTOP')
    const answers = await Promise.all(Array.from({ length: 20 }, () => daemon.send('/')))
    process.kill(pid, 'SIGCONT')
    expect(tally(answers.map(({ status }) => status))).toEqual({ '502': 20 })
    for (const answer of answers) expect(answer.text).toContain('502.3')
    // What was sent while it stood still is answered first, to nobody.
    expect(await eventually('it serves', async () => (await daemon.send('/')).status === 200)).toBe(true)
    expect(Number(await daemon.text('/'))).toBe(pid)
    expect(daemon.seen('processExited')).toEqual([])
  })

  test('stopped by SIGSTOP for less than requestTimeout: its requests wait and are answered', async () => {
    const daemon = await startDaemon(await app('bad-answers.mjs'))
    const pid = Number(await daemon.text('/'))
    process.kill(pid, 'SIGSTOP')
    const before = openFiles(daemon.pid)
    const answers = Array.from({ length: 20 }, () => daemon.send('/'))
    await eventually('the daemon has all of them', () => openFiles(daemon.pid) >= before + 20)
    process.kill(pid, 'SIGCONT')
    for (const answer of await Promise.all(answers)) expect(answer.status).toBe(200)
  })

  test('stopped by SIGSTOP when the daemon stops: killed at shutdownTimeLimit', async () => {
    const daemon = await startDaemon(await app('bad-answers.mjs', { attributes: { shutdownTimeLimit: '1' } }))
    const pid = Number(await daemon.text('/'))
    process.kill(pid, 'SIGSTOP')
    expect(await daemon.stop()).toBe(0)
    expect(await daemon.event('processKilled')).toMatchObject({ pid })
    expect(isAlive(pid)).toBe(false)
  })

  test('accepts connections and never answers: 502.3 for each request, and it is not restarted, as in ANCM', async () => {
    const daemon = await startDaemon(await misbehavingApp('hang', { attributes: { requestTimeout } }))
    const answers = await Promise.all(Array.from({ length: 20 }, () => daemon.send('/')))
    expect(tally(answers.map(({ status }) => status))).toEqual({ '502': 20 })
    expect(daemon.seen('processStarted')).toHaveLength(1)
    expect(daemon.seen('processExited')).toEqual([])
  })

  test('closes its listener and lives on: 502.3, until it is ended', async () => {
    const daemon = await startDaemon(await misbehavingApp('deaf'))
    const pid = Number(await daemon.text('/'))
    process.kill(pid, 'SIGUSR2')
    await eventually('it hears nothing', async () => (await daemon.send('/')).status === 502)
    process.kill(pid, 'SIGKILL')
    await daemon.event('processExited')
    expect(Number(await daemon.text('/'))).not.toBe(pid)
  })
})

describe('an app that does not want to go', () => {
  test('ignores SIGTERM: killed at shutdownTimeLimit when the daemon stops, which ends with 0', async () => {
    const daemon = await startDaemon(await misbehavingApp('stubborn', { attributes: { shutdownTimeLimit: '1' } }))
    const pid = Number(await daemon.text('/'))
    expect(await daemon.stop()).toBe(0)
    expect(await daemon.event('processKilled')).toMatchObject({ pid, eventId: 1005 })
    expect(isAlive(pid)).toBe(false)
  })

  test('ignores SIGTERM: a recycle is not held up by it, and it is killed behind the scenes', async () => {
    const daemon = await startDaemon(await misbehavingApp('stubborn', { attributes: { shutdownTimeLimit: '1' } }))
    const pid = Number(await daemon.text('/'))
    daemon.signal('SIGUSR2')
    await daemon.event('applicationRecycled')
    expect(Number(await daemon.text('/'))).not.toBe(pid)
    expect(await daemon.event('processKilled')).toMatchObject({ pid })
    await eventually('it is gone', () => !isAlive(pid))
  })

  test.each<[string, (daemon: Daemon, pid: number) => unknown]>([
    ['the daemon stops', (daemon) => daemon.stop()],
    ['the app is recycled', (daemon) => daemon.signal('SIGUSR2')],
    ['the app is killed', (_daemon, pid) => process.kill(pid, 'SIGKILL')],
  ])('leaves a helper in a session of its own: gone when %s', async (_when, act) => {
    const daemon = await startDaemon(await misbehavingApp('with-helper'))
    const pid = Number(await daemon.text('/'))
    const said = await eventually('the helper is known', () => /helper (\d+)\n/.exec(daemon.stdout) ?? undefined)
    const helper = Number(said[1])
    expect(isAlive(helper)).toBe(true)
    await act(daemon, pid)
    await eventually('the helper is gone', () => !isAlive(helper))
  })
})
