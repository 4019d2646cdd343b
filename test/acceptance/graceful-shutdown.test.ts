import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { connectRaw } from '../support/raw-client.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { eventually } from '../support/eventually.ts'
import { copyApp, editWebConfig, misbehavingApp, temporaryFolder } from '../support/folders.ts'
import { isAlive } from '../support/processes.ts'

const apps = [
  { name: 'Node app', runs: true, copy: () => copyApp('node-twin') },
  { name: 'ASP.NET Core app', runs: hasDotnet, copy: () => dotnetApp('test-app') },
]

/** Resolves when the daemon takes no new connections any more. */
async function refusesConnections(daemon: Daemon): Promise<void> {
  await eventually(
    'new connections are refused',
    () =>
      new Promise<boolean>((resolve) => {
        const socket = connect(daemon.port, '127.0.0.1', () => {
          socket.destroy()
          resolve(false)
        })
        socket.once('error', () => {
          resolve(true)
        })
      }),
  )
}

describe.each(apps)('SIGTERM, $name', ({ runs, copy }) => {
  test.skipIf(!runs)('lets ten requests in flight finish, tells the app, exits with 0 and leaves nothing', async () => {
    const journal = join(await temporaryFolder(), 'journal')
    const folder = await copy()
    await editWebConfig(folder, { attributes: { shutdownTimeLimit: '60' }, environment: { ANCMTestJournal: journal } })
    const daemon = await startDaemon(folder)
    const pid = await daemon.processId()
    // Each has begun its answer and waits for one more byte of its body.
    const requests = await Promise.all(Array.from({ length: 10 }, () => connectRaw(daemon.port)))
    for (const each of requests) {
      each.send('POST /ReadAndCountRequestBody HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n')
    }
    await Promise.all(requests.map((each) => each.until(/\r\n\r\n[\s\S]*\d/)))

    daemon.signal('SIGTERM')
    await daemon.event('stopping')
    await refusesConnections(daemon)
    for (const each of requests) each.send('x')
    for (const each of requests) {
      expect(await each.untilEnded()).toContain('done')
      each.destroy()
    }

    expect(await daemon.exited).toBe(0)
    expect(await daemon.event('gracefulShutdownRequested')).toMatchObject({ pid, status: 202, eventId: 1006 })
    expect(await daemon.event('processExited')).toMatchObject({ pid, code: 0, expected: true })
    expect(daemon.seen('processKilled')).toEqual([])
    expect(await readFile(journal, 'utf8')).toMatch(/^started [\s\S]*\nstopped\n$/)
    expect(isAlive(pid)).toBe(false)
    expect(daemon.descendants).toEqual([])
  })

  test.skipIf(!runs)('a request that waits for the shutdown of the app gets its answer', async () => {
    const folder = await copy()
    await editWebConfig(folder, { attributes: { shutdownTimeLimit: '60' } })
    const daemon = await startDaemon(folder)
    const request = await connectRaw(daemon.port)
    request.send('GET /WaitForAppToStartShuttingDown HTTP/1.1\r\nHost: x\r\n\r\n')
    await request.until('test1')
    const stopped = daemon.stop()
    expect(await request.untilEnded()).toContain('test2')
    request.destroy()
    expect(await stopped).toBe(0)
  })
})

describe('an app that knows no shutdown message', () => {
  test.skipIf(!hasDotnet)('CreateSlimBuilder, with an open SSE client: ApplicationStopped runs', async () => {
    const journal = join(await temporaryFolder(), 'journal')
    const folder = await dotnetApp('slim')
    await editWebConfig(folder, { attributes: { shutdownTimeLimit: '20' }, environment: { ANCMTestJournal: journal } })
    const daemon = await startDaemon(folder)
    const client = await connectRaw(daemon.port)
    client.send('GET /events HTTP/1.1\r\nHost: x\r\n\r\n')
    await client.until('data: 2')
    expect(await daemon.stop()).toBe(0)
    await client.ended
    expect(await readFile(journal, 'utf8')).toBe('stopping\nstopped\n')
    expect(await daemon.event('processExited')).toMatchObject({ code: 0, expected: true })
    expect(daemon.seen('processKilled')).toEqual([])
  })
})

describe('stopping', () => {
  test('SIGINT is as good as SIGTERM', async () => {
    const daemon = await startDaemon(await copyApp('node-twin'))
    await daemon.text('/')
    daemon.signal('SIGINT')
    expect(await daemon.exited).toBe(0)
  })

  test('before the first request there is nothing to stop but the daemon', async () => {
    const daemon = await startDaemon(await copyApp('node-twin'))
    expect(await daemon.stop()).toBe(0)
    expect(daemon.seen('processStarted')).toEqual([])
  })

  test('a second SIGTERM ends everything at once', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { attributes: { shutdownTimeLimit: '600' } })
    const daemon = await startDaemon(folder)
    const pid = await daemon.processId()
    const request = await connectRaw(daemon.port)
    request.send('GET /DoSleep600000 HTTP/1.1\r\nHost: x\r\n\r\n')
    await eventually('the request is in the app', async () => (await daemon.text('/ProcessId')) !== '')
    daemon.signal('SIGTERM')
    await daemon.event('stopping')
    daemon.signal('SIGTERM')
    expect(await daemon.exited).toBe(1)
    await eventually('the app is gone', () => !isAlive(pid))
  })

  test('an app that does not end within shutdownTimeLimit is killed, and said so', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { attributes: { arguments: '.\\server.mjs HangOnStop', shutdownTimeLimit: '1' } })
    const daemon = await startDaemon(folder)
    const pid = await daemon.processId()
    expect(await daemon.stop()).toBe(0)
    expect(await daemon.event('processKilled')).toMatchObject({ pid, eventId: 1005 })
    expect(isAlive(pid)).toBe(false)
  })

  test('an app that knows no shutdown message gets SIGTERM', async () => {
    const daemon = await startDaemon(await misbehavingApp('drains-on-sigterm'))
    await daemon.text('/')
    expect(await daemon.stop()).toBe(0)
    expect(await daemon.event('gracefulShutdownRequested')).toMatchObject({ status: 404 })
    expect(await daemon.event('processExited')).toMatchObject({ code: 0, expected: true })
  })

  test('a helper process of the app does not stay behind', async () => {
    const daemon = await startDaemon(await misbehavingApp('with-helper'))
    await daemon.text('/')
    expect(daemon.descendants.length).toBeGreaterThanOrEqual(2)
    expect(await daemon.stop()).toBe(0)
    await eventually('the helper is gone', () => daemon.descendants.length === 0)
  })

  test('idle keep-alive connections do not hold the daemon', async () => {
    const daemon = await startDaemon(await copyApp('node-twin'))
    const idle = await connectRaw(daemon.port)
    idle.send('GET /HelloWorld HTTP/1.1\r\nHost: x\r\n\r\n')
    await idle.until('Hello World')
    expect(await daemon.stop()).toBe(0)
    await idle.untilEnded()
  })

  test('while the app starts: nothing is left behind', async () => {
    const folder = await misbehavingApp('never-listen', { attributes: { shutdownTimeLimit: '2' } })
    const daemon = await startDaemon(folder)
    const request = await connectRaw(daemon.port)
    request.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await eventually('the process is there', () =>
      daemon.descendants.some(({ commandLine }) => commandLine.includes('misbehave')),
    )
    await daemon.stop()
    await eventually('it is gone', () => daemon.descendants.length === 0)
  })
})

describe('a daemon that is killed', () => {
  test('takes its app with it', async () => {
    const daemon = await startDaemon(await misbehavingApp('with-helper'))
    await daemon.text('/')
    daemon.signal('SIGKILL')
    expect(await daemon.exited).toBe(137)
    await eventually('the whole tree is gone', () => daemon.descendants.length === 0)
  })

  test('can be started again on the same port at once', async () => {
    const folder = await copyApp('node-twin')
    const first = await startDaemon(folder)
    await first.text('/')
    first.signal('SIGKILL')
    await first.exited
    const second = await startDaemon(folder, { port: first.port })
    expect(await second.text('/')).toBe('Running')
  })
})
