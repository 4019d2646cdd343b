import { readdirSync } from 'node:fs'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { touch } from '../support/deployment.ts'
import { eventually } from '../support/eventually.ts'
import { copyApp } from '../support/folders.ts'
import { isAlive, openFiles, zombiesOf } from '../support/processes.ts'
import { connectRaw } from '../support/raw-client.ts'
import { retried } from '../support/retried.ts'
import { send } from '../support/send.ts'
import { app } from './support/apps.ts'
import { outcomeOf, tally, Traffic } from './support/traffic.ts'

/** Of a process that has ended, threads may still be ending, and keep its sockets open. */
function threadsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${String(pid)}/task`).length
  } catch {
    return 0
  }
}

async function kill(daemon: Daemon, pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL')
  await daemon.event('processExited', (event) => event['pid'] === pid)
}

describe('the process of the app', () => {
  test('killed while idle: the next request is answered by a new one', async () => {
    const daemon = await startDaemon(await copyApp('node-twin'))
    const pid = await daemon.processId()
    await kill(daemon, pid)
    expect(await daemon.processId()).not.toBe(pid)
  })

  test('killed while idle, and asked in the same moment: the next request is answered by a new one too', async () => {
    const daemon = await startDaemon(await copyApp('node-twin'))
    for (let round = 0; round < 8; round += 1) {
      const pid = await daemon.processId()
      process.kill(pid, 'SIGKILL')
      // Not a moment later than the kernel has closed its sockets: the daemon may not have been told yet.
      while (isAlive(pid) || threadsOf(pid) > 1);
      expect(await daemon.processId()).not.toBe(pid)
    }
  })

  test('killed while idle, under kept connections: a POST that comes at that moment runs once, and gets 200', async () => {
    const daemon = await startDaemon(await copyApp('node-twin'))
    const agent = new Agent({ keepAlive: true })
    for (let round = 0; round < 8; round += 1) {
      const pid = Number((await send(daemon.url, '/ProcessId', { agent })).text)
      await kill(daemon, pid)
      const answer = await send(daemon.url, '/EchoPostData', { method: 'POST', body: 'once', agent })
      expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: 'once' })
    }
    agent.destroy()
  })

  test('killed under load: what was in flight gets 502.3 or a reset, everything else waits for the new one', async () => {
    const daemon = await startDaemon(await app('bad-answers.mjs'))
    const pid = Number(await daemon.text('/'))
    const inFlight = Array.from({ length: 10 }, () => daemon.send('/hang'))
    await eventually('all ten hang', async () => (await daemon.text('/hanging')) === '10')
    const clients = 8
    const traffic = new Traffic(daemon, '/', clients)
    await traffic.more(100)
    await kill(daemon, pid)
    await traffic.more(100)
    const outcomes = await traffic.stop()
    for (const answer of await Promise.all(inFlight)) {
      expect(answer.status).toBe(502)
      expect(answer.text).toContain('502.3')
    }
    // A client has one request out at a time.
    expect((outcomes['502'] ?? 0) + (outcomes['broken'] ?? 0)).toBeLessThanOrEqual(clients)
    expect(Object.keys(outcomes).every((outcome) => ['200', '502', 'broken'].includes(outcome))).toBe(true)
    expect(daemon.seen('processStarted')).toHaveLength(2)
  })

  const late = retried('libuv tells a reset as an end when it comes together with bytes that are not read yet', 4)
  test('killed in mid-response: the client sees a reset, never a clean end', late, async () => {
    const daemon = await startDaemon(await copyApp('node-twin'))
    const pid = await daemon.processId()
    const client = await connectRaw(daemon.port)
    client.send('GET /WaitForAbort HTTP/1.1\r\nHost: x\r\n\r\n')
    await client.until('\r\n\r\n')
    process.kill(pid, 'SIGKILL')
    expect(await client.ended).toBe('reset')
    expect(client.received).not.toContain('\r\n0\r\n\r\n')
    client.destroy()
    expect(await daemon.text('/')).toBe('Running')
  })
})

describe('a crash storm', () => {
  test('30 deaths in a row under load: one live process at a time, no zombie, no descriptor lost, then service', async () => {
    const daemon = await startDaemon(await app('talkative.mjs', { attributes: { rapidFailsPerMinute: '100' } }))
    await daemon.text('/')
    const before = openFiles(daemon.pid)
    const lives: number[] = []
    let watching = true
    const watch = (async () => {
      while (watching) {
        lives.push(daemon.descendants.length)
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    })()
    const traffic = new Traffic(daemon, '/', 4)
    for (let deaths = 0; deaths < 30; deaths += 1) {
      // One that comes to a process which is dying already is not the death of a process of its own.
      while (daemon.seen('processExited').length === deaths) await outcomeOf(daemon.send('/die/1', { method: 'POST' }))
    }
    watching = false
    await watch
    await traffic.more(10)
    await traffic.stop()

    expect(Math.max(...lives)).toBe(1)
    expect(zombiesOf(daemon.pid)).toEqual([])
    await eventually('every descriptor is back', () => openFiles(daemon.pid) <= before)
    expect(daemon.seen('rapidFailTripped')).toEqual([])
  })

  test('beyond rapidFailsPerMinute: refused at once with 502.5, without a process, and served again when web.config is mended', async () => {
    const folder = await app('talkative.mjs', { attributes: { rapidFailsPerMinute: '3' } })
    const daemon = await startDaemon(folder)
    for (let death = 0; death < 4; death += 1) {
      expect((await daemon.send('/die/1', { method: 'POST' })).status).toBe(502)
      await eventually('the death is known', () => daemon.seen('processExited').length === death + 1)
    }
    const answers = await Promise.all(Array.from({ length: 50 }, () => daemon.send('/')))
    expect(tally(answers.map(({ status }) => status))).toEqual({ '502': 50 })
    expect(answers[0]?.text).toContain('502.5')
    expect(daemon.seen('rapidFailTripped')).toHaveLength(1)
    expect(daemon.seen('processStarted')).toHaveLength(4)
    expect(daemon.descendants).toEqual([])

    await touch(join(folder, 'web.config'))
    await daemon.event('applicationRecycled')
    expect((await daemon.send('/')).status).toBe(200)
  })
})
