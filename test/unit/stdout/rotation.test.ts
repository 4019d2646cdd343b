import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Clock, systemClock } from '../../../src/platform/clock.ts'
import { LogFiles, type StdoutLogLimits } from '../../../src/stdout/log-files.ts'
import { openStdoutLog, type StdoutLog } from '../../../src/stdout/stdout-log.ts'
import { Random } from '../../fuzz/random.ts'

const started = new Date('2024-01-31T09:45:02Z')
const clock: Clock = { ...systemClock, wallTime: () => started }
const pid = 1928

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rotation-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

function open(limits: StdoutLogLimits) {
  const files = new LogFiles(limits)
  const openOne = (): StdoutLog =>
    openStdoutLog({
      filePrefix: join(folder, 'stdout'),
      pid,
      clock,
      files,
      passThrough: undefined,
      onFailure: (path, code) => {
        throw new Error(`${path}: ${code}`)
      },
      onLoss: (path, code, bytes) => {
        throw new Error(`${path}: ${code}, ${String(bytes)}`)
      },
    })
  return { files, openOne, log: openOne() }
}

const nameOf = (count: number): string => `stdout_20240131094502_1928${count === 1 ? '' : `_${String(count)}`}.log`

/** The texts of the files in the order in which they were made. */
function texts(): string[] {
  const names = readdirSync(folder)
  return names.map((_, i) => readFileSync(join(folder, nameOf(i + 1)), 'latin1'))
}

describe('a stdout log with a largest size', () => {
  test.each([1, 2, 3, 4, 5, 6])('has every byte once, in rows of whole lines (%i)', async (seed) => {
    const random = new Random(seed)
    const maxBytes = 20 + random.below(200)
    const { log } = open({ maxBytes })
    let written = ''
    for (let i = 0; i < 60; i++) {
      const text = `${String(i)} ${'x'.repeat(random.below(60))}${random.chance(0.6) ? '\n' : ''}`
      written += text
      log.write('stdout', Buffer.from(text))
      if (random.chance(0.3)) await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await log.close()
    const all = texts()
    expect(all.join('')).toBe(written)
    expect(all.length).toBeGreaterThan(3)
    for (const text of all.slice(0, -1)) {
      expect(text.endsWith('\n')).toBe(true)
      const lastLine = text.lastIndexOf('\n', text.length - 2) + 1
      expect(lastLine).toBeLessThanOrEqual(maxBytes)
    }
  })

  test('a line that is larger stays whole, in a file of its own', async () => {
    const { log } = open({ maxBytes: 10 })
    log.write('stdout', Buffer.from(`a\n${'x'.repeat(100)}\nb\n`))
    await log.close()
    expect(texts()).toEqual(['a\n', `${'x'.repeat(100)}\n`, 'b\n'])
  })
})

describe('old stdout logs', () => {
  test('beyond the number of files are deleted, the oldest first; nothing else is touched', async () => {
    const old = [1, 2, 3, 4].map((day) => `stdout_2023010${String(day)}000000_999999999.log`)
    for (const name of old) writeFileSync(join(folder, name), '')
    const strangers = ['stdout_2023.log', 'stdout_20230101000000_7.log.gz', 'other_20230101000000_7.log', 'stdout.log']
    for (const name of strangers) writeFileSync(join(folder, name), '')
    symlinkSync(join(folder, 'stdout.log'), join(folder, 'stdout_20220101000000_999999999.log'))
    mkdirSync(join(folder, 'stdout_20220102000000_999999999.log'))
    // Another daemon that runs: here, the tests.
    const another = `stdout_20220103000000_${String(process.ppid)}.log`
    writeFileSync(join(folder, another), '')
    const { log } = open({ maxFiles: 5 })
    await log.close()
    const left = readdirSync(folder)
    expect(left).toEqual(expect.arrayContaining([...strangers, another, nameOf(1)]))
    expect(left).toContain('stdout_20220101000000_999999999.log')
    expect(left).toContain('stdout_20220102000000_999999999.log')
    expect(old.filter((name) => left.includes(name))).toEqual(old.slice(3))
  })

  test('that are too old are deleted, but never one that is open', async () => {
    const name = 'stdout_20230101000000_999999999.log'
    for (const each of [name, 'stdout_20230102000000_999999999.log']) writeFileSync(join(folder, each), '')
    utimesSync(join(folder, name), started, new Date(started.getTime() - 2 * 86_400_000))
    utimesSync(join(folder, 'stdout_20230102000000_999999999.log'), started, started)
    const { log, openOne } = open({ maxAgeMs: 86_400_000 })
    await expect.poll(() => log.path !== undefined && !readdirSync(folder).includes(name)).toBe(true)
    utimesSync(log.path ?? '', started, new Date(0))
    await openOne().close()
    await log.close()
    expect(readdirSync(folder)).toEqual([nameOf(1), nameOf(2), 'stdout_20230102000000_999999999.log'].sort())
  })
})

test('a renamed stdout log goes on in a new file after reopen; one in its place goes on as it is', async () => {
  const { log, files } = open({})
  log.write('stdout', Buffer.from('one\n'))
  await expect.poll(() => log.path !== undefined && readFileSync(log.path, 'utf8')).toBe('one\n')
  files.reopen()
  log.write('stdout', Buffer.from('two\n'))
  await expect.poll(() => readFileSync(log.path ?? '', 'utf8')).toBe('one\ntwo\n')
  renameSync(log.path ?? '', join(folder, 'old'))
  files.reopen()
  log.write('stdout', Buffer.from('three\n'))
  await log.close()
  expect(readFileSync(join(folder, 'old'), 'utf8')).toBe('one\ntwo\n')
  expect(readFileSync(join(folder, nameOf(1)), 'utf8')).toBe('three\n')
})
