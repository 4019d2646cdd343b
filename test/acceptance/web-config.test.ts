import { copyFile, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ancmd, type Daemon, startDaemon } from '../support/daemon.ts'
import { eventually } from '../support/eventually.ts'
import { copyApp, editWebConfig, top } from '../support/folders.ts'
import type { Received } from '../support/send.ts'

const bad = join(top, 'test/config/bad')
const broken = (await readdir(bad)).filter((file) => file.endsWith('.config'))

/** Puts a file in place of web.config by rename, as an editor or a deployment does. */
async function replaceWebConfig(folder: string, file: string): Promise<void> {
  const fresh = join(folder, 'web.config.new')
  await copyFile(file, fresh)
  await rename(fresh, join(folder, 'web.config'))
}

async function answerOf(daemon: Daemon, status: number): Promise<Received> {
  return eventually(`the answer is ${String(status)}`, async () => {
    const answer = await daemon.send('/HelloWorld')
    return answer.status === status ? answer : undefined
  })
}

describe('ancmd check', () => {
  test('knows at least twenty broken files', () => {
    expect(broken.length).toBeGreaterThanOrEqual(20)
  })

  test.each(broken)('%s: exit code 78, each problem with line, column and cure', async (name) => {
    const folder = await copyApp('node-twin')
    await replaceWebConfig(folder, join(bad, name))
    const { code, stdout } = await ancmd(['check', folder])
    expect(code).toBe(78)
    const errors = stdout.split('\n').filter((line) => line.includes(': error: '))
    expect(errors.length).toBeGreaterThan(0)
    for (const line of errors) expect(line).toMatch(/web\.config:[1-9]\d*:[1-9]\d*: error: .+?[.?!] .+/)
  })

  test('of a good folder is exit code 0 and tells the plan', async () => {
    const folder = await copyApp('node-twin')
    const { code, stdout } = await ancmd(['check', folder])
    expect(code).toBe(0)
    expect(stdout).toContain(folder)
    expect(stdout).toContain('server.mjs')
  })

  test('gives problems and plan as one JSON document', async () => {
    const folder = await copyApp('node-twin')
    const good = JSON.parse((await ancmd(['check', folder, '--json'])).stdout) as Record<string, unknown>
    expect(good).toMatchObject({ version: 1, problems: [] })
    expect(good['plan']).toBeDefined()
    await replaceWebConfig(folder, join(bad, 'every-problem-at-once.config'))
    const { code, stdout } = await ancmd(['check', folder, '--json'])
    expect(code).toBe(78)
    const { problems } = JSON.parse(stdout) as {
      problems: { level: string; line: number; column: number; cure: string }[]
    }
    const errors = problems.filter(({ level }) => level === 'error')
    expect(errors.length).toBeGreaterThan(3)
    for (const { line, column, cure } of errors) {
      expect(line).toBeGreaterThan(0)
      expect(column).toBeGreaterThan(0)
      expect(cure).not.toBe('')
    }
  })

  test('starts nothing and needs no port', async () => {
    const daemon = await startDaemon(await copyApp('node-twin'))
    const { code, stdout } = await ancmd(['check', await copyApp('node-twin')])
    expect(code).toBe(0)
    expect(stdout).not.toContain('listening')
    expect(daemon.seen('processStarted')).toEqual([])
  })
})

describe('a web.config that breaks while the app runs', () => {
  test('is 500.19, and works again when it is mended, without a restart of the daemon', {
    timeout: 180_000,
  }, async () => {
    const folder = await copyApp('node-twin')
    const whole = join(top, 'test/apps/node-twin/web.config')
    const daemon = await startDaemon(folder)
    await answerOf(daemon, 200)
    for (const name of broken.slice(0, 20)) {
      await replaceWebConfig(folder, join(bad, name))
      const answer = await answerOf(daemon, 500)
      expect(answer.text, name).toContain('500.19')
      expect(answer.text, name).not.toContain(folder)
      await replaceWebConfig(folder, whole)
      expect((await answerOf(daemon, 200)).text).toBe('Hello World')
    }
    expect(daemon.seen('configRejected')).toHaveLength(20)
    const rejected = daemon.seen('configRejected')[0]
    expect(rejected?.eventId).toBe(1034)
    expect((rejected?.['problems'] as string[])[0]).toMatch(/web\.config:\d+:\d+: error: /)
  })

  test('is 500.19 from the start, and works when it is mended', async () => {
    const folder = await copyApp('node-twin')
    await replaceWebConfig(folder, join(bad, 'tag-never-closed.config'))
    const daemon = await startDaemon(folder)
    expect((await answerOf(daemon, 500)).text).toContain('500.19')
    await copyFile(join(top, 'test/apps/node-twin/web.config'), join(folder, 'web.config'))
    expect((await answerOf(daemon, 200)).text).toBe('Hello World')
    await daemon.event('configAccepted')
  })

  test('that is written in place, piece by piece, is read when it is whole', async () => {
    const folder = await copyApp('node-twin')
    const daemon = await startDaemon(folder)
    const first = await daemon.processId()
    const text = await readFile(join(folder, 'web.config'), 'utf8')
    await writeFile(join(folder, 'web.config'), text.slice(0, 200))
    await writeFile(join(folder, 'web.config'), text)
    await eventually('a new process answers', async () => {
      const answer = await daemon.send('/ProcessId')
      return answer.status === 200 && Number(answer.text) !== first
    })
  })
})

describe('a web.config with letters of its own', () => {
  test.each(['Web.config', 'WEB.CONFIG'])('named %s is found', async (name) => {
    const folder = await copyApp('node-twin')
    await rename(join(folder, 'web.config'), join(folder, name))
    expect(await (await startDaemon(folder)).text('/HelloWorld')).toBe('Hello World')
  })

  test('with a byte order mark and CRLF, as dotnet publish writes it', async () => {
    const folder = await copyApp('node-twin')
    const text = await readFile(join(folder, 'web.config'), 'utf8')
    await writeFile(join(folder, 'web.config'), `\uFEFF${text.replaceAll('\n', '\r\n')}`)
    expect(await (await startDaemon(folder)).text('/HelloWorld')).toBe('Hello World')
  })

  test('with a handler for a part of the paths: the rest is not found', async () => {
    const folder = await copyApp('node-twin')
    const text = await readFile(join(folder, 'web.config'), 'utf8')
    await writeFile(join(folder, 'web.config'), text.replace('path="*" verb="*"', 'path="api/*" verb="GET,POST"'))
    const daemon = await startDaemon(folder)
    expect(await daemon.text('/api/HelloWorld')).toBe('Running')
    expect((await daemon.send('/HelloWorld')).status).toBe(404)
    expect((await daemon.send('/server.mjs')).status).toBe(404)
    expect((await daemon.send('/api/x', { method: 'PUT' })).status).toBe(404)
  })

  test('cfg-touch-restart: writing the same again is enough for a new process', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, {})
    const daemon = await startDaemon(folder)
    const first = await daemon.processId()
    await writeFile(join(folder, 'web.config'), await readFile(join(folder, 'web.config')))
    await eventually('a new process answers', async () => (await daemon.processId()) !== first)
  })
})
