import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startDaemon } from '../support/daemon.ts'
import { nextProcessId, touch } from '../support/deployment.ts'
import { pause } from '../support/eventually.ts'
import { copyApp, editWebConfig } from '../support/folders.ts'
import { HeldRequest, wholeAnswer } from '../support/held-request.ts'

describe('a recycle without a change', () => {
  test.each(['SIGHUP', 'SIGUSR2'] as const)('%s: a new process beside the old one, which finishes', async (signal) => {
    const folder = await copyApp('node-twin')
    const daemon = await startDaemon(folder)
    const first = await daemon.processId()
    const held = await HeldRequest.open(daemon.port)
    daemon.signal(signal)
    await nextProcessId(daemon, first)
    expect(await daemon.event('applicationRecycled')).toMatchObject({ reason: signal, eventId: 1021 })
    expect(await held.finish()).toMatch(wholeAnswer)
    expect(await daemon.event('processExited', (event) => event['pid'] === first)).toMatchObject({
      expected: true,
      code: 0,
    })
  })

  test('tmp/restart.txt: when it appears, and each time it is touched', async () => {
    const folder = await copyApp('node-twin')
    const daemon = await startDaemon(folder)
    const first = await daemon.processId()
    await mkdir(join(folder, 'tmp'))
    await writeFile(join(folder, 'tmp/restart.txt'), '')
    const second = await nextProcessId(daemon, first)
    await touch(join(folder, 'tmp/restart.txt'))
    await nextProcessId(daemon, second)
    expect(String((await daemon.event('applicationRecycled'))['reason'])).toContain('tmp/restart.txt')
    await rm(join(folder, 'tmp/restart.txt'))
  })

  test('SIGUSR2 before the first request starts nothing', async () => {
    const daemon = await startDaemon(await copyApp('node-twin'))
    daemon.signal('SIGUSR2')
    await daemon.event('applicationRecycled')
    expect(daemon.seen('processStarted')).toEqual([])
    expect(await daemon.text('/')).toBe('Running')
  })

  test('disallowRotationOnConfigChange: no recycle for a touch; SIGUSR2 still does', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { handlerSettings: { disallowRotationOnConfigChange: 'true' } })
    const daemon = await startDaemon(folder)
    const first = await daemon.processId()
    await touch(join(folder, 'web.config'))
    // Nothing says that nothing happens: longer than the quiet that a change is waited out for.
    await pause(1500)
    expect(await daemon.processId()).toBe(first)
    daemon.signal('SIGUSR2')
    await nextProcessId(daemon, first)
    expect(daemon.seen('applicationRecycled')).toHaveLength(1)
  })

  test('of an app with a port of its own: requests wait until the old process has let it go', async () => {
    const folder = await copyApp('node-twin')
    const { port } = await (async () => {
      const probe = await startDaemon(await copyApp('node-twin'))
      await probe.text('/')
      const started = await probe.event('processStarted')
      await probe.end()
      return started
    })()
    await editWebConfig(folder, { environment: { ASPNETCORE_PORT: String(port) } })
    const daemon = await startDaemon(folder)
    const first = await daemon.processId()
    const held = await HeldRequest.open(daemon.port)
    await touch(join(folder, 'web.config'))
    await daemon.event('applicationRecycled')
    const second = daemon.processId()
    // Long enough for two attempts at a start that does not wait.
    await pause(1000)
    expect(await held.finish()).toMatch(wholeAnswer)
    expect(await second).not.toBe(first)
    expect(daemon.seen('processStarted')).toMatchObject([{ port }, { port }])
    expect(daemon.seen('processStartAttemptFailed')).toEqual([])
  })
})
