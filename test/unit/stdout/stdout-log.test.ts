import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Clock, systemClock } from '../../../src/platform/clock.ts'
import type { OutputSink } from '../../../src/process/system/output.ts'
import { logFileName } from '../../../src/stdout/log-file-name.ts'
import { openStdoutLog, type StdoutLogOptions } from '../../../src/stdout/stdout-log.ts'

const started = new Date('2024-01-31T09:45:02Z')
const clock: Clock = { ...systemClock, wallTime: () => started }

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stdout-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

function open(changes: Partial<StdoutLogOptions> = {}) {
  const failures: [string, string][] = []
  const losses: [string, number][] = []
  const log = openStdoutLog({
    filePrefix: join(folder, 'stdout'),
    pid: 1928,
    clock,
    passThrough: undefined,
    onFailure: (path, code) => failures.push([path, code]),
    onLoss: (_path, code, bytes) => losses.push([code, bytes]),
    ...changes,
  })
  const sink: OutputSink = log
  const write = (stream: 'stdout' | 'stderr', text: string): void => {
    sink.write(stream, Buffer.from(text))
  }
  return { log, write, failures, losses }
}

const first = 'stdout_20240131094502_1928.log'

describe('the file', () => {
  test('has both streams, byte for byte', async () => {
    const { log, write, failures } = open()
    write('stdout', 'one\r\n')
    write('stderr', 'zwei π\n')
    log.write('stdout', Uint8Array.of(0xff, 0x00, 0x1b))
    await log.close()
    expect(readdirSync(folder)).toEqual([first])
    const expected = Buffer.concat([Buffer.from('one\r\nzwei π\n'), Uint8Array.of(0xff, 0x00, 0x1b)])
    expect(readFileSync(join(folder, first))).toEqual(expected)
    expect(log.path).toBe(join(folder, first))
    expect(failures).toEqual([])
  })

  test('is made even if nothing is written, and may be read by owner and group only', async () => {
    await open().log.close()
    expect(statSync(join(folder, first)).mode & 0o777 & ~0o640).toBe(0)
    expect(statSync(join(folder, first)).size).toBe(0)
  })

  test('is never shared by two starts within one second', async () => {
    const logs = Array.from({ length: 5 }, () => open())
    for (const [at, { write }] of logs.entries()) write('stdout', `from ${String(at)}`)
    await Promise.all(logs.map(({ log }) => log.close()))
    expect(readdirSync(folder)).toHaveLength(5)
    const texts = logs.map(({ log }) => readFileSync(log.path ?? '', 'utf8'))
    expect(texts).toEqual(['from 0', 'from 1', 'from 2', 'from 3', 'from 4'])
    expect(readdirSync(folder)).toContain('stdout_20240131094502_1928_5.log')
  })

  test('is never opened through a link in its place', async () => {
    const victim = join(folder, 'victim')
    writeFileSync(victim, 'precious')
    symlinkSync(victim, join(folder, first))
    const { log, write } = open()
    write('stdout', 'text')
    await log.close()
    expect(readFileSync(victim, 'utf8')).toBe('precious')
    expect(log.path).toBe(join(folder, 'stdout_20240131094502_1928_2.log'))
  })

  test('goes on at its beginning when log rotation truncates it while it is open', async () => {
    const { log, write } = open()
    write('stdout', 'one\n')
    await expect.poll(() => log.path !== undefined && readFileSync(log.path, 'utf8')).toBe('one\n')
    truncateSync(log.path ?? '')
    write('stdout', 'two\n')
    await log.close()
    expect(readFileSync(log.path ?? '', 'utf8')).toBe('two\n')
  })

  test('is not made after a hundred names that exist already', async () => {
    for (let taken = 0; taken < 100; taken += 1) {
      writeFileSync(join(folder, logFileName('stdout', started, 1928, taken)), '')
    }
    const { log, failures } = open()
    await log.close()
    expect(failures).toEqual([[join(folder, 'stdout_20240131094502_1928_100.log'), 'EEXIST']])
  })

  test('has the folders above it made', async () => {
    const { log, write, failures } = open({ filePrefix: join(folder, 'a/b/c/stdout') })
    write('stdout', 'deep')
    await log.close()
    expect(readFileSync(join(folder, 'a/b/c', first), 'utf8')).toBe('deep')
    expect(failures).toEqual([])
  })

  test('is made by two starts at once whose folders do not exist yet', async () => {
    const logs = [open({ filePrefix: join(folder, 'x/y/one') }), open({ filePrefix: join(folder, 'x/y/two') })]
    await Promise.all(logs.map(({ log }) => log.close()))
    expect(readdirSync(join(folder, 'x/y'))).toHaveLength(2)
  })
})

describe('when no file can be made', () => {
  async function failing(file: string) {
    const made = open({ filePrefix: file })
    await expect.poll(() => made.failures.length).toBe(1)
    // Nothing waits for a file that will never be.
    for (let block = 0; block < 5; block += 1) made.write('stdout', '\n'.repeat(1024 * 1024))
    made.write('stdout', 'last words\n')
    await made.log.close()
    expect(made.losses).toEqual([])
    expect(made.log.lastLines().at(-1)).toBe('last words')
    expect(made.log.path).toBeUndefined()
    expect(made.failures).toHaveLength(1)
    return made.failures[0]
  }

  test('because a file lies where a folder should be, that is reported', async () => {
    writeFileSync(join(folder, 'logs'), '')
    expect(await failing(join(folder, 'logs/stdout'))).toEqual([join(folder, 'logs', first), 'ENOTDIR'])
  })

  test('because the path is below /proc, that is reported, and nothing hangs', async () => {
    expect((await failing('/proc/no/such/stdout'))?.[1]).toBe('ENOENT')
  })

  test('because it is not permitted, that is reported', async () => {
    // Not even root makes files there.
    expect((await failing('/sys/kernel/stdout'))?.[1]).toMatch(/^(?:EACCES|EPERM|EROFS)$/)
  })

  test('because the name is too long, that is reported', async () => {
    expect((await failing(join(folder, 'x'.repeat(300))))?.[1]).toBe('ENAMETOOLONG')
  })
})

test('no timer is left after close()', async () => {
  let running = 0
  const counting: Clock = {
    ...clock,
    after: (ms, callback) => {
      running += 1
      const cancel = clock.after(ms, callback)
      return () => {
        running -= 1
        cancel()
      }
    },
  }
  const { log, write } = open({ clock: counting })
  log.conceal('1a2b3c4d')
  write('stdout', 'Step 1')
  expect(running).toBe(1)
  await log.close()
  expect(running).toBe(0)
})

test('without stdoutLogEnabled there is no file, and the last lines are kept', async () => {
  const { log, write } = open({ filePrefix: undefined })
  write('stderr', 'why\n')
  write('stdout', 'not')
  await log.close()
  expect(readdirSync(folder)).toEqual([])
  expect(log.lastLines()).toEqual(['why', 'not'])
})

test('every chunk is passed through unchanged, to the stream it came from', async () => {
  const passed: [string, string][] = []
  const to = (stream: string) => ({
    write: (chunk: Uint8Array): void => {
      passed.push([stream, Buffer.from(chunk).toString('latin1')])
    },
  })
  const { log, write } = open({ passThrough: { stdout: to('out'), stderr: to('err') } })
  write('stdout', 'a\x1b[31m')
  write('stderr', 'b')
  await log.close()
  expect(passed).toEqual([
    ['out', 'a\x1b[31m'],
    ['err', 'b'],
  ])
})

test('lost bytes are reported once a minute, and the rest at the end', async () => {
  let now = 0
  const { log, write, losses } = open({ clock: { ...clock, now: () => now } })
  // The file is opened in another turn, so this waits in memory, whose bound is 4 MiB.
  const block = 'x'.repeat(1024 * 1024)
  for (let blocks = 0; blocks < 4; blocks++) write('stdout', block)
  write('stdout', 'one')
  write('stdout', 'two')
  expect(losses).toEqual([['behind', 3]])
  now = 59_999
  write('stdout', '!')
  expect(losses).toHaveLength(1)
  now = 60_000
  write('stdout', '?')
  expect(losses).toEqual([
    ['behind', 3],
    ['behind', 5],
  ])
  write('stdout', 'end')
  await log.close()
  expect(losses.at(-1)).toEqual(['behind', 3])
  expect(readFileSync(log.path ?? '', 'utf8')).toHaveLength(4 * block.length)
})
