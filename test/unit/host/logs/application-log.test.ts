import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { HandlerSettings } from '../../../../src/config/model.ts'
import { ApplicationLog } from '../../../../src/host/logs/application-log.ts'
import { createLog } from '../../../../src/log/log.ts'
import { systemClock } from '../../../../src/platform/clock.ts'

let folder: string
let failures: string[]
let lines: string[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ancmd-debug-'))
  failures = []
  lines = []
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

function open(debugFile: string | undefined, debugLevel: readonly string[]): ApplicationLog {
  const daemon = createLog({ format: 'json', level: 'info', out: (line) => void lines.push(line), colour: false })
  const log = new ApplicationLog(daemon, 4711, systemClock, (path, code) => void failures.push(`${path} ${code}`))
  log.configure({ debugFile, debugLevel } as unknown as HandlerSettings)
  return log
}

describe("an application's debugFile", () => {
  it('gets the events of its level and above as lines with time and pid, in folders that are made', async () => {
    const file = join(folder, 'a', 'b', 'debug.txt')
    const log = open(file, ['warning', 'file'])
    log.write('info', { event: 'x', msg: 'not this one' })
    log.write('warn', { event: 'processExited', msg: 'it ended', pid: 17, lastLines: ['bye'] })
    await log.flush()
    const text = await readFile(file, 'utf8')
    expect(text).toMatch(
      /^\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z, PID: 4711\] \[ancmd\] warn processExited: it ended pid=17\n {4}bye\n$/,
    )
    expect(lines).toHaveLength(2)
  })

  it('gets more than the daemon log when its level asks for more', async () => {
    const file = join(folder, 'debug.txt')
    const log = open(file, ['trace'])
    expect(log.isEnabled('debug')).toBe(true)
    log.write('debug', { event: 'request', msg: 'GET /' })
    await log.flush()
    expect(await readFile(file, 'utf8')).toContain('GET /')
    expect(lines).toEqual([])
  })

  it('takes a debugLevel that names only a place for level info', async () => {
    const file = join(folder, 'debug.txt')
    const log = open(file, ['file'])
    log.write('debug', { event: 'x', msg: 'quiet' })
    log.write('info', { event: 'x', msg: 'heard' })
    await log.flush()
    expect(await readFile(file, 'utf8')).toMatch(/heard\n$/)
    expect(await readFile(file, 'utf8')).not.toContain('quiet')
  })

  it('that cannot be written is reported once, and the daemon log goes on', async () => {
    const log = open('/proc/nowhere/debug.txt', ['info'])
    for (const msg of ['one', 'two']) {
      log.write('info', { event: 'x', msg })
      await log.flush()
    }
    expect(failures).toEqual(['/proc/nowhere/debug.txt ENOENT'])
    expect(lines).toHaveLength(2)
  })

  it('is not made when no level is given', async () => {
    const file = join(folder, 'debug.txt')
    const log = open(file, [])
    log.write('error', { event: 'x', msg: 'x' })
    await log.flush()
    await expect(readFile(file)).rejects.toThrow('ENOENT')
  })

  it('for level error gets errors and nothing less severe', async () => {
    const file = join(folder, 'debug.txt')
    const log = open(file, ['error'])
    log.write('warn', { event: 'x', msg: 'a warning' })
    log.write('error', { event: 'x', msg: 'an error' })
    await log.flush()
    expect((await readFile(file, 'utf8')).trimEnd().split('\n')).toHaveLength(1)
    expect(await readFile(file, 'utf8')).toContain('an error')
  })

  it('is replaced when the configuration names another one, and the end waits for the writes of both', async () => {
    const [first, second] = [join(folder, 'a/first.txt'), join(folder, 'second.txt')]
    const log = open(first, ['info'])
    log.write('info', { event: 'x', msg: 'one' })
    log.configure({ debugFile: second, debugLevel: ['info'] } as unknown as HandlerSettings)
    await log.flush()
    log.write('info', { event: 'x', msg: 'two' })
    await log.flush()
    expect(await readFile(first, 'utf8')).toMatch(/one\n$/)
    expect(await readFile(second, 'utf8')).toMatch(/^.*two\n$/)
  })

  it('is written while a configuration asks for it, and no longer', async () => {
    const file = join(folder, 'debug.txt')
    const log = open(file, ['info'])
    log.write('info', { event: 'x', msg: 'one' })
    log.configure({ debugFile: undefined, debugLevel: ['info'] } as unknown as HandlerSettings)
    log.write('info', { event: 'x', msg: 'two' })
    await log.flush()
    expect(await readFile(file, 'utf8')).toMatch(/^.*one\n$/)
  })
})
