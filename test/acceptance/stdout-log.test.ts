import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { eventually } from '../support/eventually.ts'
import { copyApp, editWebConfig, misbehavingApp, temporaryFolder } from '../support/folders.ts'
import { withEachTwin } from '../support/twins.ts'

async function logging(stdoutLogFile: string, args = '.\\server.mjs'): Promise<{ daemon: Daemon; folder: string }> {
  const folder = await copyApp('node-twin')
  await editWebConfig(folder, { attributes: { stdoutLogEnabled: 'true', stdoutLogFile, arguments: args } })
  return { daemon: await startDaemon(folder), folder }
}

/** The one log file of a folder. */
async function onlyLog(folder: string): Promise<{ name: string; text: string }> {
  const names = await readdir(folder)
  expect(names).toHaveLength(1)
  const name = names[0] ?? ''
  return { name, text: await readFile(join(folder, name), 'utf8') }
}

describe('the stdout log', () => {
  test("is named for the UTC time and the daemon's pid, in a folder that is made", async () => {
    const { daemon, folder } = await logging('.\\logs\\deeper\\stdout')
    const before = new Date()
    await daemon.text('/ConsoleWrite')
    await daemon.stop()
    const { name, text } = await onlyLog(join(folder, 'logs/deeper'))
    const [, stamp = '', pid] = /^stdout_(\d{14})_(\d+)\.log$/.exec(name) ?? []
    expect(pid).toBe(String(daemon.pid))
    const time = Date.parse(stamp.replace(/^(....)(..)(..)(..)(..)(..)$/, '$1-$2-$3T$4:$5:$6Z'))
    expect(time).toBeGreaterThanOrEqual(Math.floor(before.getTime() / 1000) * 1000)
    expect(time).toBeLessThanOrEqual(Date.now())
    expect(text).toBe('TEST MESSAGE\n')
  })

  test('log-stdout, log-stderr, log-single-file: both streams of one process are in one file', async () => {
    const folder = await temporaryFolder()
    const { daemon } = await logging(`${folder}/std`)
    await daemon.text('/ConsoleWrite')
    await daemon.text('/ConsoleErrorWrite')
    await daemon.stop()
    expect((await onlyLog(folder)).text).toBe('TEST MESSAGE\nTEST MESSAGE\n')
  })

  test('can be read while the app runs', async () => {
    const folder = await temporaryFolder()
    const { daemon } = await logging(`${folder}/std`)
    await daemon.text('/ConsoleWrite')
    await eventually('the line is in the file', async () => (await onlyLog(folder)).text === 'TEST MESSAGE\n')
  })

  test('letters beyond ASCII come whole', async () => {
    const folder = await temporaryFolder()
    const { daemon } = await logging(`${folder}/std`, '.\\server.mjs CheckConsoleFunctions')
    expect((await daemon.send('/')).status).toBe(502)
    await daemon.stop()
    expect((await onlyLog(folder)).text).toBe('彡⾔'.repeat(daemon.seen('processStartAttemptFailed').length))
  })

  test('each process has a file of its own, also within one second', async () => {
    const folder = await temporaryFolder()
    const { daemon } = await logging(`${folder}/std`)
    for (let round = 0; round < 4; round += 1) {
      await daemon.text('/ConsoleWrite')
      const pid = await daemon.processId()
      process.kill(pid, 'SIGKILL')
      await daemon.event('processExited', (event) => event['pid'] === pid)
    }
    await daemon.stop()
    const names = await readdir(folder)
    expect(names).toHaveLength(4)
    for (const name of names) expect(await readFile(join(folder, name), 'utf8')).toBe('TEST MESSAGE\n')
  })

  test('is not made when it is not enabled', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { attributes: { stdoutLogEnabled: 'false', stdoutLogFile: '.\\logs\\stdout' } })
    const daemon = await startDaemon(folder)
    await daemon.text('/ConsoleWrite')
    await daemon.stop()
    expect(await readdir(folder)).not.toContain('logs')
  })

  test('the path of Azure, \\\\?\\%home%\\LogFiles\\stdout, is understood', async () => {
    const home = await temporaryFolder()
    const folder = await copyApp('node-twin')
    const attributes = { stdoutLogEnabled: 'true', stdoutLogFile: '\\\\?\\%home%\\LogFiles\\stdout' }
    await editWebConfig(folder, { attributes })
    const daemon = await startDaemon(folder, { environment: { HOME: home } })
    await daemon.text('/ConsoleWrite')
    await daemon.stop()
    expect((await onlyLog(join(home, 'LogFiles'))).text).toBe('TEST MESSAGE\n')
  })
})

describe('a stdout log that cannot be written', () => {
  test('because a file is in the way: the app runs, the event names the path', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { attributes: { stdoutLogEnabled: 'true', stdoutLogFile: '.\\logs\\stdout' } })
    await writeFile(join(folder, 'logs'), 'in the way')
    const daemon = await startDaemon(folder)
    expect(await daemon.text('/ConsoleWrite')).toBe('Hello World')
    const event = await daemon.event('stdoutLogFailed')
    expect(event.eventId).toBe(1004)
    expect(event.msg).toContain('stdoutLogFile')
    expect(event.msg).toContain(`${folder}/logs`)
  })

  test('because it lies below /proc: the app runs, and nothing hangs', async () => {
    const { daemon } = await logging('/proc/ancmd/logs/stdout')
    expect(await daemon.text('/ConsoleWrite')).toBe('Hello World')
    expect((await daemon.event('stdoutLogFailed')).msg).toContain('/proc/ancmd')
    expect(await daemon.stop()).toBe(0)
  })

  test('because it is a folder: the app runs', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'deep'))
    const { daemon } = await logging(`${folder}/deep/`)
    expect(await daemon.text('/ConsoleWrite')).toBe('Hello World')
  })
})

withEachTwin('output of the app', { args: ['--app-output', 'inherit'] }, (daemon) => {
  test('passes through the daemon untouched, each stream on its own', async () => {
    await daemon().text('/ConsoleWrite')
    await eventually('stdout has it', () => daemon().stdout.includes('TEST MESSAGE\n'))
    const lines = daemon()
      .stderr.split('\n')
      .filter((line) => line === 'TEST MESSAGE')
    await daemon().text('/ConsoleErrorWrite')
    await eventually(
      'stderr has it',
      () =>
        daemon()
          .stderr.split('\n')
          .filter((line) => line === 'TEST MESSAGE').length ===
        lines.length + 1,
    )
  })
})

describe('output of the app', () => {
  test('is silent with --app-output off, and still in the report of a failed start', async () => {
    const daemon = await startDaemon(await misbehavingApp('print 10 4'), { args: ['--app-output', 'off'] })
    expect((await daemon.send('/')).status).toBe(502)
    const failure = await daemon.event('processStartFailed')
    expect(failure['lastLines']).toContain('line 9')
    expect(failure['lastLines']).toContain('line 10')
    await daemon.stop()
    expect(daemon.stdout).toBe('')
    expect(daemon.stderr).not.toMatch(/^line /m)
  })

  test('log-capture-start-failure: what an app printed before it left is in the event', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { attributes: { arguments: '.\\server.mjs ConsoleWriteSingle' } })
    const daemon = await startDaemon(folder)
    expect((await daemon.send('/Test')).status).toBe(502)
    const failure = await daemon.event('processStartFailed')
    expect((failure['lastLines'] as string[]).join('\n')).toContain('Wow!')
  })

  test('without end neither stops the app nor fills the daemon', async () => {
    const daemon = await startDaemon(await misbehavingApp('flood'), { args: ['--app-output', 'off'] })
    for (let round = 0; round < 50; round += 1) expect((await daemon.send('/')).status).toBe(200)
    expect(daemon.seen('processStarted')).toHaveLength(1)
  })
})
