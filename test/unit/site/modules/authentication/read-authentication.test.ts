import { describe, expect, test } from 'vitest'
import type { ExaminedSite } from '../../../../../src/config/sections/section-reader.ts'
import { problemLine, Problems } from '../../../../../src/config/problems.ts'
import { authentication } from '../../../../../src/site/modules/authentication/authentication.ts'
import {
  type AuthenticationSettings,
  authenticationPath,
  enabledSchemes,
} from '../../../../../src/site/modules/authentication/schemes/authentication-settings.ts'
import { readSection } from '../section.ts'

const read = (...files: readonly string[]) =>
  readSection(authentication, ...files.map((inner) => `<authentication>${inner}</authentication>`))

describe('the section authentication', () => {
  test('is off where everybody is anonymous, as IIS writes it out', () => {
    const iis =
      '<anonymousAuthentication enabled="true" userName="IUSR" /><basicAuthentication enabled="false" />' +
      '<digestAuthentication /><windowsAuthentication enabled="false" authPersistNonNTLM="true">' +
      '<providers><add value="Negotiate" /><add value="NTLM" /></providers></windowsAuthentication>' +
      '<clientCertificateMappingAuthentication enabled="false" /><iisClientCertificateMappingAuthentication />'
    expect(read(iis)).toEqual({ settings: undefined, lines: [] })
  })

  test('says which schemes are enabled, and anonymous alone without it', () => {
    const schemesOf = (settings: unknown) => enabledSchemes({ sections: { [authenticationPath]: settings } })
    const { settings } = read('<anonymousAuthentication enabled="false" /><windowsAuthentication enabled="true" />')
    expect(schemesOf(settings)).toEqual({ anonymous: false, windows: true, basic: false })
    const basic = read('<basicAuthentication enabled="True" usersFile="users" />').settings
    expect(schemesOf(basic)).toEqual({ anonymous: true, windows: false, basic: true })
    expect(enabledSchemes({ sections: {} })).toEqual({ anonymous: true, windows: false, basic: false })
  })

  test('of an inner file replaces single attributes of an outer one', () => {
    const { settings, lines } = read(
      '<windowsAuthentication enabled="true" keytab="/etc/http.keytab" groups="system" authPersistNonNTLM="true" />',
      '<windowsAuthentication groups="none" service="HTTP@www.example.org" netbiosName="EXAMPLE" />',
    )
    expect(lines).toEqual([])
    expect(settings?.windows).toMatchObject({
      keytab: '/etc/http.keytab',
      groups: 'none',
      service: 'HTTP@www.example.org',
      netbiosName: 'EXAMPLE',
      persistsPerConnection: true,
      providers: ['Negotiate'],
    })
  })

  test('finds its files from the folder of the file that names them', () => {
    const { settings } = read('<basicAuthentication enabled="true" usersFile=".\\keys\\users" />')
    expect(settings?.basic?.usersFile).toBe(`${process.cwd()}/keys/users`)
  })

  test('that lets nobody in gets a warning', () => {
    expect(read('<anonymousAuthentication enabled="false" />').lines).toEqual([
      '0.config:1:51: warning: Anonymous users are kept out and no others can prove who they are: every request gets ' +
        '401.2. Enable <windowsAuthentication> or <basicAuthentication>.',
    ])
  })

  test('says that NTLM is not offered beside Negotiate, and that certificates are mapped to no users', () => {
    const windows =
      '<windowsAuthentication enabled="true"><providers><add value="NTLM" /><add value="Negotiate" /></providers></windowsAuthentication>'
    const lines = read(`${windows}<iisClientCertificateMappingAuthentication enabled="true" />`).lines
    expect(lines).toHaveLength(2)
    expect(lines[0]).toContain('notice: NTLM is not offered')
    expect(lines[1]).toContain('warning: <iisClientCertificateMappingAuthentication> is not honoured')
  })

  test('tells in the plan who is let in', () => {
    const { settings } = read(
      '<anonymousAuthentication enabled="false" /><basicAuthentication enabled="true" usersFile="/etc/users" realm="Shop" />' +
        '<windowsAuthentication enabled="true" netbiosName="TEST" groups="system" />',
    )
    expect(authentication.section?.describe(settings as AuthenticationSettings)).toEqual([
      ['anonymous users', 'get 401.2'],
      [
        'Windows authentication',
        'Kerberos, keytab of the system, any HTTP service, groups of system, users are TEST\\user',
      ],
      ['Basic authentication', '/etc/users, realm "Shop"'],
    ])
  })
})

describe('an examination', () => {
  const local = { protocol: 'http', address: '127.0.0.1', port: 80, hostName: '' } as const
  const open = { ...local, address: undefined }
  const https = { ...open, protocol: 'https' } as const
  const examine = async (inner: string, about: Partial<ExaminedSite> = {}) => {
    const problems = new Problems()
    const { settings } = read(inner)
    const site = { bindings: [local] }
    const all: ExaminedSite = { site, mayComeByHttps: false, environment: {}, problems, ...about }
    await authentication.section?.examine?.(settings as AuthenticationSettings, all)
    return problems.list.map(problemLine)
  }
  const basic = `<basicAuthentication enabled="true" usersFile="${process.cwd()}/package.json" />`

  test('refuses Digest, NTLM alone and required channel bindings, and says why', async () => {
    const [digest] = await examine('<digestAuthentication enabled="true" />')
    expect(digest).toMatch(/^0\.config:1:48: error: Digest authentication is not offered: it needs every password/)
    const windows = (attributes: string, inner: string) =>
      examine(`<windowsAuthentication enabled="true" ${attributes}>${inner}</windowsAuthentication>`)
    expect((await windows('', '<providers><add value="NTLM" /></providers>')).join()).toContain(
      'error: NTLM alone cannot be offered',
    )
    expect((await windows('', '<extendedProtection tokenChecking="Require" />')).join()).toContain(
      'error: tokenChecking="Require" cannot be kept',
    )
  })

  test('refuses Basic without a file of users, and with one that cannot be read', async () => {
    expect((await examine('<basicAuthentication enabled="true" />')).join()).toContain('has no usersFile')
    expect(await examine('<basicAuthentication enabled="true" usersFile="/no/such/file" />')).toEqual([
      '0.config:1:47: error: usersFile: /no/such/file cannot be read (ENOENT). Make it, or correct usersFile.',
    ])
  })

  test('refuses Basic where all bindings are plain http that others can read', async () => {
    expect(await examine(basic)).toEqual([])
    const refused = await examine(basic, { site: { bindings: [open] } })
    expect(refused.join()).toMatch(/error: Passwords are not taken over plain http, and the binding for port 80/)
    expect(await examine(basic, { site: { bindings: [open] }, mayComeByHttps: true })).toEqual([])
    const [unknown, ...others] = await examine(basic, { site: { bindings: [open] }, mayComeByHttps: 'unknown' })
    expect([unknown, others]).toEqual([expect.stringContaining('notice: Basic sends passwords readable over http'), []])
    expect((await examine(basic, { site: { bindings: [open, https] } })).join()).toContain('warning: Passwords')
    const hsts = { redirectHttpToHttps: true } as never
    expect(await examine(basic, { site: { bindings: [open, https], hsts } })).toEqual([])
  })
})
