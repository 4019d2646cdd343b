import { describe, expect, test } from 'vitest'
import { userGroups } from '../../../../../src/site/modules/authentication/groups/user-groups.ts'
import { findGroups } from '../../../../../src/site/modules/authentication/ldap/find-groups.ts'
import type {
  LdapEntry,
  LdapFilter,
  LdapQuery,
} from '../../../../../src/site/modules/authentication/ldap/ldap-query.ts'
import { withRid } from '../../../../../src/site/modules/authentication/ldap/sid.ts'
import { HandClock } from '../../../../support/hand-clock.ts'
import type { LogEntry } from '../../../../../src/log/entry.ts'

/** The attributes of an entry; `dn` names it. */
type Written = Readonly<Record<string, string | readonly string[]>> & { readonly dn: string }

const domain = Buffer.from('010500000000000515000000aaaaaaaabbbbbbbbcccccccc00000000', 'hex')
const sid = (rid: number): string => withRid(domain, rid).toString('latin1')
const security = '-2147483646'
const mailingList = '2'

/** Answers as a directory does whose rules are these few. */
function directory(entries: readonly Written[], isActiveDirectory = false) {
  const queries: LdapQuery[] = []
  const valuesOf = (entry: Written, attribute: string): readonly string[] => [entry[attribute] ?? []].flat()
  const isNested = (entry: Written, dn: string, seen = new Set<string>()): boolean => {
    if (seen.has(entry.dn)) return false
    seen.add(entry.dn)
    const members = valuesOf(entry, 'member')
    return members.includes(dn) || entries.some((one) => members.includes(one.dn) && isNested(one, dn, seen))
  }
  const fits = (entry: Written, filter: LdapFilter): boolean => {
    if ('and' in filter) return filter.and.every((one) => fits(entry, one))
    if ('or' in filter) return filter.or.some((one) => fits(entry, one))
    if ('present' in filter) return valuesOf(entry, filter.present).length > 0
    if ('rule' in filter) {
      if (filter.attribute === 'member') return isNested(entry, filter.is)
      return valuesOf(entry, filter.attribute).some((value) => (Number(value) & Number(filter.is)) !== 0)
    }
    const wanted = typeof filter.is === 'string' ? filter.is : filter.is.toString('latin1')
    return valuesOf(entry, filter.attribute).some((value) => folded(value) === folded(wanted))
  }
  const search = (query: LdapQuery): Promise<readonly LdapEntry[]> => {
    queries.push(query)
    const found = entries.filter((entry) => fits(entry, query.filter))
    return Promise.resolve(
      found.map((entry) => ({
        dn: entry.dn,
        texts: (attribute) => valuesOf(entry, attribute),
        bytes: (attribute) => {
          const [value] = valuesOf(entry, attribute)
          return value === undefined ? undefined : Buffer.from(value, 'latin1')
        },
      })),
    )
  }
  const groupsOf = (account: string) => findGroups(account, 'TEST', { search, base: 'dc=test', isActiveDirectory })
  return { queries, groupsOf }
}

/** As directories compare: without regard to letter case and, some of them, to accents. */
function folded(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()
}

const group = (name: string, member: readonly string[], more: Readonly<Record<string, string>> = {}): Written => {
  return { dn: `cn=${name}`, cn: name, objectClass: 'group', member, ...more }
}
const user = (name: string, more: Readonly<Record<string, string>> = {}): Written => {
  return { dn: `uid=${name}`, uid: name, objectClass: 'user', ...more }
}

describe('groups of a directory without rules for nested ones', () => {
  test('are walked upwards, each of them once', async () => {
    const { groupsOf, queries } = directory([
      user('alice'),
      group('one', ['uid=alice', 'cn=three']),
      group('two', ['cn=one', 'uid=alice']),
      group('three', ['cn=two']),
      group('other', ['uid=bob']),
    ])
    expect(await groupsOf('alice')).toEqual(['one', 'two', 'three'])
    expect(queries.length).toBeLessThan(6)
  })

  test('are those of POSIX, too', async () => {
    const posix = { objectClass: 'posixGroup' }
    const { groupsOf } = directory([
      user('alice', { gidNumber: '100' }),
      { dn: 'cn=users', cn: 'users', gidNumber: '100', ...posix },
      { dn: 'cn=staff', cn: 'staff', memberUid: ['bob', 'alice'], ...posix },
      { dn: 'cn=none', cn: 'none', memberUid: 'bob', gidNumber: '1', ...posix },
    ])
    expect(await groupsOf('alice')).toEqual(['users', 'staff'])
  })

  test('that are nested without an end are a failure, and not fewer groups', async () => {
    const chain = Array.from({ length: 60 }, (_, i) =>
      group(String(i), [i === 0 ? 'uid=alice' : `cn=${String(i - 1)}`]),
    )
    await expect(directory([user('alice'), ...chain]).groupsOf('alice')).rejects.toThrow(/nested too deeply/)
    const nameless = { dn: 'ou=nameless', member: 'uid=alice' }
    await expect(directory([user('alice'), nameless]).groupsOf('alice')).rejects.toThrow(/name of ou=nameless cannot/)
  })

  test('are called by the name that their own name begins with where they have several', async () => {
    const names = { cn: ['Owners', 'Écrivains, all'], objectClass: 'group', member: 'uid=alice' }
    const { groupsOf } = directory([user('alice'), { dn: 'cn=\\c3\\89crivains\\, all,dc=test', ...names }])
    expect(await groupsOf('alice')).toEqual(['Écrivains, all'])
  })
})

describe('a user of a directory', () => {
  test('is nobody who is only alike, and nobody at all where there are two', async () => {
    const entries = [user('René'), user('Alice'), group('staff', ['uid=René', 'uid=Alice'])]
    expect(await directory(entries).groupsOf('rene')).toBeUndefined()
    expect(await directory(entries).groupsOf('alice')).toBeUndefined()
    expect(await directory(entries).groupsOf('Alice')).toEqual(['staff'])
    const twice = [user('alice'), { ...user('other'), krbPrincipalName: 'alice@TEST' }]
    await expect(directory(twice).groupsOf('alice')).rejects.toThrow(/several entries for this user/)
  })

  test('is found by a filter that holds the name as one value, whatever it is', async () => {
    const { groupsOf, queries } = directory([user('alice'), group('staff', ['uid=alice'])])
    for (const name of ['*', 'alice)(uid=*', '\\2a', '']) expect(await groupsOf(name)).toBeUndefined()
    expect(queries[1]?.filter).toMatchObject({ or: [{ attribute: 'uid', is: 'alice)(uid=*' }, {}, {}] })
  })
})

describe('groups of Active Directory', () => {
  const account = (name: string, rid: number, more: Readonly<Record<string, string>> = {}): Written => {
    return { ...user(name), sAMAccountName: name, objectSid: sid(rid), primaryGroupID: '513', ...more }
  }
  const domainUsers = group('Domain Users', [], {
    sAMAccountName: 'Domain Users',
    objectSid: sid(513),
    groupType: security,
  })
  const of = (name: string, member: readonly string[], groupType = security): Written => {
    return group(name, member, { sAMAccountName: name, groupType })
  }

  test('are asked for at once, with the primary group and what that is in', async () => {
    const { groupsOf, queries } = directory(
      [
        account('alice', 1000),
        domainUsers,
        of('Users', ['cn=Domain Users']),
        of('A', ['uid=alice']),
        of('B', ['cn=A']),
      ],
      true,
    )
    expect(await groupsOf('ALICE')).toEqual(['Domain Users', 'Users', 'A', 'B'])
    expect(queries).toHaveLength(3)
  })

  test('do not reach through a mailing list, as on Windows', async () => {
    const list = of('List', ['uid=alice'], mailingList)
    const { groupsOf } = directory(
      [account('alice', 1000), domainUsers, list, of('Behind', ['cn=List']), of('A', ['uid=alice']), of('B', ['cn=A'])],
      true,
    )
    expect(await groupsOf('alice')).toEqual(['Domain Users', 'A', 'B'])
  })

  test('are a failure where somebody else calls himself so, or something cannot be read', async () => {
    const pretender = account('eve', 1001, { userPrincipalName: 'alice' })
    await expect(directory([account('alice', 1000), pretender], true).groupsOf('alice')).rejects.toThrow(/several/)
    const hidden = { ...user('alice'), sAMAccountName: 'alice' }
    await expect(directory([hidden], true).groupsOf('alice')).rejects.toThrow(/objectSid and primaryGroupID/)
    const typeless = group('A', ['uid=alice'], { sAMAccountName: 'A' })
    await expect(directory([account('alice', 1), domainUsers, typeless], true).groupsOf('alice')).rejects.toThrow(
      /groupType of cn=A/,
    )
  })
})

test('a user of another realm is nobody of the same name in the directory, which is not even asked', async () => {
  const entries: LogEntry[] = []
  const log = { isEnabled: () => true, write: (_: unknown, entry: LogEntry) => entries.push(entry) }
  const settings = {
    at: { file: '', line: 0, column: 0 },
    providers: [],
    groups: 'ldap',
    ldap: { servers: [], base: 'dc=test' },
    persistsPerConnection: false,
    requiresChannelBinding: false,
  } as const
  const facts = { log, clock: new HandClock(), id: 'app' } as unknown as Parameters<typeof userGroups>[1]
  const groups = userGroups(settings, facts)
  expect(await groups?.of('alice@OTHER', 'TEST')).toEqual({ ok: true, value: [] })
  expect(entries).toMatchObject([
    { event: 'userNotInDirectory', user: 'alice@OTHER', reason: 'the directory is that of the realm TEST' },
  ])
  expect(await groups?.of('alice@TEST', '')).toMatchObject({ ok: false })
})
