import { spawnSync } from 'node:child_process'
import { chmod, mkdir, readdir, readFile, rename, truncate, writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ancmd, Daemon, startDaemon } from '../support/daemon.ts'
import { atTheEnd } from '../support/ending.ts'
import { eventually } from '../support/eventually.ts'
import { talker } from '../support/talker.ts'
import { temporaryFolder, top } from '../support/folders.ts'

const id = '/LM/W3SVC/1/ROOT'
const quiet = { args: ['--app-output', 'off'] }

describe('logs without a daemon', () => {
  const of = (daemon: Daemon) => ({ environment: { RUNTIME_DIRECTORY: daemon.runtimeFolder } })

  /** The environment in which no daemon is found. */
  async function nobody(): Promise<{ readonly RUNTIME_DIRECTORY: string }> {
    return { RUNTIME_DIRECTORY: await temporaryFolder() }
  }

  test('are read from the stdout log files of a folder, or of a host file', async () => {
    const folder = await talker(true)
    const daemon = await startDaemon(folder, quiet)
    await daemon.text('/write/150')
    await daemon.stop()
    const environment = await nobody()
    const { code, stdout, stderr } = await ancmd(['logs', folder], { environment })
    expect([code, stderr]).toEqual([0, ''])
    const [name = ''] = await readdir(join(folder, 'logs'))
    const whole = await readFile(join(folder, 'logs', name), 'utf8')
    expect(whole.endsWith(stdout)).toBe(true)
    expect(stdout.split('\n')).toHaveLength(100)
    const file = join(await temporaryFolder(), 'ancmd.config')
    const site = `<application path="/"><virtualDirectory path="/" physicalPath="${folder}" /></application>
      <bindings><binding protocol="http" bindingInformation="127.0.0.1:0:" /></bindings>`
    await writeFile(
      file,
      `<configuration><system.applicationHost><sites><site name="one" id="1">${site}</site></sites></system.applicationHost></configuration>`,
    )
    expect((await ancmd(['logs', '--config', file, 'one', '-n', '1000'], { environment })).stdout).toBe(whole)
    const json = await ancmd(['logs', folder, '-n', '1', '--json'], { environment })
    expect(JSON.parse(json.stdout)).toEqual({ app: id, name: '/', text: 'the last words' })
  })

  test('-f follows new files, renamed ones, cut ones and the next daemon, each byte once', async () => {
    const folder = await talker(true)
    const [runtime, place] = [await nobody(), join(folder, 'logs')]
    const first = await startDaemon(folder, quiet)
    await first.text('/say/one')
    const following = new Daemon(['logs', folder, '-f'], { environment: runtime })
    atTheEnd(() => following.end())
    const comes = (text: string): Promise<boolean> => eventually(`${text} comes`, () => following.stdout.includes(text))
    await comes('one\n')
    const [name = ''] = await readdir(place)
    await rename(join(place, name), join(place, 'old.txt'))
    await first.text('/say/two')
    await comes('two\n')
    first.signal('SIGHUP')
    await eventually('the old process is gone', () => first.seen('processExited').length === 1)
    await first.text('/say/three')
    await comes('three\n')
    await first.stop()
    const second = await startDaemon(folder, quiet)
    await second.text('/say/four')
    await comes('four\n')
    const newest = join(
      place,
      (await readdir(place))
        .filter((each) => each.endsWith('.log'))
        .toSorted()
        .at(-1) ?? '',
    )
    await truncate(newest)
    await second.text('/say/five')
    await comes('five\n')
    const files = await readdir(place)
    await second.stop()
    await eventually('all has come', () => following.stdout.split('the last words').length === 4)
    following.signal('SIGTERM')
    expect(await following.exited).toBe(0)
    expect(files.length).toBeGreaterThanOrEqual(3)
    for (const text of ['one', 'two', 'three', 'four', 'five']) {
      expect(following.stdout.split(`${text}\n`)).toHaveLength(2)
    }
    expect(following.stderr).toBe('')
  })

  test('and without files end with 69, which says where was looked; a wrong name or option with 2', async () => {
    const environment = await nobody()
    const [off, none] = [await talker(), await temporaryFolder()]
    const results = [
      await ancmd(['logs', off], { environment }),
      await ancmd(['logs', none], { environment }),
      await ancmd(['logs', '--control', '/nowhere/control.sock'], { environment }),
    ]
    expect(results.map(({ code, stdout }) => [code, stdout])).toEqual([
      [69, ''],
      [69, ''],
      [69, ''],
    ])
    expect(results[0]?.stderr).toContain('no daemon is running')
    expect(results[0]?.stderr).toContain('stdoutLogEnabled is off')
    const daemon = await startDaemon(off, quiet)
    const unknown = await ancmd(['logs', 'shop'], of(daemon))
    expect([unknown.code, unknown.stdout]).toEqual([2, ''])
    expect(unknown.stderr).toContain(id)
    expect((await ancmd(['logs', '--since', 'yesterday'], of(daemon))).code).toBe(2)
    expect((await ancmd(['logs', '--config', join(none, 'no.config')], of(daemon))).code).toBe(78)
  })

  test('and with files that this user may not read end with 77, which names them', async ({ skip }) => {
    const through = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--']
    const probe = [...through.slice(1), process.execPath, join(top, 'dist/main.js'), '--version']
    if (process.getuid?.() !== 0 || spawnSync('setpriv', probe).status !== 0) return skip()
    const folder = await talker(true)
    await mkdir(join(folder, 'logs'))
    await writeFile(join(folder, 'logs/stdout_20260101000000_7.log'), 'secret', { mode: 0o600 })
    const environment = await nobody()
    for (const path of [dirname(folder), environment.RUNTIME_DIRECTORY]) await chmod(path, 0o755)
    const { code, stdout, stderr } = await ancmd(['logs', folder], { through, environment })
    expect([code, stdout]).toEqual([77, ''])
    expect(stderr).toContain(`may not read ${join(folder, 'logs/stdout')}_*.log`)
  })

  test('the protocol refuses an application that there is not', async () => {
    const daemon = await startDaemon(await talker(), quiet)
    const socket = createConnection(join(daemon.runtimeFolder, 'control.sock'))
    socket.end('GET /v1/logs?app=nothing HTTP/1.1\r\nConnection: close\r\n\r\n')
    let text = ''
    for await (const chunk of socket) text += String(chunk)
    expect(text).toMatch(/^HTTP\/1.1 404 /)
    expect(text).toContain('unknown-application')
  })
})
