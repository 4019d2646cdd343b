import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { logObstacle } from '../../../../../src/site/modules/access-log/log-obstacle.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ancmd-log-obstacle-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('nothing speaks against a file that exists or can be made, and looking makes none', async () => {
  await writeFile(join(folder, 'old.log'), '')
  await symlink(join(folder, 'away.log'), join(folder, 'link'))
  for (const name of ['old.log', 'new.log', 'a/b/new.log', 'link'])
    expect(await logObstacle(join(folder, name)), name).toBeUndefined()
  expect(await readdir(folder)).toEqual(['link', 'old.log'])
})

test('a folder, a file in the place of a folder and a socket are obstacles', async () => {
  await writeFile(join(folder, 'file'), '')
  const server = createServer().listen(join(folder, 'socket'))
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  expect(await logObstacle(folder)).toBe('EISDIR')
  expect(await logObstacle(join(folder, 'file/a/b.log'))).toBe('ENOTDIR')
  expect(await logObstacle(join(folder, 'socket'))).toBe('ENXIO')
})

test('a folder that this user may not write to is an obstacle, and root may write to any', async () => {
  expect(await logObstacle('/etc/ancmd-test.log')).toBe(process.getuid?.() === 0 ? undefined : 'EACCES')
})

test('a pipe is not opened, so that its reader does not take that for the end', async () => {
  execFileSync('mkfifo', [join(folder, 'pipe')])
  expect(await logObstacle(join(folder, 'pipe'))).toBeUndefined()
})
