import { spawnSync } from 'node:child_process'
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DebugFile } from '../../../src/stdout/debug-file.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'debug-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

function open(path: string) {
  const failures: string[] = []
  return { file: new DebugFile(path, (code) => failures.push(code)), failures }
}

test('a link in its place is not followed, and that is reported once', async () => {
  const victim = join(folder, 'victim')
  writeFileSync(victim, 'precious')
  symlinkSync(victim, join(folder, 'debug.txt'))
  const { file, failures } = open(join(folder, 'debug.txt'))
  for (const line of ['one', 'two']) {
    file.write(line)
    await file.flush()
  }
  expect(readFileSync(victim, 'utf8')).toBe('precious')
  expect(failures).toEqual(['ELOOP'])
})

test('a file that is moved away gets no more lines; a new one is made', async () => {
  const { file } = open(join(folder, 'debug.txt'))
  file.write('one')
  await file.flush()
  renameSync(join(folder, 'debug.txt'), join(folder, 'moved.txt'))
  file.write('two')
  await file.flush()
  expect(readFileSync(join(folder, 'moved.txt'), 'utf8')).toBe('one\n')
  expect(readFileSync(join(folder, 'debug.txt'), 'utf8')).toBe('two\n')
})

test.runIf(process.platform === 'linux')('the file is open only while lines are written', async () => {
  const { file } = open(join(folder, 'debug.txt'))
  file.write('one')
  await file.flush()
  const paths = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return ''
    }
  })
  expect(paths).not.toContain(join(folder, 'debug.txt'))
})

test('a megabyte waits for a slow disk, in order; further lines are left out, and the file tells how many', async () => {
  const { file, failures } = open(join(folder, 'debug.txt'))
  const line = (number: number): string => String(number).padStart(1023, '.')
  // The disk is asked in another turn, so all of these wait, but for the first, which is under way.
  for (let number = 0; number < 1501; number += 1) file.write(line(number))
  await file.flush()
  file.write('again')
  await file.flush()
  const lines = readFileSync(join(folder, 'debug.txt'), 'utf8').trimEnd().split('\n')
  expect(lines.slice(0, 1025)).toEqual(Array.from({ length: 1025 }, (_, number) => line(number)))
  expect(lines.slice(1025)).toEqual(['(476 lines are missing here: the disk was too slow)', 'again'])
  expect(failures).toEqual([])
})

test('lines that could not be written are counted, and the file tells their number when it can be written again', async () => {
  writeFileSync(join(folder, 'logs'), 'in the way')
  const { file, failures } = open(join(folder, 'logs/debug.txt'))
  for (const line of ['one', 'two']) {
    file.write(line)
    await file.flush()
  }
  expect(failures).toEqual(['ENOTDIR'])
  rmSync(join(folder, 'logs'))
  file.write('three')
  await file.flush()
  expect(readFileSync(join(folder, 'logs/debug.txt'), 'utf8')).toBe('(2 lines are missing here: ENOTDIR)\nthree\n')
})

test('only the owner and the group may read it', async () => {
  const { file } = open(join(folder, 'debug.txt'))
  file.write('one')
  await file.flush()
  expect(statSync(join(folder, 'debug.txt')).mode & 0o777 & ~0o640).toBe(0)
})

test.runIf(process.platform === 'linux')('a pipe in its place that nobody reads blocks nothing', async () => {
  spawnSync('mkfifo', [join(folder, 'debug.txt')])
  const { file, failures } = open(join(folder, 'debug.txt'))
  file.write('one')
  await file.flush()
  expect(failures).toEqual(['ENXIO'])
})
