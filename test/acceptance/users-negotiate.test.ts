import { beforeAll, describe, expect, test } from 'vitest'
import { startDaemon } from '../support/daemon.ts'
import { buildStartupHooks, dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { editWebConfig } from '../support/folders.ts'
import { hasKerberos, Kdc } from '../support/kdc.ts'
import { kerberosSite } from '../support/kerberos-site.ts'

describe.skipIf(!hasKerberos || !hasDotnet)('a user with a ticket of Kerberos', () => {
  let kdc: Kdc
  beforeAll(async () => {
    await buildStartupHooks()
    // Users whom the system knows, so that it knows their groups, too.
    kdc = await Kdc.start(['root', 'daemon'])
  })
  const { here } = kerberosSite(() => kdc)

  test.each([
    'http1',
    'h2c',
  ])('is the user of an unmodified app, with its groups as roles, with upstreamProtocol="%s"', async (upstreamProtocol) => {
    const folder = await dotnetApp('auth')
    const section = `<windowsAuthentication enabled="true" keytab="${kdc.keytab}" groups="system" netbiosName="TEST" />`
    await editWebConfig(folder, {
      attributes: { upstreamProtocol },
      environment: { AuthAppRole: 'Root' },
      webServer: `<security><authentication>${section}</authentication></security>`,
    })
    const daemon = await startDaemon(folder, { environment: kdc.daemonEnvironment })
    expect(await daemon.text('/')).toBe('hello nobody')
    const refused = await daemon.send('/secret')
    expect([refused.status, refused.field('WWW-Authenticate')]).toEqual([401, ['Negotiate']])
    expect(await kdc.curl('root', here(daemon, '/secret'))).toBe('secret of TEST\\root')
    const seen = JSON.parse(await kdc.curl('root', here(daemon, '/whoami'))) as { roles: string }
    expect(seen).toMatchObject({ name: 'TEST\\root', isAuthenticated: true, type: 'Windows', method: 'Negotiate' })
    expect(seen.roles.split(',')).toContain('root')
    const status = ['-o', '/dev/null', '-w', '%{http_code}']
    expect(await kdc.curl('root', [...status, ...here(daemon, '/audit')])).toBe('200')
    expect(await kdc.curl('daemon', [...status, ...here(daemon, '/audit')])).toBe('403')
    expect(await kdc.curl('daemon', here(daemon, '/secret'))).toBe('secret of TEST\\daemon')
    expect(await daemon.text('/variable?name=ASPNETCORE_IIS_HTTPAUTH')).toBe('windows;anonymous;')
    expect(await daemon.text('/integrated')).toBe('Windows')
  })
})
