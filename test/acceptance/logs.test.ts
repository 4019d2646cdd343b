import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { ancmd, Daemon, type DaemonOptions, type Finished, startDaemon, startSites } from '../support/daemon.ts'
import { atTheEnd } from '../support/ending.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder } from '../support/folders.ts'
import { talker } from '../support/talker.ts'

const id = '/LM/W3SVC/1/ROOT'

/** The verb on this daemon, as somebody would use it who has only one. */
function logs(daemon: Daemon, ...args: readonly string[]): Promise<Finished> {
  return ancmd(['logs', ...args], { environment: { RUNTIME_DIRECTORY: daemon.runtimeFolder } })
}

/** `ancmd logs -f` in the background. */
function follow(runtimeFolder: string, args: readonly string[] = [], options: DaemonOptions = {}): Daemon {
  const following = new Daemon(['logs', '-f', ...args], {
    ...options,
    environment: { RUNTIME_DIRECTORY: runtimeFolder },
  })
  atTheEnd(() => following.end())
  return following
}

/** The last bytes of a file. */
function endOf(path: string): string {
  const file = openSync(path, 'r')
  try {
    const from = Math.max(0, fstatSync(file).size - 8192)
    const bytes = Buffer.alloc(8192)
    return bytes.toString('utf8', 0, readSync(file, bytes, 0, bytes.length, from))
  } finally {
    closeSync(file)
  }
}

function linesOf(text: string): string[] {
  return text.split('\n').slice(0, -1)
}

const quiet = { args: ['--app-output', 'off'] }

describe('logs of a running daemon', () => {
  test('are the last lines of the application, as it wrote them, without the pairing token', async () => {
    const daemon = await startDaemon(await talker(), quiet)
    await daemon.text('/write/300')
    await daemon.text('/say/Gr%C3%B6%C3%9Fe')
    const { code, stdout, stderr } = await logs(daemon)
    expect([code, stderr]).toEqual([0, ''])
    expect(linesOf(stdout)).toHaveLength(100)
    expect(linesOf(stdout).at(-1)).toBe('Größe')
    const all = await logs(daemon, '/', '-n', '1000')
    expect(linesOf(all.stdout)).toHaveLength(302)
    expect(linesOf(all.stdout)[0]).toBe('the token is [pairing token]')
    expect(linesOf((await logs(daemon, id, '-n', '2')).stdout)).toHaveLength(2)
    expect((await logs(daemon, '--since', '1h')).stdout).toBe(all.stdout)
    expect((await logs(daemon, '--since', '1ms')).stdout).toBe('')
    expect((await logs(daemon, '-n', '0')).stdout).toBe('')
  })

  test('as JSON are a document for each line', async () => {
    const daemon = await startDaemon(await talker(), quiet)
    await daemon.text('/say/one')
    const { stdout } = await logs(daemon, '--json', '-n', '1')
    const document = JSON.parse(stdout) as Record<string, unknown>
    expect(document).toMatchObject({ app: id, name: '/', stream: 'stdout', text: 'one' })
    expect(Date.parse(String(document['time']))).toBeGreaterThan(Date.now() - 600_000)
  })

  test('of several applications name the application in each line', async () => {
    const folders = [await talker(), await talker()]
    const file = join(await temporaryFolder(), 'ancmd.config')
    await writeFile(
      file,
      `<configuration><system.applicationHost><sites><site name="one" id="1">
        <application path="/"><virtualDirectory path="/" physicalPath="${folders[0] ?? ''}" /></application>
        <application path="/shop"><virtualDirectory path="/" physicalPath="${folders[1] ?? ''}" /></application>
        <bindings><binding protocol="http" bindingInformation="127.0.0.1:0:" /></bindings>
      </site></sites></system.applicationHost></configuration>`,
    )
    const daemon = await startSites(file, quiet)
    await daemon.text('/say/first')
    await daemon.text('/shop/shop')
    expect(linesOf((await logs(daemon)).stdout)).toEqual([
      '/     | the token is [pairing token]',
      '/     | first',
      '/shop | the token is [pairing token]',
    ])
    expect((await logs(daemon, '/shop')).stdout).toBe('the token is [pairing token]\n')
    expect((await logs(daemon, '/shop', '--prefix')).stdout).toBe('/shop | the token is [pairing token]\n')
    const following = follow(daemon.runtimeFolder, ['-n', '0'])
    await eventually('it follows both', async () => {
      await daemon.text('/say/again')
      return following.stdout.includes('/     | again\n')
    })
  })

  test('-f ends quietly when nobody reads any more, and with 0 when it is interrupted', async () => {
    const daemon = await startDaemon(await talker(), quiet)
    await daemon.text('/write/10')
    const script = `"$0" "$1" logs -f | head -n 3`
    const piped = execa('sh', ['-c', script, process.execPath, join(process.cwd(), 'dist/main.js')], {
      env: { RUNTIME_DIRECTORY: daemon.runtimeFolder },
    })
    const more = setInterval(() => void daemon.send('/say/more'), 50)
    const { stdout, stderr } = await piped
    clearInterval(more)
    expect([linesOf(`${stdout}\n`).length, stderr]).toEqual([3, ''])
    const following = follow(daemon.runtimeFolder)
    await eventually('it has begun', () => following.stdout.includes('more'))
    following.signal('SIGINT')
    expect(await following.exited).toBe(0)
  })

  test('-f goes on when the daemon is started again, and says so', async () => {
    const folder = await talker()
    const daemon = await startDaemon(folder, quiet)
    await daemon.text('/say/before')
    const following = follow(daemon.runtimeFolder)
    await eventually('it has begun', () => following.stdout.includes('before\n'))
    await daemon.stop()
    await eventually('it says so', () => following.stderr.includes('waiting for it to run again'))
    const next = await startDaemon(folder, { ...quiet, environment: { RUNTIME_DIRECTORY: daemon.runtimeFolder } })
    await next.text('/say/after')
    await eventually('it goes on', () => following.stdout.includes('after\n'))
    expect(following.stderr).toContain(`the daemon runs again (pid ${String(next.pid)})`)
    const token = 'the token is [pairing token]\n'
    expect(following.stdout).toBe(`${token}before\nthe last words${token}after\n`)
  })

  test('that nobody takes do not keep the daemon from stopping', async () => {
    const daemon = await startDaemon(await talker(), quiet)
    await daemon.text('/say/ready')
    const unread = follow(daemon.runtimeFolder)
    await eventually('it follows', () => unread.stdout.includes('ready'))
    unread.stopReading('stdout')
    await daemon.text('/write/400000')
    expect(await daemon.stop()).toBe(0)
    unread.signal('SIGKILL')
  })

  test('a million lines over ten recycles reach every reader, each once; who does not read is told what he lost', async () => {
    const daemon = await startDaemon(await talker(), quiet)
    const place = await temporaryFolder()
    const readers = [[], ['--prefix'], ['--json']].map((args, at) => {
      const file = join(place, String(at))
      const through = ['sh', '-c', `exec "$0" "$@" > '${file}'`]
      return { file, following: follow(daemon.runtimeFolder, ['-n', '0', ...args], { through }) }
    })
    const haveAll = (text: string): boolean => readers.every(({ file }) => endOf(file).includes(text))
    const unread = follow(daemon.runtimeFolder, ['-n', '0'])
    await eventually('all follow', async () => {
      await daemon.text('/say/ready')
      return haveAll('ready') && unread.stdout.includes('ready')
    })
    unread.stopReading('stdout')
    const expected: string[] = []
    for (let round = 0; round < 10; round++) {
      const pid = await daemon.text('/write/100000')
      for (let line = 1; line <= 100_000; line++) expected.push(`${pid} ${String(line)} ${'.'.repeat(16)}`)
      await ancmd(['recycle', '--wait'], { environment: { RUNTIME_DIRECTORY: daemon.runtimeFolder } })
      const last = `${pid} 100000 `
      await eventually('all have it', () => haveAll(last), 60_000)
    }
    const forms = [
      (line: string) => line,
      (line: string) => line.replace(/^\/ \| /, ''),
      (line: string) => (JSON.parse(line) as { text: string }).text,
    ]
    for (const [at, { file, following }] of readers.entries()) {
      const got = linesOf(readFileSync(file, 'utf8')).map(
        (line) => forms[at]?.(line).replace('the last words', '') ?? '',
      )
      const numbered = got.filter((line) => /^\d+ \d+ \.+$/.test(line))
      expect(numbered.length).toBe(expected.length)
      expect(numbered.every((line, index) => line === expected[index])).toBe(true)
      expect(following.stderr).toBe('')
    }
    unread.readOn('stdout')
    await eventually('the unread one goes on', async () => {
      await daemon.text('/say/the-end')
      return unread.stdout.includes('the-end')
    })
    const [first] = expected
    const count = (text: string): number => linesOf(text.slice(text.indexOf(`${String(first)}\n`))).length
    const lost = [...unread.stderr.matchAll(/(\d+) lines \(\d+ bytes\) are missing here/g)]
    const lostLines = lost.reduce((sum, [, lines]) => sum + Number(lines), 0)
    expect(lostLines).toBeGreaterThan(0)
    const [plain] = readers
    await eventually('nothing is missing that was not told', () => {
      return count(unread.stdout) + lostLines === count(readFileSync(plain?.file ?? '', 'utf8'))
    })
  }, 240_000)
})
