import { rename, writeFile } from 'node:fs/promises'
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
import { eventually, pause } from '../support/eventually.ts'
import { copyApp, editWebConfig, misbehavingApp } from '../support/folders.ts'
import { HeldRequest, wholeAnswer } from '../support/held-request.ts'
import { isAlive } from '../support/processes.ts'

describe('app_offline.htm', () => {
  test('waits for the processes of every recycle before it, not for the last one alone', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { attributes: { shutdownTimeLimit: '60' } })
    const daemon = await startDaemon(folder)
    const first = await daemon.processId()
    const held = await HeldRequest.open(daemon.port)
    daemon.signal('SIGUSR2')
    const second = await nextProcessId(daemon, first)
    await dropOfflineFile(folder)
    await daemon.event('applicationOffline')
    const page = daemon.send('/HelloWorld')
    await daemon.event('processExited', (event) => event['pid'] === second)
    expect(isAlive(first)).toBe(true)
    expect(await held.finish()).toMatch(wholeAnswer)
    expectPage(await page)
    expect(isAlive(first)).toBe(false)
  })

  test('dropped while the app starts: the page for all who waited, and no orphan', async () => {
    const folder = await misbehavingApp('never-listen')
    const daemon = await startDaemon(folder)
    const waiting = Array.from({ length: 5 }, () => daemon.send('/HelloWorld'))
    await eventually('the process is there', () =>
      daemon.descendants.some(({ commandLine }) => commandLine.includes('never-listen')),
    )
    await dropOfflineFile(folder)
    for (const answer of await Promise.all(waiting)) expectPage(answer)
    expect(daemon.descendants.filter(({ commandLine }) => commandLine.includes('never-listen'))).toEqual([])
    expect(daemon.seen('processStartFailed')).toEqual([])
  })

  test('dropped while the configuration is broken, and taken away when it is mended', async () => {
    const folder = await copyApp('node-twin')
    await rename(join(folder, 'web.config'), join(folder, 'good.config'))
    await writeFile(join(folder, 'web.config'), '<configuration>')
    const daemon = await startDaemon(folder)
    await answerOf(daemon, 500)
    await dropOfflineFile(folder)
    expectPage(await answerOf(daemon, 503))
    await rename(join(folder, 'good.config'), join(folder, 'web.config'))
    await removeOfflineFile(folder)
    expect((await answerOf(daemon, 200)).text).toBe('Hello World')
  })

  test('off-graceful-delay: a slow app is waited for, not killed, and requests wait for the page', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, {
      attributes: { shutdownTimeLimit: '30' },
      environment: { ANCMTestShutdownDelay: '2000' },
    })
    const daemon = await startDaemon(folder)
    const pid = await daemon.processId()
    await dropOfflineFile(folder)
    await daemon.event('applicationOffline')
    const asked = daemon.send('/HelloWorld')
    expect(await daemon.event('gracefulShutdownRequested')).toMatchObject({ pid, status: 202, eventId: 1006 })
    expect(isAlive(pid)).toBe(true)
    expectPage(await asked)
    expect(isAlive(pid)).toBe(false)
    expect(await daemon.event('processExited')).toMatchObject({ pid, expected: true, code: 0 })
    await removeOfflineFile(folder)
    await answerOf(daemon, 200)
  })

  test('off-toggle-stress: dropped and taken away again and again, only the page or a good answer is seen', async () => {
    const folder = await copyApp('node-twin')
    const daemon = await startDaemon(folder)
    await daemon.text('/')
    const seen = new Set<string>()
    let toggling = true
    const client = async (): Promise<void> => {
      while (toggling) {
        const { status, text } = await daemon.send('/HelloWorld')
        seen.add(`${String(status)} ${text}`)
      }
    }
    const clients = Array.from({ length: 10 }, client)
    for (let round = 0; round < 10; round += 1) {
      await dropOfflineFile(folder)
      if (round === 9) await eventually('the page is seen', () => seen.has(`503 ${offlinePage}`))
      else await pause(round * 40)
      await removeOfflineFile(folder)
      await pause((10 - round) * 40)
    }
    await answerOf(daemon, 200)
    toggling = false
    await Promise.all(clients)
    expect([...seen].sort()).toEqual(['200 Hello World', `503 ${offlinePage}`])
    const left = daemon.descendants.filter(({ commandLine }) => commandLine.includes('server.mjs'))
    expect(left.map(({ pid }) => pid)).toEqual([await daemon.processId()])
  })
})

test('an application that comes back before its old process has ended starts the new one only then', async () => {
  const folder = await copyApp('node-twin')
  await editWebConfig(folder, { environment: { ANCMTestShutdownDelay: '1500' } })
  const daemon = await startDaemon(folder)
  const first = await daemon.processId()
  await dropOfflineFile(folder)
  await daemon.event('gracefulShutdownRequested')
  await removeOfflineFile(folder)
  await answerOf(daemon, 200)
  expect(await daemon.processId()).not.toBe(first)
  const lives = daemon.events
    .map(({ event }) => event)
    .filter((name) => ['processStarted', 'processExited', 'applicationOnline'].includes(name))
  expect(lives).toEqual(['processStarted', 'processExited', 'applicationOnline', 'processStarted'])
})
