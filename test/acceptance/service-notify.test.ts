import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { chmod, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { ancmd, Daemon } from '../support/daemon.ts'
import { atTheEnd } from '../support/ending.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder, top } from '../support/folders.ts'
import { hasProgram, program } from '../support/programs.ts'

const receiver = fileURLToPath(new URL('../support/service/notify-receiver.py', import.meta.url))
const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--']
const canChangeUser =
  process.getuid?.() === 0 && spawnSync('setpriv', [...asNobody.slice(1), process.execPath, '--version']).status === 0

/** A host file with the sample app, which needs only Node, on any free port, in a folder that everybody may read. */
async function hostFile(): Promise<string> {
  const folder = await temporaryFolder()
  await chmod(folder, 0o755)
  const file = join(folder, 'ancmd.config')
  await writeFile(
    file,
    `<configuration><system.applicationHost><sites><site name="one" id="1"><application path="/">` +
      `<virtualDirectory path="/" physicalPath="${top}/config/sample" /></application><bindings>` +
      `<binding protocol="http" bindingInformation="127.0.0.1:0:" /></bindings></site></sites></system.applicationHost></configuration>`,
  )
  return file
}

/** What a service manager at this socket hears, one message an item. */
async function listenAt(socket: string): Promise<string[]> {
  const child = spawn(program('python3'), [receiver, socket], { stdio: ['ignore', 'pipe', 'inherit'] })
  atTheEnd(() => {
    child.kill('SIGKILL')
  })
  const heard: string[] = []
  const lines = createInterface(child.stdout)
  await once(lines, 'line')
  lines.on('line', (line: string) => heard.push(line))
  return heard
}

const places: readonly [string, (folder: string) => string, readonly string[]][] = [
  ['as root, at a path', (folder) => join(folder, 'notify'), []],
  ['as another user, in the abstract name space', () => `@ancmd-test-${String(process.pid)}`, asNobody],
]

describe.skipIf(!hasProgram('python3') || !hasProgram('systemd-notify'))('the service manager', () => {
  test.each(places)('hears of the start, a reload, signs of life and the stop: %s', async (_, socketIn, through) => {
    if (through.length > 0 && !canChangeUser) return
    const socket = socketIn(await temporaryFolder())
    if (socket.startsWith('/')) await chmod(join(socket, '..'), 0o755)
    const heard = await listenAt(socket)
    const file = await hostFile()
    const daemon = new Daemon(['run', '--config', file, '--log-format', 'json'], {
      environment: { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '1000000', WATCHDOG_PID: undefined },
      through,
    })
    atTheEnd(() => daemon.end())
    const hears = (what: RegExp): Promise<unknown> =>
      eventually(String(what), () => heard.some((message) => what.test(message)), 30_000)
    await hears(/^READY=1 STATUS=hosting 1 application on http:\/\/127\.0\.0\.1:\d+$/)
    await hears(/^WATCHDOG=1$/)
    expect(heard.filter((message) => message.startsWith('READY'))).toHaveLength(1)
    await utimes(file, new Date(), new Date())
    daemon.signal('SIGHUP')
    await hears(/^RELOADING=1 MONOTONIC_USEC=\d+ /)
    const reloading = heard.findIndex((message) => message.startsWith('RELOADING'))
    const microseconds = Number(/USEC=(\d+)/.exec(heard[reloading] ?? '')?.[1])
    expect(Math.abs(microseconds - Number(process.hrtime.bigint() / 1000n))).toBeLessThan(60_000_000)
    await eventually('is ready again', () => heard.slice(reloading).some((message) => message.startsWith('READY=1 ')))
    expect(await daemon.stop()).toBe(0)
    expect(heard.filter((message) => message !== 'WATCHDOG=1').at(-1)).toMatch(
      /^(?:STOPPING=1 STATUS=.+ EXTEND_TIMEOUT_USEC=30000000|BARRIER=1)$/,
    )
    expect(heard.some((message) => message.startsWith('STOPPING=1 '))).toBe(true)
    expect(daemon.seen('notifyFailed')).toEqual([])
  })

  test('that cannot be told is an event, and the daemon serves', async () => {
    const socket = join(await temporaryFolder(), 'nobody')
    const daemon = new Daemon(['run', '--config', await hostFile(), '--log-format', 'json'], {
      environment: { NOTIFY_SOCKET: socket },
    })
    atTheEnd(() => daemon.end())
    const { reason } = await daemon.event('notifyFailed')
    expect(reason).toMatch(/^systemd-notify ended with exit code 1: /)
    expect(await daemon.stop()).toBe(0)
    expect(daemon.seen('notifyFailed')).toHaveLength(1)
  })
})

test('lines for the journal have their priority and no time', async () => {
  const journal = join(await temporaryFolder(), 'journal')
  const fd = openSync(journal, 'a')
  const { dev, ino } = fstatSync(fd)
  const child = spawn(
    process.execPath,
    [`${top}/dist/main.js`, 'run', '--config', await hostFile(), '--log-format', 'pretty'],
    { env: { ...process.env, JOURNAL_STREAM: `${String(dev)}:${String(ino)}` }, stdio: ['ignore', 'ignore', fd] },
  )
  closeSync(fd)
  const exited = once(child, 'exit')
  await eventually('listens', () => readFileSync(journal, 'utf8').includes('listening on'), 20_000)
  child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
  const lines = readFileSync(journal, 'utf8').trimEnd().split('\n')
  expect(lines.filter((line) => !/^<6>info {2}/.test(line))).toEqual([])
})

test.skipIf(!canChangeUser)(
  'service install by a user who may not write there ends with 77 and a sentence',
  async () => {
    const root = await temporaryFolder()
    await chmod(root, 0o755)
    const { code, stderr } = await ancmd(['service', 'install', '--manager', 'systemd', '--root', root], {
      through: asNobody,
    })
    expect(stderr).toBe(
      `ancmd service: ${root}/etc/systemd/system/ancmd.service may not be written by this user (EACCES): run it as root\n`,
    )
    expect(code).toBe(77)
  },
)
