import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { answerOf, dropOfflineFile, expectPage } from '../support/deployment.ts'
import { eventually } from '../support/eventually.ts'
import { copyApp, editWebConfig, misbehavingApp } from '../support/folders.ts'
import { HeldRequest, wholeAnswer } from '../support/held-request.ts'
import { isAlive } from '../support/processes.ts'
import { withEachTwin } from '../support/twins.ts'

const edit = { attributes: { processesPerApplication: '3' } }

/** Asks, one after the other, until so many processes have answered; their ids, in the order of their turns from then on. */
async function everyProcess(daemon: Daemon, count = 3): Promise<number[]> {
  const seen = new Set<number>()
  await eventually(`${String(count)} processes answer`, async () => seen.add(await daemon.processId()).size === count)
  return turns(daemon, count)
}

async function turns(daemon: Daemon, count = 3): Promise<number[]> {
  const pids: number[] = []
  for (let request = 0; request < count; request += 1) pids.push(await daemon.processId())
  return pids
}

withEachTwin('processesPerApplication 3', { edit }, (daemon) => {
  test('requests have three processes started, and go round them', async () => {
    const first = await everyProcess(daemon())
    expect(new Set(first).size).toBe(3)
    expect(await turns(daemon())).toEqual(first)
    expect(await turns(daemon())).toEqual(first)
    const started = daemon().seen('processStarted')
    expect(new Set(started.map(({ pid }) => pid))).toEqual(new Set(first))
    expect(new Set(started.map(({ port }) => port)).size).toBe(3)
  })

  test('one of them dies: the others go on, and another takes its place', async () => {
    const before = await everyProcess(daemon())
    process.kill(before[0] ?? Number.NaN, 'SIGKILL')
    await daemon().event('processExited', (event) => event['pid'] === before[0])
    const after = await everyProcess(daemon())
    expect(new Set([...before, ...after]).size).toBe(4)
    expect(after).not.toContain(before[0])
  })

  test('who has least to do gets the next request; when it dies, what the others had goes on', async () => {
    const before = await everyProcess(daemon())
    const held = [await HeldRequest.open(daemon().port), await HeldRequest.open(daemon().port)]
    const [idle, ...again] = await turns(daemon(), 5)
    expect(new Set(again)).toEqual(new Set([idle]))
    expect(before).toContain(idle)
    process.kill(idle ?? Number.NaN, 'SIGKILL')
    await daemon().event('processExited', (event) => event['pid'] === idle)
    for (const request of held) expect(await request.finish()).toMatch(wholeAnswer)
  })
})

describe('several processes', () => {
  test('stop at once, not one after the other', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { ...edit, environment: { ANCMTestShutdownDelay: '1000' } })
    const daemon = await startDaemon(folder)
    await everyProcess(daemon)
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
    const pids = await everyProcess(daemon)
    daemon.signal('SIGUSR2')
    for (const pid of pids) await daemon.event('processExited', (event) => event['pid'] === pid)
    const next = await everyProcess(daemon)
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
    expect(daemon.seen('processStartAttemptFailed')).toEqual([])
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

describe('a recycle of several processes', () => {
  const four = { attributes: { processesPerApplication: '4', rapidFailsPerMinute: '100' } }

  function alive(daemon: Daemon): number {
    return daemon.descendants.filter(({ commandLine }) => commandLine.includes('.mjs')).length
  }

  test('starts the new ones one by one; an old one goes when a new one has come', async () => {
    const folder = await misbehavingApp('serve', four)
    await editWebConfig(folder, { attributes: { arguments: 'gate.mjs gate' } })
    await writeFile(join(folder, 'gate'), '')
    const daemon = await startDaemon(folder)
    const text = async (): Promise<string> => (await daemon.send('/')).text
    const old = new Set<string>()
    await eventually('four processes answer', async () => old.add(await text()).size === 4)

    await rm(join(folder, 'gate'))
    daemon.signal('SIGUSR2')
    await eventually('a new one starts', () => alive(daemon) > 4)
    for (let request = 0; request < 20; request += 1) expect(old).toContain(await text())
    expect(alive(daemon)).toBe(5)
    expect(daemon.seen('gracefulShutdownRequested')).toEqual([])

    await writeFile(join(folder, 'gate'), '')
    const next = new Set<string>()
    await eventually('four others answer', async () => {
      const pid = await text()
      if (!old.has(pid)) next.add(pid)
      return next.size === 4
    })
    for (const pid of old) await daemon.event('processExited', (event) => event['pid'] === Number(pid))
    expect(daemon.seen('applicationRecycled')).toHaveLength(1)
    expect(daemon.seen('processStarted')).toHaveLength(8)
  })

  test('ends with the first that cannot be started: four serve, and no request is lost', async () => {
    const folder = await misbehavingApp('serve', four)
    // The first six that are started serve.
    await editWebConfig(folder, { attributes: { arguments: 'only.mjs starts 6' } })
    const daemon = await startDaemon(folder)
    const pids = new Set<number>()
    await eventually('four processes answer', async () => pids.add(Number(await daemon.text('/'))).size === 4)
    const old = new Set(pids)

    let isAsking = true
    const asking = (async () => {
      const statuses = new Set<number>()
      while (isAsking) statuses.add((await daemon.send('/', { method: 'PUT', body: 'x' })).status)
      return [...statuses]
    })()
    daemon.signal('SIGUSR2')
    expect(await daemon.event('recycleStopped')).toMatchObject({ processes: 4, reason: 'SIGUSR2' })
    pids.clear()
    await eventually('four processes answer', async () => pids.add(Number(await daemon.text('/'))).size === 4)
    isAsking = false
    expect(await asking).toEqual([200])
    expect([...pids].filter((pid) => old.has(pid))).toHaveLength(2)

    // Once they can be started again, the next recycle replaces all that are there.
    await rm(join(folder, 'starts'))
    daemon.signal('SIGUSR2')
    for (const pid of pids) await daemon.event('processExited', (event) => event['pid'] === pid)
    expect(daemon.seen('processStartFailed')).toHaveLength(1)
    expect(await daemon.stop()).toBe(0)
  })
})
