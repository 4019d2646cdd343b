import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashSync } from 'bcryptjs'
import { describe, expect, test } from 'vitest'
import type { Log, LogEntry } from '../../../../../src/log/entry.ts'
import { answerFailure } from '../../../../../src/http/answer.ts'
import { systemClock } from '../../../../../src/platform/clock.ts'
import { BasicScheme } from '../../../../../src/site/modules/authentication/basic/basic-scheme.ts'
import { FailedAttempts } from '../../../../../src/site/modules/authentication/basic/failed-attempts.ts'
import { readUserAndPassword } from '../../../../../src/site/modules/authentication/basic/user-and-password.ts'
import { readUsersFile } from '../../../../../src/site/modules/authentication/basic/users-file.ts'
import { temporaryFolder } from '../../../../support/folders.ts'
import { HandClock } from '../../../../support/hand-clock.ts'
import { requestFor } from '../section.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
function recordedLog(): { readonly log: Log; readonly entries: LogEntry[] } {
  const entries: LogEntry[] = []
  return { log: { isEnabled: () => true, write: (_level, entry) => void entries.push(entry) }, entries }
}
const hash = (password: string) => hashSync(password, 4)

describe('a file of users', () => {
  test('has hashes of bcrypt; other lines are for nobody, and say why', () => {
    const [alice, bob] = [hash('a'), hash('b').replace('$2b$', '$2y$')]
    const text = `\ufeff# users\nalice:${alice}\r\n\n bob:${bob}\ncarol:{SHA}x\nnobody\n:x\nalice:${bob}\ndora:${alice.replace('$04$', '$20$')}`
    const { hashes, unusable } = readUsersFile(text)
    expect([...hashes]).toEqual([
      ['alice', alice],
      ['bob', bob],
    ])
    expect(unusable).toEqual([
      { line: 5, why: 'its password is not hashed with bcrypt (htpasswd -B)' },
      { line: 6, why: 'there is no user name before a colon' },
      { line: 7, why: 'there is no user name before a colon' },
      { line: 8, why: 'its user has an earlier line' },
      { line: 9, why: 'the cost of its hash is not between 4 and 16' },
    ])
  })
})

describe('Basic credentials', () => {
  test('end the user at the first colon', () => {
    expect(readUserAndPassword(base64('a:b:c'))).toEqual({ user: 'a', password: 'b:c' })
    expect(readUserAndPassword(base64('jörg:пароль'))).toEqual({ user: 'jörg', password: 'пароль' })
    expect(readUserAndPassword(base64('a:'))).toEqual({ user: 'a', password: '' })
  })

  test.each([
    '',
    'a',
    '!',
    'YTpi YTpi',
    'YTpi, Basic YTpi',
    base64(':p'),
    base64('a:b\n'),
    'wzpiYw==',
  ])('are malformed as %j', (text) => {
    expect(readUserAndPassword(text)).toBeUndefined()
  })
})

describe('Basic', () => {
  const open = async (text: string) => {
    const usersFile = join(await temporaryFolder(), 'users')
    writeFileSync(usersFile, text)
    const { log, entries } = recordedLog()
    const clock = new HandClock()
    const scheme = new BasicScheme({ usersFile, log, clock, app: 'a', realm: 'The "shop"' })
    const ask = async (credentials: string, connection = {}, headers: readonly string[] = []) => {
      const exchange = requestFor('/', { connection: { remoteAddress: '127.0.0.1', ...connection }, headers })
      if (exchange === undefined) throw new Error('no exchange')
      const verdict = await scheme.check(exchange, base64(credentials))
      if ('user' in verdict) return verdict.user.name
      return 'refused' in verdict ? 'refused' : answerFailure(verdict.failure).status
    }
    return { scheme, ask, entries, clock, usersFile }
  }

  test('knows who has the right password, the first colon being the end of the name', async () => {
    const { ask } = await open(`alice:${hash('b:c')}`)
    expect([await ask('alice:b:c'), await ask('alice:b:c')]).toEqual(['alice', 'alice'])
    expect([await ask('alice:b'), await ask('Alice:b:c'), await ask('bob:b:c')]).toEqual([
      'refused',
      'refused',
      'refused',
    ])
  })

  test('takes no password over plain http, unless client and daemon are on one machine', async () => {
    const { ask, scheme } = await open(`alice:${hash('p')}`)
    const from = { remoteAddress: '192.0.2.1' }
    expect(await ask('alice:p', from)).toBe(403)
    expect(await ask('alice:p', {}, ['X-Forwarded-For', '192.0.2.1'])).toBe(403)
    expect(await ask('alice:p', { ...from, scheme: 'https' })).toBe('alice')
    const exchange = (connection: object) => requestFor('/', { connection }) as never
    expect(scheme.challenge(exchange({ scheme: 'https' }))).toBe('Basic realm="The \\"shop\\"", charset="UTF-8"')
    expect(scheme.challenge(exchange(from))).toBeUndefined()
  })

  test('reads its file again when it has changed, and lets nobody in when it is gone', async () => {
    const { ask, clock, entries, usersFile } = await open(`alice:${hash('p')}`)
    expect(await ask('alice:p')).toBe('alice')
    writeFileSync(usersFile, `bob:${hash('q')}\nx:plain\n`)
    clock.advance(1000)
    expect([await ask('alice:p'), await ask('bob:q')]).toEqual(['refused', 'bob'])
    writeFileSync(usersFile, '', { flag: 'w' })
    clock.advance(1000)
    expect(await ask('bob:q')).toBe('refused')
    rmSync(usersFile)
    clock.advance(1000)
    expect([await ask('bob:q'), await ask('alice:p')]).toEqual([503, 503])
    expect(entries.map(({ event }) => event)).toEqual([
      'usersFileRead',
      'usersFileRead',
      'usersFileRead',
      'usersFileFailed',
    ])
    expect(JSON.stringify(entries)).not.toContain('$2')
  })

  test('that is a pipe lets nobody in, and keeps nobody waiting', async () => {
    const { ask, clock, entries, usersFile } = await open(`alice:${hash('p')}`)
    rmSync(usersFile)
    execFileSync('mkfifo', [usersFile])
    clock.advance(1000)
    expect(await ask('alice:p')).toBe(503)
    expect(entries.at(-1)).toMatchObject({ event: 'usersFileFailed', reason: 'it is no ordinary file' })
  })

  test('takes twenty different wrong passwords of an address in a minute, and then none, right or wrong', async () => {
    const { ask, clock } = await open(`alice:${hash('p')}`)
    for (let i = 0; i < 20; i++) expect(await ask(`alice:${String(i)}`)).toBe('refused')
    for (let i = 0; i < 5; i++) expect(await ask('alice:0')).toBe('refused')
    expect([await ask('alice:20'), await ask('alice:p')]).toEqual([403, 403])
    expect(await ask('alice:p', { remoteAddress: '127.0.0.2' })).toBe('alice')
    clock.advance(60_000)
    expect(await ask('alice:p')).toBe('alice')
  })
})

describe('failed attempts', () => {
  test('are those of a whole network of IPv6', () => {
    const failed = new FailedAttempts()
    for (let i = 0; i < 20; i++) failed.add(`2001:db8::${i.toString(16)}`, String(i), 0)
    expect(failed.verdict('2001:db8:0:0:1:2:3:4', 'x', 0)).toBe('too-many')
    expect(failed.verdict('2001:db8:0:1::1', 'x', 0)).toBe('check')
  })
})

test('a real clock knows the file as it is', async () => {
  const usersFile = join(await temporaryFolder(), 'users')
  writeFileSync(usersFile, `alice:${hash('p')}`)
  const scheme = new BasicScheme({ usersFile, log: recordedLog().log, clock: systemClock, app: 'a', realm: 'x' })
  const verdict = await scheme.check(requestFor('/') as never, base64('alice:p'))
  expect(verdict).toMatchObject({ user: { name: 'alice', authenticationType: 'Basic', groups: [] } })
})
