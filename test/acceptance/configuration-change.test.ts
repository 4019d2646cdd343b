import { copyFile, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { answerOf, nextProcessId, renameOver, touch } from '../support/deployment.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { eventually, pause } from '../support/eventually.ts'
import { copyApp, editWebConfig } from '../support/folders.ts'
import { HeldRequest, wholeAnswer } from '../support/held-request.ts'
import { isAlive } from '../support/processes.ts'

const apps = [
  { name: 'Node app', runs: true, dll: 'server.mjs', copy: () => copyApp('node-twin') },
  { name: 'ASP.NET Core app', runs: hasDotnet, dll: 'TestApp.dll', copy: () => dotnetApp('test-app') },
]

function gone(daemon: Daemon, pid: number): Promise<unknown> {
  return daemon.event('processExited', (event) => event['pid'] === pid)
}

describe.each(apps)('a changed web.config, $name', ({ runs, dll, copy }) => {
  test.skipIf(!runs)(
    'cfg-touch-restart: a touch is enough; what is in flight finishes on the old process',
    async () => {
      const folder = await copy()
      await editWebConfig(folder, { attributes: { shutdownTimeLimit: '60' } })
      const daemon = await startDaemon(folder)
      const first = await daemon.processId()
      const held = await HeldRequest.open(daemon.port)

      await touch(join(folder, 'web.config'))
      const second = await nextProcessId(daemon, first)
      expect(isAlive(first)).toBe(true)
      expect(await held.finish()).toMatch(wholeAnswer)

      expect(await gone(daemon, first)).toMatchObject({ expected: true, code: 0, eventId: 1030 })
      expect(await daemon.event('gracefulShutdownRequested')).toMatchObject({ pid: first, status: 202, eventId: 1006 })
      expect(daemon.seen('applicationRecycled')).toMatchObject([{ eventId: 1021, app: '/LM/W3SVC/1/ROOT' }])
      expect(daemon.seen('applicationRecycled')[0]?.['reason']).toContain('web.config')
      expect(await daemon.processId()).toBe(second)
      expect(daemon.seen('processKilled')).toEqual([])
    },
  )

  test.skipIf(!runs)(
    'cfg-rename-cycle: away and back, three times, each time a new process',
    { timeout: 120_000 },
    async () => {
      const folder = await copy()
      const daemon = await startDaemon(folder)
      let pid = await daemon.processId()
      for (let round = 0; round < 3; round += 1) {
        await rename(join(folder, 'web.config'), join(folder, '_web.config'))
        await gone(daemon, pid)
        await rename(join(folder, '_web.config'), join(folder, 'web.config'))
        await copyFile(join(folder, dll), join(folder, `${dll}.kept`))
        await rm(join(folder, dll))
        await rename(join(folder, `${dll}.kept`), join(folder, dll))
        const before = pid
        pid = await eventually('the new process answers', async () => {
          const answer = await daemon.send('/ProcessId')
          return answer.status === 200 && answer.text !== String(before) ? Number(answer.text) : undefined
        })
        await daemon.event('processStarted', (event) => event['pid'] === pid && event.eventId === 1001)
      }
    },
  )

  test.skipIf(!runs)(
    'cfg-requests-during-restart: 2000 requests, one after the other, are all answered',
    { timeout: 180_000 },
    async () => {
      const folder = await copy()
      const daemon = await startDaemon(folder)
      const answers = new Map<string, number>()
      const pids = new Set<number>([await daemon.processId()])
      for (let request = 0; request < 2000; request += 1) {
        if (request % 500 === 250) await touch(join(folder, 'web.config'))
        const { status, text } = await daemon.send('/HelloWorld')
        const answer = `${String(status)} ${text}`
        answers.set(answer, (answers.get(answer) ?? 0) + 1)
        await pause(1)
      }
      await daemon.event('applicationRecycled')
      for (const event of daemon.seen('processStarted')) pids.add(Number(event['pid']))
      expect(Object.fromEntries(answers)).toEqual({ '200 Hello World': 2000 })
      expect(pids.size).toBeGreaterThan(1)
    },
  )
})

describe('a changed web.config', () => {
  test('written anew: the new process has the new settings', async () => {
    const folder = await copyApp('node-twin')
    const daemon = await startDaemon(folder)
    const first = await daemon.processId()
    await editWebConfig(folder, { environment: { ANCMTestFoo: 'foo' } })
    await nextProcessId(daemon, first)
    expect(await daemon.text('/GetEnvironmentVariable?name=ANCMTestFoo')).toBe('foo')
  })

  test('renamed over: it is never seen half, and the new process has the new settings', async () => {
    const folder = await copyApp('node-twin')
    const daemon = await startDaemon(folder)
    const first = await daemon.processId()
    const text = await readFile(join(folder, 'web.config'), 'utf8')
    await renameOver(join(folder, 'web.config'), text.replace('hostingModel=', 'shutdownTimeLimit="3" hostingModel='))
    await nextProcessId(daemon, first)
    expect(daemon.seen('configRejected')).toEqual([])
  })

  test('deleted: nothing can be hosted, said so; put back, it is', async () => {
    const folder = await copyApp('node-twin')
    const daemon = await startDaemon(folder)
    const first = await daemon.processId()
    const text = await readFile(join(folder, 'web.config'), 'utf8')
    await rm(join(folder, 'web.config'))
    expect((await answerOf(daemon, 500)).text).toContain('500.19')
    expect((await daemon.event('configRejected'))['problems']).toMatchObject([/no web\.config/])
    await gone(daemon, first)
    await writeFile(join(folder, 'web.config'), text)
    expect((await answerOf(daemon, 200)).text).toBe('Hello World')
    await daemon.event('configAccepted')
  })

  test.skipIf(!hasDotnet)('deleted from a publish folder: the app goes on with every default', async () => {
    const folder = await dotnetApp('web')
    const daemon = await startDaemon(folder)
    await daemon.text('/')
    const { pid } = await daemon.event('processStarted')
    await rm(join(folder, 'web.config'))
    await gone(daemon, Number(pid))
    expect(await daemon.text('/')).toBe('Hello World!')
  })

  test('broken: what is in flight finishes, everything else is 500.19; mended: a new process', async () => {
    const folder = await copyApp('node-twin')
    const daemon = await startDaemon(folder)
    const first = await daemon.processId()
    const held = await HeldRequest.open(daemon.port)
    const text = await readFile(join(folder, 'web.config'), 'utf8')
    await writeFile(join(folder, 'web.config'), text.replace('</handlers>', ''))
    expect((await answerOf(daemon, 500)).text).toContain('500.19')
    const rejected = await daemon.event('configRejected')
    expect(rejected.eventId).toBe(1034)
    expect((rejected['problems'] as string[])[0]).toMatch(/web\.config:\d+:\d+: error: /)
    expect(await held.finish()).toMatch(wholeAnswer)
    await writeFile(join(folder, 'web.config'), text)
    await answerOf(daemon, 200)
    expect(await daemon.processId()).not.toBe(first)
    await daemon.event('configAccepted')
    await gone(daemon, first)
  })

  test('broken, with --broken-config keep: the application stays on the one before, and takes the mended one', async () => {
    const folder = await copyApp('node-twin')
    const daemon = await startDaemon(folder, { args: ['--broken-config', 'keep'] })
    const first = await daemon.processId()
    const text = await readFile(join(folder, 'web.config'), 'utf8')
    await writeFile(join(folder, 'web.config'), text.replace('</handlers>', ''))
    expect(await daemon.event('configRejected')).toMatchObject({ eventId: 1034, kept: true })
    expect(await daemon.processId()).toBe(first)
    await writeFile(join(folder, 'web.config'), text)
    await nextProcessId(daemon, first)
    expect(daemon.seen('processStarted')).toHaveLength(2)
  })

  test('cfg-model-switch: inprocess runs out of process, with a notice; back again as well', async () => {
    const folder = await copyApp('node-twin')
    const daemon = await startDaemon(folder)
    const first = await daemon.processId()
    await editWebConfig(folder, { attributes: { hostingModel: 'inprocess' } })
    const second = await nextProcessId(daemon, first)
    const notices = daemon.seen('configNotice').filter(({ msg }) => /inprocess/i.test(msg))
    expect(notices).toHaveLength(1)
    await editWebConfig(folder, { attributes: { hostingModel: 'OutOfProcess' } })
    await nextProcessId(daemon, second)
    expect(daemon.seen('configNotice').filter(({ msg }) => /inprocess/i.test(msg))).toHaveLength(1)
  })

  test('cfg-bogus-hostingmodel: 500, and the event names the word and the two that there are', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { attributes: { hostingModel: 'bogus' } })
    const daemon = await startDaemon(folder)
    expect((await daemon.send('/HelloWorld')).status).toBe(500)
    const rejected = await daemon.event('configRejected')
    expect(rejected.eventId).toBe(1034)
    const said = JSON.stringify(rejected['problems'])
    for (const word of ['bogus', 'inprocess', 'outofprocess']) expect(said).toContain(word)
    expect(daemon.seen('processStarted')).toEqual([])
  })

  test('cfg-touch-stress: a storm of touches ends with one process, and no request failed', async () => {
    const folder = await copyApp('node-twin')
    const daemon = await startDaemon(folder)
    const first = await daemon.processId()
    let storming = true
    const asked = (async () => {
      const statuses = new Set<number>()
      while (storming) statuses.add((await daemon.send('/HelloWorld')).status)
      return statuses
    })()
    for (let touches = 0; touches < 100; touches += 1) {
      await touch(join(folder, 'web.config'))
      await pause(touches % 10 === 9 ? 150 : 5)
    }
    await nextProcessId(daemon, first)
    storming = false
    expect([...(await asked)]).toEqual([200])
    // The quiet after the last touch, and one more recycle because of it.
    await eventually('one process is left, and it answers', async () => {
      const left = daemon.descendants.filter(({ commandLine }) => commandLine.includes('server.mjs'))
      return left.length === 1 && left[0]?.pid === (await daemon.processId())
    })
    expect(daemon.seen('applicationRecycled').length).toBeLessThan(50)
    expect(daemon.seen('processKilled')).toEqual([])
  })
})
