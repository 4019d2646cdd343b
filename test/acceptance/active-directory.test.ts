import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { buildStartupHooks, dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { editWebConfig, temporaryFolder } from '../support/folders.ts'
import { hasKerberos, withKerberosPackage } from '../support/kdc.ts'
import { domainPassword, hasSamba, Samba } from '../support/samba.ts'

describe.skipIf(!hasKerberos || !hasSamba || !hasDotnet)('a domain of Active Directory', () => {
  let samba: Samba
  let folder: string
  let daemon: Daemon
  beforeAll(async () => {
    await buildStartupHooks()
    samba = await Samba.start({
      users: ['alice', 'bob'],
      groups: {
        Clerks: ['alice'],
        Office: ['Clerks'],
        Auditors: ['Office', 'Round'],
        Round: ['Auditors'],
        Newsletter: ['bob'],
        Readers: ['Newsletter'],
        Staff: ['Domain Users'],
      },
      lists: ['Newsletter'],
    })
    const password = join(await temporaryFolder(), 'password')
    await writeFile(password, domainPassword, { mode: 0o600 })
    folder = await dotnetApp('auth')
    const section =
      `<windowsAuthentication enabled="true" keytab="${samba.keytab}" netbiosName="TEST" groups="ldap" ` +
      `ldapServer="ldaps://${samba.address}" ldapCa="${samba.certificate.cert}" ldapBase="dc=test,dc=local" ` +
      `ldapUser="reader@test.local" ldapPasswordFile="${password}" />`
    await editWebConfig(folder, {
      environment: { AuthAppRole: 'TEST\\Auditors' },
      webServer: `<security><authentication>${section}</authentication></security>`,
    })
    daemon = await startDaemon(folder, { environment: { ...withKerberosPackage, ...samba.daemonEnvironment } })
  }, 120_000)
  const ask = async (user: string, target: string) => {
    const [Authorization = ''] = await samba.tickets(user)
    return daemon.send(target, { headers: { Authorization } })
  }
  const groupsOf = async (user: string) => {
    const { roles } = JSON.parse((await ask(user, '/whoami')).text) as { roles: string }
    return roles.split(',').filter((role) => !role.startsWith('TEST\\'))
  }

  test('authentication-groups: a ticket of the domain controller is good, and nested groups and the primary one are roles', async () => {
    expect((await ask('alice', '/audit')).status).toBe(200)
    expect((await ask('bob', '/audit')).status).toBe(403)
    expect((await ask('alice', '/secret')).text).toBe('secret of TEST\\alice')
    const all = ['Auditors', 'Clerks', 'Domain Users', 'Office', 'Round', 'Staff', 'Users']
    expect((await groupsOf('alice')).toSorted()).toEqual(all)
  })

  test('authentication-groups: a distribution list is no role of its members, nor is what it is in', async () => {
    expect((await groupsOf('bob')).toSorted()).toEqual(['Domain Users', 'Staff', 'Users'])
  })

  test('authentication-groups: a refused password is 503 with the reason of the domain, and a corrected one is used without a reload', async () => {
    const text = await readFile(join(folder, 'web.config'), 'utf8')
    const password = join(await temporaryFolder(), 'password')
    await writeFile(password, 'wrong', { mode: 0o600 })
    await writeFile(
      join(folder, 'web.config'),
      text.replace(/ldapPasswordFile="[^"]*"/, `ldapPasswordFile="${password}"`),
    )
    await daemon.event('applicationRecycled')
    expect((await ask('alice', '/secret')).status).toBe(503)
    expect((await daemon.event('requestRefused', ({ status }) => status === 503))['why']).toMatch(
      /the directory refuses ldapUser or its password: .*data 52e/,
    )
    await writeFile(password, domainPassword)
    expect((await ask('alice', '/secret')).status).toBe(200)
  })
})
