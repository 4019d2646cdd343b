import { describe, expect, test } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { eventually } from '../support/eventually.ts'
import { misbehavingApp } from '../support/folders.ts'
import { openFiles } from '../support/processes.ts'
import { connectRaw } from '../support/raw-client.ts'
import { app, faultyUntil, gate } from './support/apps.ts'
import { tally } from './support/traffic.ts'

const attributes = { startupTimeLimit: '1', rapidFailsPerMinute: '100' }

/** A failed start answers for a second; then the next request starts anew. */
function servedAgain(daemon: Daemon): Promise<unknown> {
  return eventually('it is served', async () => (await daemon.send('/')).status === 200)
}

describe('an app that does not come up: 502.5 with the cause in the log, and service as soon as the cause is gone', () => {
  test.each([
    ['exits at once', 'exit 3 0 "no connection string"', 'exited'],
    ['exits at once with code 0', 'exit 0 0', 'exited'],
    ['never listens', 'never-listen', 'never-listened'],
    ['listens on the wrong port', 'listen-elsewhere', 'listens-elsewhere'],
    ['listens where 127.0.0.1 does not reach', 'listen-v6-loopback', 'listens-elsewhere'],
    ['listens later than startupTimeLimit', 'listen-late 60000', 'never-listened'],
  ])('%s', async (_what, fault, cause) => {
    const mended = await gate()
    const daemon = await startDaemon(await faultyUntil(mended, fault, { attributes }))
    const answers = await Promise.all(Array.from({ length: 10 }, () => daemon.send('/')))
    expect(tally(answers.map(({ status }) => status))).toEqual({ '502': 10 })
    expect(answers[0]?.text).toContain('502.5')
    expect(await daemon.event('processStartFailed')).toMatchObject({ cause })
    expect(daemon.seen('processStartFailed')).toHaveLength(1)
    await eventually('nothing of it is left', () => daemon.descendants.length === 0)
    await mended.open()
    await servedAgain(daemon)
  })

  test('is not there at all', async () => {
    const daemon = await startDaemon(await app('', { attributes: { processPath: './no-such-program' } }))
    expect((await daemon.send('/')).status).toBe(502)
    expect(await daemon.event('processStartFailed')).toMatchObject({ cause: 'not-found' })
    expect(await daemon.stop()).toBe(0)
  })
})

describe('an app that comes up in its own way', () => {
  test('listens late, within startupTimeLimit: its requests wait and are answered', async () => {
    const daemon = await startDaemon(await misbehavingApp('listen-late 1500'))
    const answers = await Promise.all(Array.from({ length: 20 }, () => daemon.send('/')))
    expect(tally(answers.map(({ status }) => status))).toEqual({ '200': 20 })
    expect(daemon.seen('processStarted')).toHaveLength(1)
  })

  test.each([
    ['whose launcher leaves at once', 'leaving-launcher 0'],
    ['whose launcher stays', 'launcher'],
    ['that is a daemon of its own: two forks, two sessions', 'double-fork'],
  ])('an app %s is served; when it dies later, the next request starts anew', async (_what, fault) => {
    const daemon = await startDaemon(await misbehavingApp(fault))
    for (let life = 1; life <= 3; life += 1) {
      const pid = Number(await daemon.text('/'))
      expect(await daemon.event('processStarted', (event) => event['listeningPid'] === pid)).toBeDefined()
      // Nothing is made of the launcher's end.
      expect(Number(await daemon.text('/'))).toBe(pid)
      process.kill(pid, 'SIGKILL')
      await eventually('the death is known', () => daemon.seen('processExited').length === life)
    }
    expect((await daemon.send('/')).status).toBe(200)
    expect(await daemon.stop()).toBe(0)
  })
})

describe('a herd', () => {
  test('1,500 first requests on a slow start: one start, 1000 wait for it, the rest get 503 with Retry-After at once', async () => {
    const start = await gate()
    const daemon = await startDaemon(await app(`gate.mjs ${start.file}`))
    const answers = Array.from({ length: 1_500 }, () => daemon.send('/'))
    const early: number[] = []
    for (const answer of answers) void answer.then(({ status }) => early.push(status))
    await eventually('500 are answered while the app still starts', () => early.length >= 500)
    expect(tally(early)).toEqual({ '503': 500 })
    await start.open()
    const all = await Promise.all(answers)
    expect(tally(all.map(({ status }) => status))).toEqual({ '200': 1_000, '503': 500 })
    for (const { status, ...answer } of all) {
      if (status === 503) expect(answer.field('Retry-After')[0]).toMatch(/^[1-9]\d*$/)
    }
    expect(daemon.seen('processStarted')).toHaveLength(1)
    expect((await daemon.send('/')).status).toBe(200)
  })

  test('clients that leave while they wait: the app comes up for those who stayed, and never hears of the others', async () => {
    const start = await gate()
    const daemon = await startDaemon(await app(`gate.mjs ${start.file}`))
    const before = openFiles(daemon.pid)
    const leaving = await Promise.all(Array.from({ length: 50 }, () => connectRaw(daemon.port)))
    for (const client of leaving) client.send('GET /left HTTP/1.1\r\nHost: x\r\n\r\n')
    const staying = Array.from({ length: 50 }, () => daemon.send('/stayed'))
    await eventually('the daemon has all of them', () => openFiles(daemon.pid) >= before + 100)
    await eventually('the app is being started', () => daemon.descendants.length > 0)
    for (const client of leaving) client.reset()
    await eventually('the daemon is rid of those who left', () => openFiles(daemon.pid) < before + 75)
    await start.open()
    expect(tally((await Promise.all(staying)).map(({ status }) => status))).toEqual({ '200': 50 })
    const seen = (await daemon.text('/seen')).split('\n')
    expect(seen).toEqual(Array.from({ length: 50 }, () => '/stayed'))
  })

  test('clients that all leave before the app is up: the start goes on, and the next request finds it', async () => {
    const start = await gate()
    const daemon = await startDaemon(await app(`gate.mjs ${start.file}`))
    const client = await connectRaw(daemon.port)
    client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await eventually('the app is being started', () => daemon.descendants.length > 0)
    client.reset()
    await start.open()
    await daemon.event('processStarted')
    expect(await daemon.text('/seen')).toBe('')
    expect(daemon.seen('processStarted')).toHaveLength(1)
  })
})

describe('the port of the daemon', () => {
  test('is held by another daemon: EADDRINUSE in one clear line, exit code 1, and the first serves on', async () => {
    const first = await startDaemon(await misbehavingApp('serve'))
    await first.text('/')
    const second = await startDaemon(await misbehavingApp('serve'), { port: first.port }).then(
      () => undefined,
      (error: unknown) => String(error),
    )
    expect(second).toContain('listenFailed')
    expect(second).toContain(String(first.port))
    expect((await first.send('/')).status).toBe(200)
  })

  test('is free at once after the daemon was killed with requests under way', async () => {
    const folder = await misbehavingApp('serve')
    let daemon = await startDaemon(folder)
    for (let round = 0; round < 5; round += 1) {
      const { port } = daemon
      await daemon.text('/')
      const client = await connectRaw(port)
      client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      await client.until('\r\n\r\n')
      daemon.signal('SIGKILL')
      await daemon.exited
      daemon = await startDaemon(folder, { port })
      expect((await daemon.send('/')).status).toBe(200)
      client.destroy()
    }
  })
})
