import { describe, expect, test } from 'vitest'
import { startDaemon } from '../support/daemon.ts'
import { answerOf, dropOfflineFile, expectPage } from '../support/deployment.ts'
import { eventually } from '../support/eventually.ts'
import { copyApp, editWebConfig } from '../support/folders.ts'
import { HeldRequest, wholeAnswer } from '../support/held-request.ts'
import { isAlive } from '../support/processes.ts'
import { withEachTwin } from '../support/twins.ts'

const edit = { attributes: { processesPerApplication: '3' } }

withEachTwin('processesPerApplication 3', { edit }, (daemon) => {
  const round = async (): Promise<number[]> => {
    const pids: number[] = []
    for (let request = 0; request < 3; request += 1) pids.push(await daemon().processId())
    return pids
  }

  test('requests go round three processes, each started by its first', async () => {
    const first = await round()
    expect(new Set(first).size).toBe(3)
    expect(await round()).toEqual(first)
    expect(await round()).toEqual(first)
    const started = daemon().seen('processStarted')
    expect(started.map(({ pid }) => pid)).toEqual(first)
    expect(new Set(started.map(({ port }) => port)).size).toBe(3)
  })

  test('one of them dies: the others go on, and its place is taken at its next turn', async () => {
    const before = await round()
    process.kill(before[0] ?? 0, 'SIGKILL')
    await daemon().event('processExited', (event) => event['pid'] === before[0])
    const after = await round()
    expect(after.slice(1)).toEqual(before.slice(1))
    expect(before).not.toContain(after[0])
    expect(await round()).toEqual(after)
  })

  test('one of them dies at work: what the others had goes on', async () => {
    const before = await round()
    const held = [await HeldRequest.open(daemon().port), await HeldRequest.open(daemon().port)]
    // The turn that comes next is the third process's.
    process.kill(before[2] ?? 0, 'SIGKILL')
    await daemon().event('processExited', (event) => event['pid'] === before[2])
    for (const request of held) expect(await request.finish()).toMatch(wholeAnswer)
  })
})

describe('several processes', () => {
  test('stop at once, not one after the other', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { ...edit, environment: { ANCMTestShutdownDelay: '1000' } })
    const daemon = await startDaemon(folder)
    for (let request = 0; request < 3; request += 1) await daemon.text('/')
    expect(await daemon.stop()).toBe(0)
    const ends = daemon.events
      .map(({ event }) => event)
      .filter((name) => name === 'gracefulShutdownRequested' || name === 'processExited')
    expect(ends).toEqual([
      ...Array<string>(3).fill('gracefulShutdownRequested'),
      ...Array<string>(3).fill('processExited'),
    ])
    expect(daemon.seen('processKilled')).toEqual([])
  })

  test('have all gone when app_offline.htm is shown, and when the application is recycled', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, edit)
    const daemon = await startDaemon(folder)
    const pids: number[] = []
    for (let request = 0; request < 3; request += 1) pids.push(await daemon.processId())
    daemon.signal('SIGUSR2')
    for (const pid of pids) await daemon.event('processExited', (event) => event['pid'] === pid)
    const next: number[] = []
    for (let request = 0; request < 3; request += 1) next.push(await daemon.processId())
    expect(new Set([...pids, ...next]).size).toBe(6)
    await dropOfflineFile(folder)
    expectPage(await answerOf(daemon, 503))
    expect(next.filter(isAlive)).toEqual([])
  })

  test('and one fixed port: the one that has it serves every request', async () => {
    const probe = await startDaemon(await copyApp('node-twin'))
    await probe.text('/')
    const { port } = await probe.event('processStarted')
    await probe.end()
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { ...edit, environment: { ASPNETCORE_PORT: String(port) } })
    const daemon = await startDaemon(folder)
    const pid = await daemon.processId()
    for (let request = 0; request < 10; request += 1) expect(await daemon.processId()).toBe(pid)
    await eventually(
      'one process runs',
      () => daemon.descendants.filter(({ commandLine }) => commandLine.includes('server.mjs')).length === 1,
    )
  })

  test('start side by side when many requests come at once', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, edit)
    const daemon = await startDaemon(folder)
    const pids = await Promise.all(Array.from({ length: 60 }, () => daemon.processId()))
    expect(new Set(pids).size).toBe(3)
    expect(daemon.seen('processStarted')).toHaveLength(3)
  })
})
