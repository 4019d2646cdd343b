import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { nativeVariable } from '../../../../../src/platform/native/native-environment.ts'
import { failed, ok, type Result } from '../../../../../src/platform/result.ts'
import { loadOptionalPackage } from '../../../../../src/platform/native/optional-package.ts'
import { KnownGroups, systemGroups } from '../../../../../src/site/modules/authentication/groups/known-groups.ts'
import { readKeytab } from '../../../../../src/site/modules/authentication/negotiate/keytab.ts'
import { keytabTurns } from '../../../../../src/site/modules/authentication/negotiate/keytab-turns.ts'
import { negotiateUser, userName } from '../../../../../src/site/modules/authentication/negotiate/negotiate-user.ts'
import { NegotiateScheme } from '../../../../../src/site/modules/authentication/negotiate/negotiate-scheme.ts'
import { HandClock } from '../../../../support/hand-clock.ts'
import { ntlmTokens } from '../../../../support/kdc.ts'
import { requestFor } from '../section.ts'

/** An entry as ktutil writes it, with a key that is none. */
function entry(realm: string, ...parts: readonly string[]): Buffer {
  const counted = (text: string): Buffer => {
    const bytes = Buffer.from(text)
    return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes])
  }
  const content = Buffer.concat([
    Buffer.from([0, parts.length]),
    counted(realm),
    ...parts.map(counted),
    Buffer.alloc(21),
  ])
  const size = Buffer.alloc(4)
  size.writeInt32BE(content.length)
  return Buffer.concat([size, content])
}

describe('a keytab', () => {
  const head = Buffer.from([5, 2])
  const hole = Buffer.concat([Buffer.from([255, 255, 255, 250]), Buffer.alloc(6)])

  test('tells the names of its keys, and leaves out what was removed', () => {
    const bytes = Buffer.concat([head, entry('TEST', 'HTTP', 'www'), hole, entry('TEST', 'host')])
    expect(readKeytab(bytes)).toEqual([
      { name: 'HTTP/www', realm: 'TEST' },
      { name: 'host', realm: 'TEST' },
    ])
  })

  test('that is cut ends with its last whole entry, and another file is none', () => {
    const whole = Buffer.concat([head, entry('TEST', 'HTTP', 'www'), entry('TEST', 'host')])
    for (let length = 2; length < whole.length; length++) {
      expect(readKeytab(whole.subarray(0, length))?.length).toBeLessThan(2)
    }
    expect(readKeytab(Buffer.from('{}'))).toBeUndefined()
    expect(readKeytab(readFileSync(process.execPath).subarray(0, 100))).toBeUndefined()
  })
})

describe('the turns of keytabs', () => {
  test('let those with the same keytab in together, and others when they have left, in their order', async () => {
    const before = nativeVariable('KRB5_KTNAME')
    const seen: string[] = []
    const leave: (() => void)[] = []
    const enter = (keytab: string | undefined, name: string) =>
      keytabTurns.take(keytab, () => {
        seen.push(`${name} ${nativeVariable('KRB5_KTNAME') ?? 'none'}`)
        return new Promise<void>((resolve) => leave.push(resolve))
      })
    const first = [enter('/a', '1'), enter('/a', '2')]
    const second = enter('/b', '3')
    const third = enter('/a', '4')
    expect(seen).toEqual(['1 /a', '2 /a'])
    for (const end of leave.splice(0)) end()
    await Promise.all(first)
    expect(seen.slice(2)).toEqual(['3 /b'])
    leave.splice(0)[0]?.()
    await second
    expect(seen.slice(3)).toEqual(['4 /a'])
    leave.splice(0)[0]?.()
    await third
    await keytabTurns.take(undefined, () => Promise.resolve())
    expect(nativeVariable('KRB5_KTNAME')).toBe(before)
    await expect(keytabTurns.take('/c', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    await keytabTurns.take(undefined, () => Promise.resolve())
  })
})

describe('groups of the system', () => {
  const groups = (known: Readonly<Record<string, readonly string[]>>) => {
    const asked: string[] = []
    const clock = new HandClock()
    const lookUp = (account: string): Promise<Result<readonly string[], string>> => {
      asked.push(account)
      const found = known[account]
      return Promise.resolve(found === undefined ? failed('no such user') : ok(found))
    }
    return { asked, clock, of: new KnownGroups(clock, systemGroups(lookUp)) }
  }

  test('are looked up by the whole name first, and without it for users of the realm alone', async () => {
    const { of, asked } = groups({ alice: ['staff'], 'bob@OTHER': ['guests'] })
    expect(await of.of('alice@TEST', 'TEST')).toEqual(ok(['staff']))
    expect(await of.of('bob@OTHER', 'TEST')).toEqual(ok(['guests']))
    expect(await of.of('alice@OTHER', 'TEST')).toEqual(failed('no such user'))
    expect(asked).toEqual(['alice@TEST', 'alice', 'bob@OTHER', 'alice@OTHER'])
  })

  test('are known for five minutes, and a failure is not', async () => {
    const { of, asked, clock } = groups({ 'alice@TEST': ['staff'] })
    await of.of('alice@TEST', 'TEST')
    clock.advance(299_999)
    await of.of('alice@TEST', 'TEST')
    expect(asked).toHaveLength(1)
    clock.advance(1)
    await of.of('alice@TEST', 'TEST')
    expect(asked).toHaveLength(2)
    const found = await of.of('alice@TEST', 'TEST')
    if (!found.ok) throw new Error(found.failure)
    clock.advance(299_999)
    expect(of.hold(found.value)).toBe(true)
    clock.advance(1)
    expect(of.hold(found.value)).toBe(false)
    for (let i = 0; i < 2; i++) await of.of('eve@OTHER', 'TEST')
    expect(asked).toHaveLength(4)
  })
})

describe('a user with a ticket', () => {
  test('has the NETBIOS name of the own realm alone, and roles in any letter case', () => {
    expect(userName('alice@TEST', 'TEST', 'CORP')).toBe('CORP\\alice')
    expect(userName('alice@OTHER', 'TEST', 'CORP')).toBe('alice@OTHER')
    expect(userName('alice@TEST', 'TEST', undefined)).toBe('alice@TEST')
    const user = negotiateUser('alice', ['Domain Users'])
    expect([user.isInRole('domain users'), user.isInRole('admins')]).toEqual([true, false])
  })

  test('is none with NTLM, without a token, and with something else', async () => {
    const settings = { at: { file: '', line: 0, column: 0 }, providers: [], groups: 'none' } as const
    const scheme = new NegotiateScheme(
      { ...settings, persistsPerConnection: true, requiresChannelBinding: false },
      undefined,
    )
    const exchange = requestFor('/')
    if (exchange === undefined) throw new Error('no exchange')
    const { raw, wrapped } = ntlmTokens()
    for (const token of [raw, wrapped]) {
      const verdict = await scheme.check(exchange, token.replace('Negotiate ', ''), 'negotiate')
      expect(verdict).toMatchObject({ refused: expect.stringContaining('sent NTLM') as string })
    }
    expect(await scheme.check(exchange, 'AAAA', 'ntlm')).toMatchObject({ refused: expect.anything() as string })
    expect(await scheme.check(exchange, '', 'negotiate')).toEqual({ refused: 'there is no token behind Negotiate' })
    expect(await scheme.check(exchange, 'a b', 'negotiate')).toEqual({ refused: 'the token is not in Base64' })
    expect(scheme.remembered(exchange)).toBeUndefined()
  })
})

test('a package that is not installed is said to be so', async () => {
  expect(await loadOptionalPackage('no-such-package-of-ours')).toEqual(failed('it is not installed'))
})
