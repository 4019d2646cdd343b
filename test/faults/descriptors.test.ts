import { Agent } from 'node:http'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { touch } from '../support/deployment.ts'
import { atTheEnd } from '../support/ending.ts'
import { eventually, pause } from '../support/eventually.ts'
import { misbehavingApp } from '../support/folders.ts'
import { openFiles } from '../support/processes.ts'
import { connectRaw, type RawSocket } from '../support/raw-client.ts'
import { send } from '../support/send.ts'
import { guardOf, presentGuard } from './support/guard.ts'
import { outcomeOf } from './support/traffic.ts'

const limit = 256
const limited = { through: ['prlimit', `--nofile=${String(limit)}`] }
const attributes = { rapidFailsPerMinute: '100', stdoutLogEnabled: 'true', stdoutLogFile: '.\\logs\\stdout' }
const hoard = new URL('support/hoard.mjs', import.meta.url).pathname

/** A client that keeps its connection. */
function kept(): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  atTheEnd(() => {
    agent.destroy()
  })
  return agent
}

async function kill(daemon: Daemon, pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL')
  await daemon.event('processExited', (event) => event['pid'] === pid)
}

async function servesNew(daemon: Daemon): Promise<void> {
  await eventually('new clients are served', async () => (await outcomeOf(daemon.send('/'))) === 200)
}

describe('more clients than there are descriptors', () => {
  test('the surplus is turned away, the others are served, a killed app still restarts; room is used again at once', async () => {
    const daemon = await startDaemon(await misbehavingApp('serve', { attributes }), limited)
    const agent = kept()
    const pid = Number((await send(daemon.url, '/', { agent })).text)
    const idle: RawSocket[] = []
    for (let client = 0; client < 2 * limit; client += 1) idle.push(await connectRaw(daemon.port))
    await eventually('some are turned away', () => idle.some(({ ending }) => ending !== undefined))
    expect(await outcomeOf(daemon.send('/'))).toBe('broken')
    expect(openFiles(daemon.pid)).toBeLessThan(limit)
    for (let round = 0; round < 20; round += 1) expect((await send(daemon.url, '/', { agent })).status).toBe(200)
    await kill(daemon, pid)
    expect((await send(daemon.url, '/', { agent })).status).toBe(200)
    for (const client of idle) client.destroy()
    await servesNew(daemon)
  })
})

describe('no descriptor left at all', () => {
  async function exhaust(daemon: Daemon): Promise<void> {
    await eventually('there is none left', () => {
      daemon.signal('SIGWINCH')
      return openFiles(daemon.pid) >= limit
    })
  }

  async function starved(): Promise<{ daemon: Daemon; folder: string; agent: Agent; pid: number }> {
    const folder = await misbehavingApp('serve', { attributes })
    const daemon = await startDaemon(folder, { ...limited, nodeArguments: ['--import', hoard] })
    const agent = kept()
    const pid = Number((await send(daemon.url, '/', { agent })).text)
    await exhaust(daemon)
    return { daemon, folder, agent, pid }
  }

  test('connections that are there are served on; new ones are closed, and accepted again afterwards', async () => {
    const { daemon, agent, pid } = await starved()
    for (let round = 0; round < 20; round += 1) {
      expect(Number((await send(daemon.url, '/', { agent })).text)).toBe(pid)
      expect(await outcomeOf(daemon.send('/'))).toBe('broken')
    }
    daemon.signal('SIGIO')
    await servesNew(daemon)
  })

  test.each([
    ['none', true],
    ['the few that the dead process had', false],
  ])('a process cannot be started with %s: 502.5 with the cause, the daemon lives, and starts it afterwards', async (_left, all) => {
    const { daemon, agent, pid } = await starved()
    await kill(daemon, pid)
    if (all) await exhaust(daemon)
    const answer = await send(daemon.url, '/', { agent })
    expect(answer.status).toBe(502)
    expect(answer.text).toContain('502.5')
    expect((await daemon.event('processStartFailed')).msg).toContain('EMFILE')
    daemon.signal('SIGIO')
    await servesNew(daemon)
    expect(await daemon.stop()).toBe(0)
  })

  test('a web.config that is touched is read as soon as that can be done; until then the app is served', async () => {
    const { daemon, folder, agent } = await starved()
    await touch(join(folder, 'web.config'))
    // Longer than it takes to notice.
    for (let round = 0; round < 100; round += 1) {
      expect((await send(daemon.url, '/', { agent })).status).toBe(200)
      await pause(10)
    }
    daemon.signal('SIGIO')
    await daemon.event('applicationRecycled')
    expect(daemon.seen('configRejected')).toEqual([])
    await servesNew(daemon)
  })

  test('the guard is killed: another takes its place as soon as it can', async () => {
    const { daemon, agent, pid } = await starved()
    const guard = await presentGuard(daemon)
    process.kill(guard, 'SIGKILL')
    await exhaust(daemon)
    for (let round = 0; round < 20; round += 1) {
      expect(Number((await send(daemon.url, '/', { agent })).text)).toBe(pid)
    }
    daemon.signal('SIGIO')
    await eventually('there is another guard', () => (guardOf(daemon) ?? guard) !== guard)
    daemon.signal('SIGKILL')
    await daemon.exited
    await eventually('the app is gone', () => daemon.descendants.length === 0)
  })
})
