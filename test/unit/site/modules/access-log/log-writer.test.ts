import { execFileSync, spawn } from 'node:child_process'
import { mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../../../src/platform/clock.ts'
import { type LogPlace, oneFile } from '../../../../../src/site/modules/access-log/log-place.ts'
import { LogWriter } from '../../../../../src/site/modules/access-log/log-writer.ts'
import { eventually } from '../../../../support/eventually.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ancmd-access-log-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function open(place: LogPlace, head = '') {
  const failures: string[] = []
  const dropped: number[] = []
  const writer = new LogWriter({
    place,
    head: () => head,
    clock: systemClock,
    onFailed: (_file, code) => void failures.push(code),
    onDropped: (_file, lines) => void dropped.push(lines),
  })
  onTestFinished(() => writer.close())
  return { writer, failures, dropped }
}

test('lines are in the file in their order, behind the head, in a folder that is made', async () => {
  const file = join(folder, 'a/b/log')
  const { writer } = open(oneFile(file), '#head\n')
  for (let i = 0; i < 1000; i++) writer.write(`${String(i)}\n`, 0)
  await writer.close()
  const numbers = Array.from({ length: 1000 }, (_, i) => `${String(i)}\n`).join('')
  expect(await readFile(file, 'utf8')).toBe(`#head\n${numbers}`)
  expect((await stat(file)).mode & 0o777).toBe(0o640)
})

test('each line is in the file of its time, and each file has a head', async () => {
  const { writer } = open({ fileAt: (time) => join(folder, String(time)) }, '#head\n')
  writer.write('one\n', 1)
  writer.write('two\n', 2)
  writer.write('two again\n', 2)
  await writer.close()
  expect(await readFile(join(folder, '1'), 'utf8')).toBe('#head\none\n')
  expect(await readFile(join(folder, '2'), 'utf8')).toBe('#head\ntwo\ntwo again\n')
})

test('a renamed file gets no line more after reopen, and no line is lost', async () => {
  const file = join(folder, 'log')
  const { writer } = open(oneFile(file))
  let next = 0
  const expected: string[] = []
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 50; i++) {
      expected.push(String(next))
      writer.write(`${String(next++)}\n`, 0)
    }
    await eventually('the lines are written', async () =>
      (await readFile(file, 'utf8').catch(() => '')).endsWith(`${String(next - 1)}\n`),
    )
    await rename(file, `${file}.${String(round)}`)
    writer.reopen()
  }
  writer.write('last\n', 0)
  await writer.close()
  const parts = await Promise.all([0, 1, 2, 3, 4].map((round) => readFile(`${file}.${String(round)}`, 'utf8')))
  expect(parts.join('').trim().split('\n')).toEqual(expected)
  expect(await readFile(file, 'utf8')).toBe('last\n')
})

test('a pipe that nobody reads holds up nobody; what it has no room for is counted, as whole lines', async () => {
  const file = join(folder, 'pipe')
  execFileSync('mkfifo', [file])
  const { writer, dropped, failures } = open(oneFile(file))
  const line = `${'x'.repeat(1023)}\n`
  for (let i = 0; i < 5000; i++) writer.write(line, 0)
  expect(dropped.length).toBe(1)
  await eventually('the missing reader is reported', () => failures.length > 0)
  expect(failures).toEqual(['ENXIO'])
  const cat = spawn('cat', [file], { stdio: ['ignore', 'pipe', 'inherit'] })
  const catEnded = new Promise((resolve) => cat.once('close', resolve))
  let text = ''
  cat.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  await eventually('the reader gets what has waited', () => text.length >= 4 * 1024 * 1024)
  await writer.close()
  await catEnded
  const lines = text.split('\n').slice(0, -1)
  expect(lines.every((each) => each === 'x'.repeat(1023))).toBe(true)
  expect(lines.length + dropped.reduce((sum, each) => sum + each, 0)).toBe(5000)
})

test.skipIf(process.platform !== 'linux')(
  'a full disk is reported once, and the lines that are lost are counted',
  async () => {
    const { writer, dropped, failures } = open(oneFile('/dev/full'))
    for (let i = 0; i < 10; i++) writer.write('line\n', 0)
    await eventually('the failure is reported', () => failures.length > 0)
    await writer.close()
    expect(failures).toEqual(['ENOSPC'])
    expect(dropped).toEqual([10])
  },
)
