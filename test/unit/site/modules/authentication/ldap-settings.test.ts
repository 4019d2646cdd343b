import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ExaminedSite } from '../../../../../src/config/sections/section-reader.ts'
import { problemLine, Problems } from '../../../../../src/config/problems.ts'
import { authentication } from '../../../../../src/site/modules/authentication/authentication.ts'
import {
  isPlain,
  readLdapServers,
  serverText,
} from '../../../../../src/site/modules/authentication/ldap/ldap-server.ts'
import type { AuthenticationSettings } from '../../../../../src/site/modules/authentication/schemes/authentication-settings.ts'
import { testCertificate } from '../../../../support/certificate.ts'
import { temporaryFolder } from '../../../../support/folders.ts'
import { readSection } from '../section.ts'

test('servers of a directory have the ports of their protocols, and are plain on this machine alone', () => {
  const servers = readLdapServers('ldaps://DC1.example.org ldap://[::1]:1389/  ldap://127.0.0.1 ldap://10.0.0.1') ?? []
  expect(servers.map(serverText)).toEqual([
    'ldaps://dc1.example.org:636',
    'ldap://[::1]:1389',
    'ldap://127.0.0.1:389',
    'ldap://10.0.0.1:389',
  ])
  expect(servers.map(isPlain)).toEqual([false, true, true, false])
  expect(readLdapServers('ldap://127.0.0.1.example.org ldap://localhost')?.map(isPlain)).toEqual([false, true])
  for (const bad of [
    'dc1',
    'http://dc1',
    'ldap://dc1:0',
    'ldap://dc1:65536',
    'ldap://[::g]',
    'ldap://[::1',
    'ldap://',
  ]) {
    expect(readLdapServers(bad)).toBeUndefined()
  }
})

describe('an examination of groups="ldap"', () => {
  const examine = async (attributes: string) => {
    const problems = new Problems()
    const section = `<authentication><windowsAuthentication enabled="true" ${attributes} /></authentication>`
    const { settings, lines } = readSection(authentication, section)
    const all: ExaminedSite = { site: { bindings: [] }, mayComeByHttps: false, environment: {}, problems }
    await authentication.section?.examine?.(settings as AuthenticationSettings, all)
    return [...lines, ...problems.list.map(problemLine)].filter((line) => /ldap/i.test(line))
  }
  const whole = 'groups="ldap" ldapServer="ldaps://dc1" ldapBase="dc=test"'

  test('finds what is missing, and what has no effect', async () => {
    expect(await examine('groups="ldap"')).toEqual([
      '0.config:1:49: error: groups="ldap" has no ldapServer. Add ldapServer="ldaps://dc1.example.org".',
      '0.config:1:49: error: groups="ldap" has no ldapBase. Add ldapBase="dc=example,dc=org".',
    ])
    expect(await examine(whole)).toEqual([])
    expect((await examine(`${whole} ldapUser="a"`)).join()).toContain('error: ldapUser="a" has no ldapPasswordFile.')
    expect((await examine('groups="system" ldapBase="dc=test"')).join()).toContain(
      'warning: The attributes of LDAP have no effect with groups="system"',
    )
    expect((await examine('groups="ldap" ldapServer="dc1" ldapBase="dc=test"')).join()).toContain('error')
    expect((await examine('groups="ldap" ldapServer="ldaps://dc1:99999" ldapBase="dc=test"')).join()).toContain('error')
  })

  test('looks at the files, and does not say what is in them', async () => {
    const folder = await temporaryFolder()
    const password = join(folder, 'password')
    await writeFile(password, 'hidden\n', { mode: 0o600 })
    const withUser = `${whole} ldapUser="a" ldapPasswordFile="${password}"`
    expect(await examine(withUser)).toEqual([])
    expect((await examine(`${whole} ldapPasswordFile="${password}"`)).join()).toContain('is written without ldapUser')
    await chmod(password, 0o604)
    expect((await examine(withUser)).join()).toMatch(
      /error: Everybody on this machine may use ldapPasswordFile .*chmod o-rwx/,
    )
    await chmod(password, 0o600)
    await writeFile(password, '\nhidden\n')
    expect((await examine(withUser)).join()).toMatch(/error: The first line of ldapPasswordFile .* is empty\./)
    expect((await examine(withUser.replace(password, '/no/file'))).join()).toContain('cannot be read (ENOENT). Make it')
    expect((await examine(`${whole} ldapCa="${password}"`)).join()).toContain('is no certificate in PEM. Name a PEM')
    expect((await examine(`${whole} ldapCa="/no/file"`)).join()).toContain('ldapCa: /no/file cannot be read (ENOENT)')
    const ca = join(folder, 'ca.pem')
    await writeFile(ca, testCertificate.cert)
    expect(await examine(`${whole} ldapCa="${ca}"`)).toEqual([])
    const plain = `groups="ldap" ldapServer="ldap://127.0.0.1" ldapBase="dc=test" ldapCa="${ca}"`
    expect((await examine(plain)).join()).toContain('warning: ldapCa has no effect')
  })
})
