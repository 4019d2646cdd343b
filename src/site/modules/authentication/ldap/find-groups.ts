import { type LdapEntry, LdapFailure, type LdapFilter, type LdapSearch } from './ldap-query.ts'
import { withRid } from './sid.ts'

/** What groups are searched in. */
export interface GroupSource {
  readonly search: LdapSearch
  /** The distinguished name below which users and groups are. */
  readonly base: string
  /** Whether the directory is one of Active Directory, which knows nested groups by itself. */
  readonly isActiveDirectory: boolean
}

/** The rule of Active Directory by which a group's members are also those of the groups in it. */
const nestedMember = '1.2.840.113556.1.4.1941'
/** The bit of groupType that makes a group one for access; groups without it are mailing lists. */
const securityEnabled = 0x8000_0000
/** The rule of Active Directory that compares bits. */
const allBitsOf = '1.2.840.113556.1.4.803'

const maxGroups = 5000
const maxDepth = 50
/** So many names are in one filter at most. */
const namesTogether = 50

const securityGroup: LdapFilter = {
  and: [
    { attribute: 'objectClass', is: 'group' },
    { attribute: 'groupType', rule: allBitsOf, is: String(securityEnabled) },
  ],
}

/**
 * The names of all groups that a user is in, directly or through other groups. Undefined: the directory does not know the
 * user. Rejects with an LdapFailure rather than leaving a group out.
 *
 * @param account the user's name without the realm
 * @param realm that of the directory
 */
export async function findGroups(
  account: string,
  realm: string,
  source: GroupSource,
): Promise<readonly string[] | undefined> {
  const user = await findUser(account, realm, source)
  if (user === undefined) return undefined
  const groups = await (source.isActiveDirectory ? groupsByRule(user, source) : groupsByWalk(user, account, source))
  return [...new Set(groups.flatMap(namesOf))]
}

/** Rejects if there are several: one of them may be somebody else. */
async function findUser(account: string, realm: string, source: GroupSource): Promise<LdapEntry | undefined> {
  const principal = `${account}@${realm}`
  const names = source.isActiveDirectory
    ? { sAMAccountName: [account], userPrincipalName: [principal, account] }
    : { uid: [account], sAMAccountName: [account], krbPrincipalName: [principal] }
  const wanted = Object.entries(names).flatMap(([attribute, all]) => all.map((is) => ({ attribute, is })))
  const filter = source.isActiveDirectory
    ? { and: [{ attribute: 'objectClass', is: 'user' }, { or: wanted }] }
    : { or: wanted }
  const attributes = [...Object.keys(names), 'gidNumber', 'primaryGroupID', 'objectSid']
  const found = await source.search({ base: source.base, scope: 'sub', filter, attributes })
  // A directory may take `rene` for `rené`, which are two users. `Alice` and `alice` are one in Active Directory alone.
  const folded = (text: string): string => (source.isActiveDirectory ? text.toLowerCase() : text)
  const named = found.filter((entry) => {
    return wanted.some(({ attribute, is }) => entry.texts(attribute).some((text) => folded(text) === folded(is)))
  })
  const [user, another] = named
  if (another !== undefined) {
    throw new LdapFailure(`below ${source.base} there are several entries for this user; a longer ldapBase parts them`)
  }
  return user
}

/** One search for all nested groups, and the primary group, which has no members of its own. */
async function groupsByRule(user: LdapEntry, source: GroupSource): Promise<readonly LdapEntry[]> {
  const primarySid = primaryGroupSid(user)
  const primary = await search(source, { attribute: 'objectSid', is: primarySid })
  const nested = [user, ...primary].map(({ dn }) => ({ attribute: 'member', rule: nestedMember, is: dn }))
  const groups = await search(source, { and: [{ attribute: 'objectClass', is: 'group' }, { or: nested }] })
  if (groups.every(isSecurityGroup)) return [...primary, ...groups]
  // Windows follows no mailing lists, which people may put themselves on. The rule does, so here it is done by steps.
  const securityGroupsOf = (members: readonly LdapEntry[]): LdapFilter => {
    return { and: [securityGroup, { or: members.map(({ dn }) => ({ attribute: 'member', is: dn })) }] }
  }
  return [...primary, ...(await walk(securityGroupsOf([user, ...primary]), source, securityGroupsOf))]
}

function groupsByWalk(user: LdapEntry, account: string, source: GroupSource): Promise<readonly LdapEntry[]> {
  const names = user.texts('uid')
  const ofPosix = [
    ...(names.includes(account) ? [account] : names).map((is) => ({ attribute: 'memberUid', is })),
    ...user.texts('gidNumber').map((is) => ({ attribute: 'gidNumber', is })),
  ]
  const posix = { and: [{ attribute: 'objectClass', is: 'posixGroup' }, { or: ofPosix }] }
  const first = ofPosix.length === 0 ? groupsOf([user]) : { or: [groupsOf([user]), posix] }
  return walk(first, source, groupsOf)
}

function groupsOf(members: readonly LdapEntry[]): LdapFilter {
  return { or: members.flatMap(({ dn: is }) => ['member', 'uniqueMember'].map((attribute) => ({ attribute, is }))) }
}

/** Goes from groups to the groups that they are in, each of them once. */
async function walk(
  first: LdapFilter,
  source: GroupSource,
  above: (groups: readonly LdapEntry[]) => LdapFilter,
): Promise<readonly LdapEntry[]> {
  const known = new Map<string, LdapEntry>()
  let level = await search(source, first)
  for (let depth = 0; ; depth++) {
    const fresh = new Map(level.map((group) => [group.dn.toLowerCase(), group]))
    for (const [dn, group] of fresh) {
      if (known.has(dn)) fresh.delete(dn)
      else known.set(dn, group)
    }
    if (fresh.size === 0) return [...known.values()]
    if (depth >= maxDepth || known.size > maxGroups) throw tooMany()
    level = []
    const groups = [...fresh.values()]
    for (let at = 0; at < groups.length; at += namesTogether) {
      level = [...level, ...(await search(source, above(groups.slice(at, at + namesTogether))))]
    }
  }
}

async function search(source: GroupSource, filter: LdapFilter): Promise<readonly LdapEntry[]> {
  const attributes = ['cn', 'sAMAccountName', 'groupType']
  const groups = await source.search({ base: source.base, scope: 'sub', filter, attributes })
  if (groups.length > maxGroups) throw tooMany()
  return groups
}

function tooMany(): LdapFailure {
  return new LdapFailure(`the user is in more than ${String(maxGroups)} groups, or they are nested too deeply`)
}

function isSecurityGroup(group: LdapEntry): boolean {
  const [type] = group.texts('groupType')
  if (type === undefined) throw new LdapFailure(`groupType of ${group.dn} cannot be read by ldapUser`)
  return (Number(type) & securityEnabled) !== 0
}

function primaryGroupSid(user: LdapEntry): Buffer {
  const [rid = ''] = user.texts('primaryGroupID')
  const sid = user.bytes('objectSid')
  if (sid === undefined || sid.length < 12 || !/^\d+$/.test(rid)) {
    throw new LdapFailure(`objectSid and primaryGroupID of ${user.dn} cannot be read by ldapUser`)
  }
  return withRid(sid, Number(rid))
}

/** As Windows calls a group, by a name that is given once in a domain; elsewhere by its common name. */
function namesOf(group: LdapEntry): readonly string[] {
  const accounts = group.texts('sAMAccountName')
  if (accounts.length > 0) return accounts
  const names = group.texts('cn')
  if (names.length === 0) throw new LdapFailure(`the name of ${group.dn} cannot be read by ldapUser`)
  return names.length === 1 ? names : [ownName(group.dn)]
}

/** The value by which a distinguished name begins (RFC 4514). */
function ownName(dn: string): string {
  const written = /^[^=]*=((?:\\.|[^\\,+])*)/.exec(dn)?.[1] ?? ''
  return written
    .replaceAll(/(?:\\[0-9a-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll('\\', ''), 'hex').toString())
    .replaceAll(/\\(.)/g, '$1')
}
