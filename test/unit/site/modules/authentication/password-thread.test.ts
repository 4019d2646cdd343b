import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { hashSync } from 'bcryptjs'
import { expect, test } from 'vitest'
import { systemClock } from '../../../../../src/platform/clock.ts'
import { PasswordThread } from '../../../../../src/site/modules/authentication/basic/password-hash.ts'
import { Users } from '../../../../../src/site/modules/authentication/basic/users.ts'
import { temporaryFolder } from '../../../../support/folders.ts'

/** A thread that compares as the daemon's does, and that some passwords end. */
const thread = `
const { parentPort } = require('node:worker_threads')
const { compareSync } = require(${JSON.stringify(createRequire(import.meta.url).resolve('bcryptjs'))})
parentPort.on('message', ({ id, password, hash }) => {
  if (password === 'exits') process.exit(1)
  if (password === 'throws') throw new Error('on purpose')
  parentPort.postMessage({ id, isRight: compareSync(password, hash) })
})`

test('a thread that ends while it compares makes a user unavailable, and the next password has another thread', async () => {
  const folder = await temporaryFolder()
  const usersFile = join(folder, 'users')
  await writeFile(usersFile, `alice:${hashSync('secret', 4)}\n`)
  await writeFile(join(folder, 'thread.cjs'), thread)
  const passwords = new PasswordThread(pathToFileURL(join(folder, 'thread.cjs')))
  const log = { isEnabled: () => false, write: () => undefined }
  const users = new Users(
    { usersFile, log, clock: systemClock, app: 'app' },
    (password, hash) => passwords.compare(password, hash),
    () => undefined,
  )
  await users.refresh()
  const check = (password: string) => {
    const claimed = { user: 'alice', password }
    return users.check(claimed, users.fingerprint(claimed))
  }
  const unavailable = { unavailable: 'the thread that compares passwords has ended' }
  expect(await check('wrong')).toBe('wrong')
  // Whoever waits behind the one that ends the thread is told so, too.
  expect(await Promise.all([check('exits'), check('waits')])).toEqual([unavailable, unavailable])
  expect(await check('wrong')).toBe('wrong')
  expect(await check('throws')).toEqual(unavailable)
  expect(await check('secret')).toBe('right')
})
