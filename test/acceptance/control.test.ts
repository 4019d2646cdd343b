import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { ancmd, Daemon, type Finished, startDaemon } from '../support/daemon.ts'
import { dropOfflineFile } from '../support/deployment.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { atTheEnd } from '../support/ending.ts'
import { eventually } from '../support/eventually.ts'
import { copyApp, editWebConfig, temporaryFolder, top } from '../support/folders.ts'
import { HeldRequest, wholeAnswer } from '../support/held-request.ts'
import { isAlive } from '../support/processes.ts'

const id = '/LM/W3SVC/1/ROOT'

/** Carries out a verb on this daemon, as somebody would who has only one. */
function verb(daemon: Daemon, ...args: readonly string[]): Promise<Finished> {
  return ancmd(args, { environment: { RUNTIME_DIRECTORY: daemon.runtimeFolder } })
}

interface Status {
  readonly sites: readonly { readonly applications: readonly Record<string, unknown>[] }[]
}

async function statusOf(daemon: Daemon): Promise<Status> {
  return JSON.parse((await verb(daemon, 'status', '--json')).stdout) as Status
}

describe.runIf(hasDotnet)('a real ASP.NET Core app', () => {
  let folder: string
  beforeAll(async () => {
    folder = await dotnetApp('test-app')
  }, 180_000)

  test('is recycled, stopped, started, taken offline and brought online, and each verb returns when it has happened', async () => {
    const secret = 'correct-horse-battery'
    await editWebConfig(folder, { environment: { SECRET_OF_THE_APP: secret } })
    const daemon = await startDaemon(folder)
    const first = await daemon.processId()
    const said: Finished[] = []
    const done = async (...args: readonly string[]): Promise<Finished> => {
      const finished = await verb(daemon, ...args)
      expect(finished.code, finished.stderr).toBe(0)
      said.push(finished)
      return finished
    }

    await done('recycle', '--wait')
    expect(isAlive(first)).toBe(false)
    const second = await daemon.processId()
    expect(second).not.toBe(first)

    await done('stop', '/', '--wait')
    expect(isAlive(second)).toBe(false)
    expect((await daemon.send('/HelloWorld')).status).toBe(503)
    daemon.signal('SIGUSR2')
    await verb(daemon, 'recycle', '--wait')
    expect((await daemon.send('/HelloWorld')).status).toBe(503)

    const started = await done('start', id, '--wait', '--json')
    const told = JSON.parse(started.stdout) as { applications: { ok: boolean; result: string }[] }
    expect(told.applications).toMatchObject([{ id, name: '/', ok: true, result: 'done' }])
    const third = await daemon.processId()

    await done('offline', '--wait')
    expect(isAlive(third)).toBe(false)
    expect((await daemon.send('/HelloWorld')).text).toContain('Down for maintenance')
    await done('online', '--wait')
    await daemon.processId()
    await expect(stat(join(folder, 'app_offline.htm'))).rejects.toThrow('ENOENT')

    const { sites } = await statusOf(daemon)
    expect(sites[0]?.applications[0]).toMatchObject({
      id,
      presence: 'serving',
      starts: 4,
      crashes: 0,
      lastFailure: null,
    })
    said.push(await done('status'), await done('status', '--json'))
    const environment = readFileSync(`/proc/${String(await daemon.processId())}/environ`, 'latin1').split('\0')
    const token = environment.find((entry) => entry.startsWith('ASPNETCORE_TOKEN='))?.split('=')[1] ?? 'no token'
    for (const { stdout, stderr } of said) {
      expect(stdout + stderr).not.toContain(secret)
      expect(stdout + stderr).not.toContain(token)
    }
  })
})

describe('status', () => {
  test('is a plain table where there is no terminal, with a line for each process', async () => {
    const daemon = await startDaemon(await copyApp('node-twin'))
    expect((await verb(daemon, 'status')).stdout).toMatch(/^ {2}\/ +idle +- /m)
    const pid = await daemon.processId()
    const { stdout, code } = await verb(daemon, 'status')
    expect(code).toBe(0)
    expect(stdout).toMatch(
      new RegExp(`^ {2}/ +running +${String(pid)} +\\d+ +\\d+s +0 +0 +\\d+ MiB +\\d+\\.\\d s +1 +0 +0$`, 'm'),
    )
    expect(stdout).not.toContain('\x1b')
  })

  test('as JSON has the fields that scripts read', async () => {
    const daemon = await startDaemon(await copyApp('node-twin'))
    const pid = await daemon.processId()
    const status = await statusOf(daemon)
    expect(status).toMatchObject({ pid: daemon.pid, state: 'running', sites: [{ id: 1, urls: [daemon.url] }] })
    expect(Object.keys(status)).toEqual(['version', 'pid', 'state', 'uptimeMs', 'engine', 'sites'])
    const [process] = status.sites[0]?.applications[0]?.['processes'] as Record<string, unknown>[]
    expect(process).toMatchObject({ state: 'running', pid, requests: 0, tunnels: 0 })
    expect(process?.['rssBytes']).toBeGreaterThan(1_000_000)
    expect(process?.['cpuSeconds']).toBeGreaterThanOrEqual(0)
  })

  test('--watch goes on until a signal ends it', async () => {
    const daemon = await startDaemon(await copyApp('node-twin'))
    const watching = new Daemon(['status', '--watch'], { environment: { RUNTIME_DIRECTORY: daemon.runtimeFolder } })
    atTheEnd(() => watching.end())
    await eventually('the table is drawn twice', () => watching.stdout.split('APPLICATION').length > 2)
    watching.signal('SIGINT')
    expect(await watching.exited).toBe(0)
  })
})

describe('a verb that fails', () => {
  test('without a daemon ends with 69, and says where it looked', async () => {
    const environment = { RUNTIME_DIRECTORY: await temporaryFolder() }
    for (const args of [['status'], ['recycle', '--wait'], ['status', '--control', '/nowhere/control.sock']]) {
      const { code, stderr, stdout } = await ancmd(args, { environment })
      expect([code, stdout]).toEqual([69, ''])
      expect(stderr).toContain('no daemon is running')
    }
  })

  test('with an application that there is not ends with 2, and lists those that there are', async () => {
    const daemon = await startDaemon(await copyApp('node-twin'))
    const { code, stderr } = await verb(daemon, 'stop', 'shop')
    expect(code).toBe(2)
    expect(stderr).toContain(`there is no application 'shop'`)
    expect(stderr).toContain(id)
    expect((await verb(daemon, 'recycle', '--timeout', 'soon')).code).toBe(2)
  })

  test('because the new process does not start says why, as the event does', async () => {
    const folder = await copyApp('node-twin')
    const daemon = await startDaemon(folder)
    await daemon.processId()
    await editWebConfig(folder, { attributes: { processPath: '.\\missing' } })
    const { code, stderr } = await verb(daemon, 'recycle', '--wait')
    expect(code).toBe(1)
    expect(stderr).toContain(`'.\\missing' was not found`)
    const { stdout } = await verb(daemon, 'start', '--wait', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ applications: [{ ok: false, result: 'failed', why: 'start-failed' }] })
    expect((await verb(daemon, 'status')).stdout).toContain('last failure')
  })

  test('because web.config is broken names the line', async () => {
    const folder = await copyApp('node-twin')
    const daemon = await startDaemon(folder)
    await daemon.processId()
    await writeFile(join(folder, 'web.config'), '<configuration>')
    const { code, stderr } = await verb(daemon, 'recycle', '--wait')
    expect(code).toBe(1)
    expect(stderr).toContain(`${join(folder, 'web.config')}:1:`)
  })

  test('by --timeout ends with 1 while the operation goes on', async () => {
    const daemon = await startDaemon(await copyApp('node-twin'))
    const pid = await daemon.processId()
    const held = await HeldRequest.open(daemon.port)
    const { code, stderr } = await verb(daemon, 'stop', '--wait', '--timeout', '300ms')
    expect(code).toBe(1)
    expect(stderr).toContain('not done within 300 ms')
    expect((await verb(daemon, 'status')).stdout).toMatch(/^ {2}\/ +stopped/m)
    expect(await held.finish()).toMatch(wholeAnswer)
    await eventually('the process has ended', () => !isAlive(pid))
  })

  test('as a user who may not use the socket ends with 77', async ({ skip }) => {
    const through = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--']
    const probe = [...through.slice(1), process.execPath, `${top}/dist/main.js`, '--version']
    if (process.getuid?.() !== 0 || spawnSync('setpriv', probe).status !== 0) return skip()
    const daemon = await startDaemon(await copyApp('node-twin'))
    await chmod(daemon.runtimeFolder, 0o755)
    const environment = { RUNTIME_DIRECTORY: daemon.runtimeFolder }
    const { code, stderr } = await ancmd(['stop', '--wait'], { through, environment })
    expect([code, stderr]).toEqual([77, expect.stringContaining('may not be used by this user')])
    expect((await daemon.send('/HelloWorld')).status).toBe(200)
  })
})

describe('app_offline.htm of somebody else', () => {
  test('is not taken away by online, and offline waits for the end of the process all the same', async () => {
    const folder = await copyApp('node-twin')
    const daemon = await startDaemon(folder)
    const pid = await daemon.processId()
    await dropOfflineFile(folder)
    expect((await verb(daemon, 'offline', '--wait')).code).toBe(0)
    expect(isAlive(pid)).toBe(false)
    const { code, stderr } = await verb(daemon, 'online', '--wait')
    expect(code).toBe(1)
    expect(stderr).toContain('was not written by')
    expect(await readFile(join(folder, 'app_offline.htm'), 'utf8')).toBe('The app is offline.')
  })
})

describe('the control socket', () => {
  test('two daemons in one folder: the second has a name of its own, and a verb asks which one is meant', async () => {
    const one = await startDaemon(await copyApp('node-twin'))
    const environment = { RUNTIME_DIRECTORY: one.runtimeFolder }
    const other = await startDaemon(await copyApp('node-twin'), { environment })
    const { path } = await other.event('controlListening')
    const { code, stderr } = await verb(one, 'status')
    expect(code).toBe(2)
    for (const daemon of [one, other]) expect(stderr).toContain(`pid ${String(daemon.pid)}`)
    expect((await verb(one, 'recycle')).code).toBe(2)
    const { stdout } = await verb(one, 'status', '--json', '--control', String(path))
    expect(JSON.parse(stdout)).toMatchObject({ pid: other.pid })
    await other.stop()
    expect(await statusOf(one)).toMatchObject({ pid: one.pid })
  })

  test('what a killed daemon left is replaced, and a clean end leaves nothing', async () => {
    const folder = await temporaryFolder()
    const options = { args: ['--control', join(folder, 'c.sock'), '--pid-file', join(folder, 'pid')] }
    const killed = await startDaemon(await copyApp('node-twin'), options)
    expect(await readFile(join(folder, 'pid'), 'utf8')).toBe(`${String(killed.pid)}\n`)
    killed.signal('SIGKILL')
    await killed.exited
    const daemon = await startDaemon(await copyApp('node-twin'), options)
    const { stdout } = await ancmd(['status', '--json', '--control', join(folder, 'c.sock')])
    expect(JSON.parse(stdout)).toMatchObject({ pid: daemon.pid })
    expect(await daemon.stop()).toBe(0)
    for (const name of ['c.sock', 'pid']) await expect(stat(join(folder, name))).rejects.toThrow('ENOENT')
  })

  test('that cannot be opened is told, and the daemon serves; named by --control it ends the daemon', async () => {
    const environment = { RUNTIME_DIRECTORY: '/nowhere' }
    const daemon = await startDaemon(await copyApp('node-twin'), { environment })
    await daemon.processId()
    expect(await daemon.event('controlFailed')).toMatchObject({ level: 'warn', fatal: false })
    const app = await copyApp('node-twin')
    const run = ['run', app, '--port', '0', '--log-format', 'json']
    const tooLong = await ancmd([...run, '--control', `/tmp/${'x'.repeat(120)}`])
    expect([tooLong.code, tooLong.stderr]).toEqual([2, expect.stringContaining('too long')])
    const missing = await ancmd([...run, '--control', '/nowhere/c.sock'])
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('Make it, or name another path')])
  })
})
