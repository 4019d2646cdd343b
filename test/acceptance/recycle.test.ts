import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { answerOf, dropOfflineFile, expectPage, nextProcessId, touch } from '../support/deployment.ts'
import { eventually, pause } from '../support/eventually.ts'
import { copyApp, editWebConfig, misbehavingApp } from '../support/folders.ts'
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

describe('while a new process starts beside the old one, and never gets ready', () => {
  /** A daemon whose app runs, and is being replaced by one that never listens. */
  async function replacing(): Promise<{ daemon: Daemon; folder: string; pid: number }> {
    const folder = await misbehavingApp('serve', { attributes: { startupTimeLimit: '600', shutdownTimeLimit: '5' } })
    const daemon = await startDaemon(folder)
    const pid = Number(await daemon.text('/'))
    await editWebConfig(folder, { attributes: { arguments: 'misbehave.mjs never-listen' } })
    await eventually('the new process is there', () => runs(daemon, 'never-listen'))
    return { daemon, folder, pid }
  }

  function runs(daemon: Daemon, fault: string): boolean {
    return counted(daemon, fault) > 0
  }

  function counted(daemon: Daemon, fault: string): number {
    return daemon.descendants.filter(({ commandLine }) => commandLine.includes(fault)).length
  }

  /** Resolves when another process than this one has answered; every answer on the way must be a good one. */
  function nextText(daemon: Daemon, pid: number): Promise<unknown> {
    return eventually('another process answers', async () => Number(await daemon.text('/')) !== pid)
  }

  /** An app that listens as soon as there is a file `gate` in its folder. */
  async function gatedApp(): Promise<string> {
    const folder = await misbehavingApp('serve')
    await editWebConfig(folder, { attributes: { arguments: 'gate.mjs gate' } })
    return folder
  }

  test('the old one answers', async () => {
    const { daemon, pid } = await replacing()
    for (let request = 0; request < 5; request += 1) expect(Number(await daemon.text('/'))).toBe(pid)
  })

  test('a better web.config does not wait for it', async () => {
    const { daemon, folder, pid } = await replacing()
    await editWebConfig(folder, { attributes: { arguments: 'misbehave.mjs serve' } })
    await eventually('another process answers', async () => Number(await daemon.text('/')) !== pid)
    await eventually('nothing is left of the one that never got ready', () => !runs(daemon, 'never-listen'))
  })

  test('nor does a second change end the old one, however many come, before a new one listens', async () => {
    const { daemon, folder, pid } = await replacing()
    for (const round of ['2', '3', '4']) {
      await editWebConfig(folder, { attributes: { arguments: `misbehave.mjs never-listen ${round}` } })
      await eventually('the next new process is there', () => runs(daemon, `never-listen ${round}`))
      expect(Number(await daemon.text('/'))).toBe(pid)
      await eventually('the one before it has gone', () => counted(daemon, 'never-listen') === 1)
    }
    expect(daemon.seen('applicationRecycled')).toEqual([])
    await editWebConfig(folder, { attributes: { arguments: 'misbehave.mjs serve' } })
    await nextText(daemon, pid)
    expect(await daemon.event('processExited', (event) => event['pid'] === pid)).toMatchObject({ expected: true })
    expect(daemon.seen('applicationRecycled')).toHaveLength(1)
  })

  test('a change that comes to nothing leaves the new one to come', async () => {
    const folder = await gatedApp()
    await editWebConfig(folder, { handlerSettings: { disallowRotationOnConfigChange: 'true' } })
    const daemon = await startDaemon(folder)
    await writeFile(join(folder, 'gate'), '')
    const pid = Number(await daemon.text('/'))
    await rm(join(folder, 'gate'))
    daemon.signal('SIGUSR2')
    const others = (): number[] =>
      daemon.descendants
        .filter((child) => child.pid !== pid && child.commandLine.includes('gate.mjs'))
        .map((child) => child.pid)
    const starting = await eventually('the new process is there', () => others()[0])
    await touch(join(folder, 'web.config'))
    await eventually('it is given up for the change, and started anew', () => others().some((id) => id !== starting))
    await writeFile(join(folder, 'gate'), '')
    await nextText(daemon, pid)
    expect(daemon.seen('applicationRecycled')).toMatchObject([{ reason: 'SIGUSR2' }])
  })

  test('app_offline.htm does not wait for it', async () => {
    const { daemon, folder } = await replacing()
    await dropOfflineFile(folder)
    expectPage(await answerOf(daemon, 503))
    expect(daemon.descendants.filter(({ commandLine }) => commandLine.includes('misbehave'))).toEqual([])
  })

  test('the daemon stops at once, and leaves neither', async () => {
    const { daemon } = await replacing()
    expect(await daemon.stop()).toBe(0)
    expect(daemon.descendants).toEqual([])
  })
})
