import { beforeAll, describe, expect, test } from 'vitest'
import { addressOfApp, forged, intranetApp, userField } from '../support/auth-app.ts'
import { ancmd, startDaemon } from '../support/daemon.ts'
import { buildStartupHooks, hasDotnet } from '../support/dotnet-apps.ts'
import { hasKerberos, Kdc } from '../support/kdc.ts'
import { kerberosSite } from '../support/kerberos-site.ts'
import { send } from '../support/send.ts'

describe.skipIf(!hasKerberos || !hasDotnet)('an unmodified app knows its users and their roles', () => {
  let kdc: Kdc
  beforeAll(async () => {
    await buildStartupHooks()
    // Users whom the system knows, so that it knows their groups, too.
    kdc = await Kdc.start(['root', 'daemon'])
  })
  const { here } = kerberosSite(() => kdc)

  test.each([
    ['for .NET 10, with the runtime of the machine', 'auth', 10],
    ['for .NET 10, self-contained', 'auth-self-contained', 10],
    ['for .NET 10, as a single file with the runtime of the machine', 'auth-single-file', 10],
    ['for .NET 10, as a single file with everything in it', 'auth-self-contained-single-file', 10],
    ['for .NET 8, rolled forward to the runtime of the machine', 'auth-net8', 10],
    ['for .NET 8, self-contained', 'auth-net8-self-contained', 8],
  ] as const)('auth-windows: published %s', async (_form, name, major) => {
    const folder = await intranetApp(
      kdc,
      { environment: { AuthAppRole: 'Root' } },
      { name, windows: 'groups="system"' },
    )
    const checked = await ancmd(['check', folder], { environment: kdc.daemonEnvironment })
    expect(checked).toMatchObject({ code: 0, stderr: '' })
    expect(checked.stdout).toMatch(/startup hook: \S+Ancmd\.Identity\.dll /)
    const daemon = await startDaemon(folder, { environment: kdc.daemonEnvironment })
    const statusOf = (user: string, target: string) =>
      kdc.curl(user, ['-o', '/dev/null', '-w', '%{http_code}', ...here(daemon, target)])
    expect(await daemon.text('/runtime')).toBe(String(major))
    const refused = await daemon.send('/secret')
    expect([refused.status, refused.field('WWW-Authenticate')]).toEqual([401, ['Negotiate']])
    expect(await kdc.curl('root', here(daemon, '/secret'))).toBe('secret of root@TEST.LOCAL')
    expect(await kdc.curl('daemon', here(daemon, '/secret'))).toBe('secret of daemon@TEST.LOCAL')
    expect(await statusOf('root', '/audit')).toBe('200')
    expect(await statusOf('daemon', '/audit')).toBe('403')
    const headers = { [userField]: forged }
    expect(await daemon.text('/', headers)).toBe('hello nobody')
    expect(await daemon.text('/headers', headers)).toBe('MS-ASPNETCORE-TOKEN')
    expect(await kdc.curl('daemon', ['-H', `${userField}: ${forged}`, ...here(daemon, '/secret')])).toBe(
      'secret of daemon@TEST.LOCAL',
    )
    expect((await send(await addressOfApp(daemon), '/secret', { headers })).status).toBe(400)
    expect(daemon.seen('userNotTaken')).toEqual([])
  })
})
