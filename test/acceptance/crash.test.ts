import { describe, expect, test } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { copyApp } from '../support/folders.ts'
import { withEachTwin } from '../support/twins.ts'

async function kill(daemon: Daemon, pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL')
  await daemon.event('processExited', (event) => event['pid'] === pid)
}

withEachTwin('a killed process', {}, (daemon) => {
  test('restart-after-kill: the next request starts a new one, ten times in a row', async () => {
    const pids = [await daemon().processId()]
    for (let round = 1; round <= 10; round += 1) {
      await kill(daemon(), pids[round - 1] ?? Number.NaN)
      pids.push(await daemon().processId())
      const started = await daemon().event('processStarted', ({ pid }) => pid === pids[round])
      expect(started.eventId).toBe(1001)
    }
    expect(new Set(pids).size).toBe(11)
  })
})

describe('a process that ends by itself', () => {
  test('is reported with its exit code and its last lines, and replaced at the next request', async () => {
    const daemon = await startDaemon(await copyApp('node-twin'))
    const pid = await daemon.processId()
    await daemon.text('/ConsoleErrorWrite')
    await daemon.send('/Crash?code=7')
    const exited = await daemon.event('processExited')
    expect(exited).toMatchObject({ pid, code: 7, signal: null, expected: false, eventId: 1030 })
    expect(exited['lastLines']).toContain('TEST MESSAGE')
    expect(await daemon.processId()).not.toBe(pid)
  })

  test('by a signal is reported with the signal', async () => {
    const daemon = await startDaemon(await copyApp('node-twin'))
    await daemon.text('/')
    await daemon.send('/CrashBySignal')
    expect(await daemon.event('processExited')).toMatchObject({ signal: 'SIGKILL', expected: false })
  })

  test('with exit code 0 counts as a crash as well', async () => {
    const daemon = await startDaemon(await copyApp('node-twin'))
    expect(await daemon.text('/Shutdown')).toBe('Shutting down')
    expect(await daemon.event('processExited')).toMatchObject({ code: 0, expected: false })
    expect(await daemon.text('/')).toBe('Running')
  })

  test('fails the requests that it had with 502 and no others', async () => {
    const daemon = await startDaemon(await copyApp('node-twin'))
    const pid = await daemon.processId()
    const waiting = Array.from({ length: 5 }, () => daemon.send('/DoSleep60000'))
    await daemon.text('/')
    process.kill(pid, 'SIGKILL')
    for (const answer of await Promise.all(waiting)) expect(answer.status).toBe(502)
    expect(await daemon.text('/')).toBe('Running')
  })
})
