import { appendFile, mkdir, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { StoredOutput } from '../../../src/stdout/stored-output.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { HandClock } from '../../support/hand-clock.ts'

async function open(files: Readonly<Record<string, string>> = {}) {
  const folder = await temporaryFolder()
  const clock = new HandClock()
  const output = new StoredOutput(join(folder, 'std'), clock)
  onTestFinished(async () => {
    await output.close()
  })
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  const poll = async (): Promise<string> => {
    let text = ''
    for await (const pieces of output.poll()) text += pieces.map(({ bytes }) => Buffer.from(bytes).toString()).join('')
    return text
  }
  return { clock, output, poll, file: (name: string) => join(folder, name) }
}

const [one, two, three] = [
  'std_20260101000001_7.log',
  'std_20260101000002_7.log',
  'std_20260101000002_7_2.log',
] as const

test('the last lines are taken from as many files as it takes', async () => {
  const files = { [one]: 'a\nb\n', [two]: 'c\nd', [three]: 'e\n', 'other_20260101000001_7.log': 'no\n' }
  for (const [lines, expected] of [
    [1, 'e\n'],
    [2, 'd' + 'e\n'],
    [4, 'b\nc\nde\n'],
    [100, 'a\nb\nc\nde\n'],
    [0, ''],
  ] as const) {
    const { output, poll } = await open(files)
    expect(await output.begin(lines, 0)).toBe('files')
    const text = await poll()
    const rest = await output.close()
    const whole = text + rest.map(({ bytes }) => Buffer.from(bytes).toString()).join('')
    expect([...whole].toSorted().join('')).toBe([...expected].toSorted().join(''))
  }
})

test('many lines, in files larger than a block, begin at the right one', async () => {
  const lines = Array.from({ length: 50_000 }, (_, at) => `line ${String(at)}\n`)
  const { output, poll } = await open({ [one]: lines.join('') })
  await output.begin(30_000, 0)
  expect(await poll()).toBe(lines.slice(-30_000).join(''))
})

test('what is added is followed, in new files, cut ones and renamed ones', async () => {
  const { output, poll, file } = await open()
  expect(await output.begin(100, 0)).toBe('none')
  expect(await poll()).toBe('')
  await writeFile(file(one), 'one\n')
  expect(await poll()).toBe('one\n')
  await appendFile(file(one), 'two\n')
  await writeFile(file(two), 'three\n')
  expect(await poll()).toBe('two\nthree\n')
  await truncate(file(two))
  expect(await poll()).toBe('')
  await appendFile(file(two), 'four\n')
  expect(await poll()).toBe('four\n')
  await rename(file(two), file('moved'))
  await appendFile(file('moved'), 'five\n')
  await writeFile(file(two), 'six\n')
  expect(await poll()).toBe('five\nsix\n')
  await appendFile(file(two), 'seven\n')
  await appendFile(file('moved'), 'eight\n')
  expect([...(await poll()).split('\n')].toSorted()).toEqual(['', 'eight', 'seven'])
  await rm(file(two))
  expect(await poll()).toBe('')
})

test('files that do not grow are closed, and found again when they do', async () => {
  const names = Array.from({ length: 40 }, (_, at) => `std_202601010000${String(at + 10)}_7.log`)
  const { output, poll, file, clock } = await open(Object.fromEntries(names.map((name) => [name, 'old\n'])))
  await output.begin(1000, 0)
  expect((await poll()).length).toBe(160)
  clock.advance(120_000)
  await poll()
  await appendFile(file(names[3] ?? ''), 'new\n')
  let text = ''
  for (let polls = 0; polls < 20; polls++) text += await poll()
  expect(text).toBe('new\n')
})

test('a folder or a link with the name of a log is passed by', async () => {
  const { output, poll, file } = await open({ [one]: 'one\n' })
  await mkdir(file(two))
  await output.begin(10, 0)
  expect(await poll()).toBe('one\n')
})
