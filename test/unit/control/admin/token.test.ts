import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeToken, readToken } from '../../../../src/control/admin/token.ts'
import { createFolders } from '../../config/folders.ts'

const folderOf = createFolders()

function fileWith(text: string, mode = 0o600): string {
  const file = join(folderOf({}), 'token')
  writeFileSync(file, text)
  chmodSync(file, mode)
  return file
}

test('the first line of the file is the token', () => {
  expect(readToken(fileWith('0123456789abcdef01\nmore\n'))).toMatchObject({ ok: true, value: '0123456789abcdef01' })
  expect(readToken(fileWith('0123456789abcdef01', 0o640)).ok).toBe(true)
})

test.each([
  ['a file that everybody may read', () => fileWith('0123456789abcdef01', 0o644), 'chmod o-rwx'],
  ['an empty file', () => fileWith(''), 'openssl rand -hex 24'],
  ['a short token', () => fileWith('secret'), 'openssl rand -hex 24'],
  ['a token with blanks', () => fileWith('0123456789 abcdef 0123'), 'without blanks'],
  ['a file that is not there', () => join(folderOf({}), 'gone'), 'ENOENT'],
])('%s is refused with the cure, and its text is not shown', (_what, file, said) => {
  const read = readToken(file())
  expect(read.ok).toBe(false)
  expect(read.ok ? '' : read.failure).toContain(said)
  expect(read.ok ? '' : read.failure).not.toMatch(/0123456789|secret\b/)
})

test('tokens that are made are long, and never the same', () => {
  const made = new Set(Array.from({ length: 100 }, makeToken))
  expect(made.size).toBe(100)
  for (const token of made) expect(token).toMatch(/^[\w-]{32}$/)
})
