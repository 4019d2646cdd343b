import { copyFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startDaemon } from '../support/daemon.ts'
import {
  answerOf,
  dropOfflineFile,
  expectPage,
  nextProcessId,
  offlinePage,
  removeOfflineFile,
} from '../support/deployment.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { EchoSocket } from '../support/echo-socket.ts'
import { copyApp, editWebConfig } from '../support/folders.ts'
import { HeldRequest, wholeAnswer } from '../support/held-request.ts'
import { connectRaw } from '../support/raw-client.ts'
import { isAlive } from '../support/processes.ts'

const apps = [
  { name: 'Node app', runs: true, dll: 'server.mjs', copy: () => copyApp('node-twin') },
  { name: 'ASP.NET Core app', runs: hasDotnet, dll: 'TestApp.dll', copy: () => dotnetApp('test-app') },
]

/** Deletes every file of the site, as a deployment does; what is locked would not let itself be deleted on Windows. */
async function deleteAll(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name !== 'app_offline.htm') await rm(join(folder, name), { recursive: true })
  }
}

describe.each(apps)('app_offline.htm, $name', ({ runs, dll, copy }) => {
  test.skipIf(!runs)('off-before-start: nothing is started, whatever is asked', async () => {
    const folder = await copy()
    const daemon = await startDaemon(folder)
    await dropOfflineFile(folder)
    expectPage(await answerOf(daemon, 503))
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      expectPage(await daemon.send('/any/path?query', { method, ...(method !== 'OPTIONS' && { body: 'body' }) }))
    }
    const head = await daemon.send('/', { method: 'HEAD' })
    expect([head.status, head.text, head.field('Content-Length')]).toEqual([503, '', [String(offlinePage.length)]])
    await deleteAll(folder)
    expectPage(await daemon.send('/HelloWorld'))
    expect(daemon.seen('processStarted')).toEqual([])
    expect(daemon.descendants).toEqual([])
  })

  test.skipIf(!runs)('off-before-start: so is one that was there before the daemon', async () => {
    const folder = await copy()
    await dropOfflineFile(folder)
    const daemon = await startDaemon(folder)
    expectPage(await daemon.send('/HelloWorld'))
    expect(await daemon.event('applicationOffline')).toMatchObject({ eventId: 1012 })
  })

  test.skipIf(!runs)('off-remove-starts: the first start comes after the removal', async () => {
    const folder = await copy()
    const daemon = await startDaemon(folder)
    await dropOfflineFile(folder)
    expectPage(await answerOf(daemon, 503))
    await removeOfflineFile(folder)
    expect((await answerOf(daemon, 200)).text).toBe('Hello World')
    expect(daemon.seen('processStarted')).toHaveLength(1)
  })

  test.skipIf(!runs)(
    'off-while-running: on and off, five times; the old process has gone when the page comes',
    async () => {
      const folder = await copy()
      const daemon = await startDaemon(folder)
      for (let round = 0; round < 5; round += 1) {
        const pid = await daemon.processId()
        await dropOfflineFile(folder)
        expectPage(await answerOf(daemon, 503))
        expect(isAlive(pid)).toBe(false)
        await daemon.event('processExited', (event) => event['pid'] === pid && event['expected'] === true)
        await removeOfflineFile(folder)
        expect((await answerOf(daemon, 200)).text).toBe('Hello World')
        await daemon.event('processStarted', (event) => event['pid'] !== pid)
      }
      await dropOfflineFile(folder)
      expectPage(await answerOf(daemon, 503))
      await deleteAll(folder)
      expectPage(await daemon.send('/'))
      expect(daemon.seen('applicationOffline')).toHaveLength(6)
      expect(daemon.seen('processKilled')).toEqual([])
    },
  )

  test.skipIf(!runs)('off-rename-cycle: renamed in and out, and the app replaced meanwhile', async () => {
    const folder = await copy()
    const daemon = await startDaemon(folder)
    await writeFile(join(folder, '_app_offline.htm'), offlinePage)
    let pid = await daemon.processId()
    for (let round = 0; round < 3; round += 1) {
      await rename(join(folder, '_app_offline.htm'), join(folder, 'app_offline.htm'))
      expectPage(await answerOf(daemon, 503))
      await copyFile(join(folder, dll), join(folder, `${dll}.kept`))
      await rm(join(folder, dll))
      await rename(join(folder, `${dll}.kept`), join(folder, dll))
      await rename(join(folder, 'app_offline.htm'), join(folder, '_app_offline.htm'))
      await answerOf(daemon, 200)
      pid = await nextProcessId(daemon, pid)
    }
  })

  test.skipIf(!runs)('off-inflight-drain: what is in flight is answered, then comes the page', async () => {
    const folder = await copy()
    await editWebConfig(folder, { attributes: { shutdownTimeLimit: '60' } })
    const daemon = await startDaemon(folder)
    const pid = await daemon.processId()
    const posts = [await HeldRequest.open(daemon.port), await HeldRequest.open(daemon.port)]
    const waiting = await connectRaw(daemon.port)
    waiting.send('GET /WaitForAppToStartShuttingDown HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    await waiting.until('test1')
    await dropOfflineFile(folder)
    await daemon.event('applicationOffline')
    const page = daemon.send('/HelloWorld')
    expect(await waiting.untilEnded()).toMatch(/test2\r\n0\r\n\r\n$/)
    waiting.destroy()
    expect(isAlive(pid)).toBe(true)
    for (const post of posts) expect(await post.finish()).toMatch(wholeAnswer)
    expectPage(await page)
    expect(await daemon.event('processExited')).toMatchObject({ pid, code: 0, expected: true })
    expect(daemon.seen('processKilled')).toEqual([])
  })

  test.skipIf(!runs)(
    'off-ws-closed, ws-app-offline: a WebSocket is told by the app before the page comes',
    async () => {
      const folder = await copy()
      const daemon = await startDaemon(folder)
      for (let round = 0; round < 3; round += 1) {
        const socket = await EchoSocket.open(daemon.port)
        await socket.echo('hello')
        await dropOfflineFile(folder)
        expect(await socket.closed).toEqual({ code: 1000, reason: 'ClosingFromServer' })
        expectPage(await answerOf(daemon, 503))
        await expect(EchoSocket.open(daemon.port)).rejects.toThrow('503')
        await removeOfflineFile(folder)
        await answerOf(daemon, 200)
      }
      expect(daemon.seen('processKilled')).toEqual([])
    },
  )
})
