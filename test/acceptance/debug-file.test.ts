import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type DaemonOptions, startDaemon } from '../support/daemon.ts'
import { copyApp, editWebConfig, temporaryFolder } from '../support/folders.ts'

/** One line: time, the daemon's pid, level, event, text. */
const line = /^\[(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z), PID: (\d+)\] \[ancmd\] (\w+) (\w+): /

/** Hosts the Node app with these handlerSettings through one request, and stops. */
async function hosted(
  handlerSettings: Readonly<Record<string, string>>,
  options: DaemonOptions = {},
): Promise<{ folder: string; pid: number }> {
  const folder = await copyApp('node-twin')
  await editWebConfig(folder, { handlerSettings })
  const daemon = await startDaemon(folder, options)
  await daemon.text('/HelloWorld')
  const { pid } = daemon
  expect(await daemon.stop()).toBe(0)
  return { folder, pid }
}

function eventsIn(text: string): string[] {
  return text.split('\n').flatMap((each) => line.exec(each)?.[4] ?? [])
}

describe('debugFile', () => {
  test('log-debugfile, log-timestamp-pid: gets what happens to the application, with time and pid', async () => {
    const before = Date.now()
    const { folder, pid } = await hosted({ debugLevel: 'file', debugFile: 'subdirectory\\debug.txt' })
    const text = await readFile(join(folder, 'subdirectory/debug.txt'), 'utf8')
    expect(eventsIn(text)).toEqual(
      expect.arrayContaining(['processStarted', 'gracefulShutdownRequested', 'processExited']),
    )
    for (const each of text.trimEnd().split('\n')) {
      const [, time = '', daemon] = line.exec(each) ?? []
      expect(Number(daemon)).toBe(pid)
      expect(Date.parse(time)).toBeGreaterThanOrEqual(before)
      expect(Date.parse(time)).toBeLessThanOrEqual(Date.now())
    }
  })

  test('log-debugfile-default: without a name it is aspnetcore-debug.log in the folder of the app', async () => {
    const { folder } = await hosted({ debugLevel: 'file' })
    expect(eventsIn(await readFile(join(folder, 'aspnetcore-debug.log'), 'utf8'))).toContain('processStarted')
  })

  test('log-debug-env: ASPNETCORE_MODULE_DEBUG of the daemon is as good as debugLevel', async () => {
    const { folder } = await hosted({ debugFile: '' }, { environment: { ASPNETCORE_MODULE_DEBUG: 'file' } })
    expect(eventsIn(await readFile(join(folder, 'aspnetcore-debug.log'), 'utf8'))).toContain('processStarted')
  })

  test('log-debug-switch: the one in web.config counts, not the one in the environment', async () => {
    const elsewhere = join(await temporaryFolder(), 'first.txt')
    const environment = { ASPNETCORE_MODULE_DEBUG: 'file', ASPNETCORE_MODULE_DEBUG_FILE: elsewhere }
    const { folder } = await hosted({ debugFile: 'second.txt' }, { environment })
    expect(eventsIn(await readFile(join(folder, 'second.txt'), 'utf8'))).toContain('processStarted')
    await expect(readFile(elsewhere)).rejects.toThrow('ENOENT')
  })

  test('log-debug-switch: alone, the one in the environment counts', async () => {
    const elsewhere = join(await temporaryFolder(), 'first.txt')
    const environment = { ASPNETCORE_MODULE_DEBUG: 'file', ASPNETCORE_MODULE_DEBUG_FILE: elsewhere }
    await hosted({}, { environment })
    expect(eventsIn(await readFile(elsewhere, 'utf8'))).toContain('processStarted')
  })

  test('log-debug-eventlog: the word eventlog changes nothing: the log of the daemon has every event anyway', async () => {
    const { folder } = await hosted({ debugLevel: 'file,eventlog' })
    expect(eventsIn(await readFile(join(folder, 'aspnetcore-debug.log'), 'utf8'))).toContain('processStarted')
  })

  test('is added to, never begun anew', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { handlerSettings: { debugLevel: 'file' } })
    await writeFile(join(folder, 'aspnetcore-debug.log'), 'of before\n')
    for (let life = 0; life < 2; life += 1) {
      const daemon = await startDaemon(folder)
      await daemon.text('/')
      await daemon.stop()
    }
    const text = await readFile(join(folder, 'aspnetcore-debug.log'), 'utf8')
    expect(text.startsWith('of before\n')).toBe(true)
    expect(eventsIn(text).filter((event) => event === 'processStarted')).toHaveLength(2)
  })

  test('that cannot be made does not keep the app from running', async () => {
    const folder = await copyApp('node-twin')
    await writeFile(join(folder, 'logs'), 'a file in the way')
    await editWebConfig(folder, { handlerSettings: { debugLevel: 'file', debugFile: 'logs\\debug.txt' } })
    const daemon = await startDaemon(folder)
    expect(await daemon.text('/HelloWorld')).toBe('Hello World')
    expect((await daemon.event('debugFileFailed'))['file']).toContain('debug.txt')
  })

  test('holds no pairing token', async () => {
    const journal = join(await temporaryFolder(), 'journal')
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, {
      handlerSettings: { debugLevel: 'trace,file' },
      environment: { ANCMTestJournal: journal },
    })
    const daemon = await startDaemon(folder)
    await daemon.text('/EnvironmentVariables')
    await daemon.stop()
    const token = /^started \d+ \d+ (\S+)$/m.exec(await readFile(journal, 'utf8'))?.[1] ?? ''
    expect(token).not.toBe('')
    expect(await readFile(join(folder, 'aspnetcore-debug.log'), 'utf8')).not.toContain(token)
  })
})
