import { readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Daemon, type DaemonOptions, startDaemon } from '../support/daemon.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder, type WebConfigEdit } from '../support/folders.ts'
import { residentMemory } from '../support/processes.ts'
import { app } from './support/apps.ts'
import { mayMount, smallDisk } from './support/full-disk.ts'
import { Traffic } from './support/traffic.ts'

const quiet = { args: ['--app-output', 'off'] }

function logging(folder: string): WebConfigEdit {
  return { attributes: { stdoutLogEnabled: 'true', stdoutLogFile: `${folder}/stdout` } }
}

async function logs(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.log')).map((name) => join(folder, name))
}

/** Lets the app print `bytes`, under traffic. Resolves with what the daemon's memory grew by at most. */
async function flood(daemon: Daemon, bytes: number, streams = 'flood'): Promise<number> {
  const traffic = new Traffic(daemon, '/', 4)
  await traffic.more(50)
  const before = residentMemory(daemon.pid)
  let most = 0
  const from = performance.now()
  await daemon.text(`/${streams}`)
  await eventually(
    `${String(bytes)} bytes have been printed`,
    async () => {
      most = Math.max(most, residentMemory(daemon.pid) - before)
      return Number(await daemon.text('/flooded')) >= bytes
    },
    60_000,
  )
  const seconds = (performance.now() - from) / 1000
  const outcomes = await traffic.stop()
  console.log(
    `${String(bytes / 2 ** 20)} MiB in ${seconds.toFixed(1)} s, daemon +${String(Math.round(most / 1e6))} MB, ` +
      `${String(outcomes['200'])} requests meanwhile`,
  )
  expect(Object.keys(outcomes)).toEqual(['200'])
  return most
}

/** What may be kept of a flood: the pieces under way, four megabytes ahead of the disk, and what the collector leaves. */
const mostMemory = 150e6

describe('an app that floods stdout and stderr: nobody waits, and the daemon does not swell', () => {
  test('2 GiB, without a log file', async () => {
    const daemon = await startDaemon(await app('talkative.mjs'), quiet)
    expect(await flood(daemon, 2 * 2 ** 30)).toBeLessThan(mostMemory)
    expect((await daemon.send('/')).status).toBe(200)
  })

  test('512 MiB, with a log file', async () => {
    const folder = await temporaryFolder()
    const daemon = await startDaemon(await app('talkative.mjs', logging(folder)), quiet)
    expect(await flood(daemon, 512 * 2 ** 20)).toBeLessThan(mostMemory)
    expect(await logs(folder)).toHaveLength(1)
  })

  test('512 MiB, passed through to a stdout that nobody reads', async () => {
    const daemon = await startDaemon(await app('talkative.mjs'), { unread: true })
    expect(await flood(daemon, 512 * 2 ** 20, 'flood-stdout')).toBeLessThan(mostMemory)
    expect(daemon.seen('processExited')).toEqual([])
  })
})

describe('the stdout log of an app', () => {
  test(`on a full disk (${mayMount() ? 'a file system of 1 MB' : 'a limit of 1 MB a file'}): requests go on, one warning, and logging too when there is room`, async () => {
    const disk = await smallDisk()
    const folder = disk?.folder ?? (await temporaryFolder())
    const limited: DaemonOptions = disk === undefined ? { through: ['prlimit', '--fsize=1048576'] } : {}
    const daemon = await startDaemon(await app('talkative.mjs', logging(folder)), { ...quiet, ...limited })
    await daemon.text('/line/before')
    await eventually('the line is in the file', async () => (await contents(folder)).includes('before\n'))
    await disk?.fill()
    for (let block = 0; block < 32; block += 1) expect(await daemon.text('/block')).toBe('printed')
    expect(await daemon.event('stdoutLogIncomplete')).toMatchObject({
      level: 'warn',
      code: disk === undefined ? 'EFBIG' : 'ENOSPC',
    })
    for (let round = 0; round < 20; round += 1) expect((await daemon.send('/')).status).toBe(200)
    expect(daemon.seen('stdoutLogIncomplete')).toHaveLength(1)

    if (disk === undefined) {
      // The next process has a file of its own, and its megabyte.
      await daemon.send('/die/1', { method: 'POST' })
      await daemon.event('processExited')
    } else {
      await disk.free()
    }
    await daemon.text('/line/after')
    await eventually('it is logged again', async () => (await contents(folder)).includes('after\n'))
  })

  test('whose folder is removed while it runs: requests go on, and the next process makes it anew', async () => {
    const folder = join(await temporaryFolder(), 'logs')
    const daemon = await startDaemon(await app('talkative.mjs', logging(folder)), quiet)
    await daemon.text('/line/one')
    await eventually('the folder is there', async () => (await logs(folder).catch(() => [])).length === 1)
    await rm(folder, { recursive: true })
    for (let round = 0; round < 20; round += 1) expect(await daemon.text('/block')).toBe('printed')
    await daemon.send('/die/1', { method: 'POST' })
    await daemon.event('processExited')
    await daemon.text('/line/two')
    await eventually('the second process logs', async () => (await contents(folder)).includes('two\n'))
    expect(daemon.seen('stdoutLogFailed')).toEqual([])
  })

  test('whose file is moved away while it runs, as log rotation does: not a line is lost', async () => {
    const folder = await temporaryFolder()
    const daemon = await startDaemon(await app('talkative.mjs', logging(folder)), quiet)
    await daemon.text('/line/one')
    await eventually('the file is there', async () => (await contents(folder)) === 'one\n')
    await rename((await logs(folder))[0] ?? '', join(folder, 'rotated.log'))
    await daemon.text('/line/two')
    await eventually('both lines are in it', async () => (await contents(folder)) === 'one\ntwo\n')
  })

  test('is not needed: an app that closes both streams is served', async () => {
    const daemon = await startDaemon(await app('talkative.mjs'), quiet)
    await daemon.text('/close-streams')
    expect((await daemon.send('/')).status).toBe(200)
    expect(await daemon.text('/line/nobody')).toBe('EBADF')
    expect((await daemon.send('/')).status).toBe(200)
  })
})

async function contents(folder: string): Promise<string> {
  const texts = (await logs(folder).catch(() => [])).map((file) => readFile(file, 'utf8'))
  return (await Promise.all(texts)).join('')
}

describe('a pairing token that the app prints', () => {
  /** The daemon with its app, whose log file is in the folder; passes everything through. */
  async function talking(): Promise<{ daemon: Daemon; folder: string; token: string }> {
    const folder = await temporaryFolder()
    const daemon = await startDaemon(await app('talkative.mjs', logging(folder)), { args: ['--log-level', 'trace'] })
    const token = await daemon.text('/tell-token')
    expect(token.length).toBeGreaterThan(30)
    return { daemon, folder, token }
  }

  test('is in no event, not in the stdout log and not in what is passed through', async () => {
    const { daemon, folder, token } = await talking()
    await daemon.text('/token')
    await eventually('it is printed', async () => /err \[.+\]\n/.test(await contents(folder)))
    await daemon.send('/die/1', { method: 'POST' })
    const { lastLines } = await daemon.event('processExited')
    expect(new Set(lastLines as string[])).toEqual(new Set(['out [pairing token]', 'err [pairing token]']))
    await daemon.stop()
    expect(daemon.stdout).toBe('out [pairing token]\n')
    expect(daemon.stderr).toMatch(/^err \[pairing token\]$/m)
    expect(await contents(folder)).toMatch(/^(?:out \[pairing token\]\n|err \[pairing token\]\n){2}$/)
    expect(daemon.stderr).not.toContain(token)
  })

  test('is found when it comes in two pieces on both streams at once', async () => {
    const { daemon, folder, token } = await talking()
    for (const piece of ['beginning', 'end']) {
      for (const stream of [1, 2]) {
        await daemon.text(`/${piece}-of-token/${String(stream)}`)
        // The first piece has been read by then: a request takes more turns than a read of a pipe.
        await daemon.text('/')
      }
    }
    await daemon.stop()
    expect(daemon.stdout).toBe('[[pairing token]]\n')
    expect(daemon.stderr).toMatch(/^\[pairing token\]\]$/m)
    for (const text of [daemon.stdout, daemon.stderr, await contents(folder)]) {
      expect(text).not.toContain(token.slice(0, 20))
      expect(text).not.toContain(token.slice(20))
    }
  })

  test('is found behind as much as one read takes', async () => {
    const { daemon, folder, token } = await talking()
    await daemon.text('/token-across-chunks')
    await daemon.stop()
    expect(daemon.stdout).toBe(`${'x'.repeat(65_516)}[pairing token]\n`)
    expect(await contents(folder)).toBe(daemon.stdout)
    expect(daemon.stderr).not.toContain(token)
  })

  test('is not in the report of a start that failed', async () => {
    const folder = await temporaryFolder()
    const told = join(folder, 'token')
    const daemon = await startDaemon(await app(`talkative.mjs token-and-exit ${told}`, logging(folder)), {
      environment: { ASPNETCORE_ENVIRONMENT: 'Development' },
    })
    const answer = await daemon.send('/')
    expect(answer.status).toBe(502)
    await daemon.event('processStartFailed')
    await daemon.stop()
    const token = await readFile(told, 'utf8')
    expect(token.length).toBeGreaterThan(30)
    expect(answer.text).toContain('token=')
    for (const text of [answer.text, daemon.stdout, daemon.stderr, await contents(folder)]) {
      expect(text).not.toContain(token)
    }
  })
})
