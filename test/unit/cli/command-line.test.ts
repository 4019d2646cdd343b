import { expect, test } from 'vitest'
import { version } from '../../../src/platform/package-folder.ts'
import { command } from './terminal.ts'

test('--version and -V print the version', async () => {
  for (const option of ['--version', '-V']) {
    expect(await command([option])).toEqual({ code: 0, out: `${version()}\n`, err: '' })
  }
})

test('--help, -h and help print the help', async () => {
  const { out } = await command(['--help'])
  for (const line of [['-h'], ['help']]) expect(await command(line)).toEqual({ code: 0, out, err: '' })
  const aboutCheck = await command(['check', '--help'])
  expect(aboutCheck.out).toContain('usage: ancmd check')
  for (const line of [
    ['check', '-h'],
    ['help', 'check'],
    ['check', 'a', 'b', '--help'],
  ]) {
    expect(await command(line)).toEqual(aboutCheck)
  }
})

test('arguments after -- are not options', async () => {
  const { code, out } = await command(['check', '--', '--help'])
  expect(code).toBe(78)
  expect(out).toContain('--help:0:0: error: There is no such folder.')
})

test.each([
  'run',
  'check',
  'doctor',
])('%s with an empty name does not take the current folder for what was meant', async (verb) => {
  const { code, out, err } = await command([verb, ''])
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toContain("the folder's name is empty")
})

test('without a verb the overview goes to stderr, with exit code 2', async () => {
  const { code, out, err } = await command([])
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toContain('usage: ancmd <command>')
})
