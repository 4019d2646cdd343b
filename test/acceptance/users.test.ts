import { readFile, writeFile } from 'node:fs/promises'
import { connect } from 'node:http2'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { authApp, basicAuthentication, by, forged, many, addressOfApp, userField } from '../support/auth-app.ts'
import { testCertificate } from '../support/certificate.ts'
import { ancmd, type Daemon, startDaemon } from '../support/daemon.ts'
import { buildStartupHooks, dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { atTheEnd } from '../support/ending.ts'
import { temporaryFolder } from '../support/folders.ts'
import { send } from '../support/send.ts'

beforeAll(async () => {
  if (hasDotnet) await buildStartupHooks()
})

describe.skipIf(!hasDotnet).each(['http1', 'h2c'] as const)(
  'an unmodified app, with upstreamProtocol="%s"',
  (upstreamProtocol) => {
    let daemon: Daemon
    beforeAll(async () => {
      daemon = await startDaemon(await authApp({ attributes: { upstreamProtocol } }))
    })

    test('lets everybody see what is for everybody, and asks for credentials where it wants a user', async () => {
      expect(await daemon.text('/')).toBe('hello nobody')
      const refused = await daemon.send('/secret')
      expect(refused.status).toBe(401)
      expect(refused.field('WWW-Authenticate')).toEqual([expect.stringMatching(/^Basic /)])
      expect(await daemon.text('/secret', by('alice'))).toBe('secret of alice')
      expect(await daemon.text('/', by('bob'))).toBe('hello bob')
    })

    test('auth-windows, auth-basic: sees the user as behind IIS, and how it has proved who it is', async () => {
      expect(JSON.parse(await daemon.text('/whoami', by('alice')))).toEqual({
        name: 'alice',
        isAuthenticated: true,
        type: 'Windows',
        method: 'Basic',
        roles: '',
        isAuditor: false,
      })
    })

    test('learns that the server in front authenticates, so that Negotiate in the app leaves users to it', async () => {
      expect(await daemon.text('/integrated')).toBe('Windows')
    })

    test('refuses a user without the role with 403, also by a policy', async () => {
      expect((await daemon.send('/audit')).status).toBe(401)
      expect((await daemon.send('/audit', { headers: by('alice') })).status).toBe(403)
      expect((await daemon.send('/named', { headers: by('alice') })).status).toBe(200)
      expect((await daemon.send('/named', { headers: by('bob') })).status).toBe(403)
    })

    test('neither sees nor believes a header in which a client names a user, and shows none of ours', async () => {
      const headers = { [userField]: forged, ms_aspnetcore_ancmd_user: forged, 'MS-ASPNETCORE-WINAUTHTOKEN': '1' }
      expect(await daemon.text('/', headers)).toBe('hello nobody')
      expect(await daemon.text('/', { ...headers, ...by('alice') })).toBe('hello alice')
      const { text, rawHeaders } = await daemon.send('/headers', { headers: { ...headers, ...by('alice') } })
      expect(text.toUpperCase()).toBe('MS-ASPNETCORE-TOKEN')
      expect(rawHeaders.join()).not.toMatch(/MS-ASPNETCORE/i)
    })

    test('never takes one of twenty users at once for another', async () => {
      const answers = await Promise.all(
        [...many, ...many, ...many].map(async (name) => `${name}: ${await daemon.text('/secret', by(name))}`),
      )
      expect(answers).toEqual([...many, ...many, ...many].map((name) => `${name}: secret of ${name}`))
    })

    test('gets bodies of its users', async () => {
      const body = Buffer.alloc(1_048_576, 'x')
      const { text } = await daemon.send('/length', { method: 'POST', body, headers: by('alice') })
      expect(text).toBe('alice: 1048576')
    })

    test('gets WebSockets of its users', async () => {
      const hello = (headers: Record<string, string>): Promise<string> =>
        new Promise((resolve, reject) => {
          const socket = new WebSocket(`${daemon.url.replace('http', 'ws')}/socket`, { headers })
          atTheEnd(() => {
            socket.terminate()
          })
          socket.on('message', (data: Buffer) => {
            resolve(data.toString())
          })
          socket.on('error', reject)
        })
      expect(await hello(by('alice'))).toBe('hello alice')
      expect(await hello({ [userField]: forged })).toBe('hello nobody')
    })

    test('gives its users its own answers: errors, and responses whose fields it has cleared', async () => {
      expect(await daemon.send('/throws', { headers: by('alice') })).toMatchObject({ status: 500, text: '' })
      expect(await daemon.text('/clears', by('alice'))).toBe('cleared')
      expect((await daemon.send('/nowhere', { headers: by('alice') })).status).toBe(404)
      expect(daemon.seen('userNotTaken')).toEqual([])
    })
  },
)

describe.skipIf(!hasDotnet)('an unmodified app', () => {
  test('answers 400 at its port to a user that comes without the token', async () => {
    const daemon = await startDaemon(await authApp())
    expect(await daemon.text('/', by('alice'))).toBe('hello alice')
    const port = await addressOfApp(daemon)
    expect((await send(port, '/secret', { headers: { [userField]: forged } })).status).toBe(400)
    expect((await send(port, '/secret', { headers: { [userField]: forged, 'MS-ASPNETCORE-TOKEN': 'x' } })).status).toBe(
      400,
    )
  })

  test('answers 400 to a user that cannot be read', async () => {
    const daemon = await startDaemon(await authApp({ environment: { ASPNETCORE_TOKEN: 'known' } }))
    expect(await daemon.text('/')).toBe('hello nobody')
    const port = await addressOfApp(daemon)
    const asked = async (value: string | string[]) =>
      (await send(port, '/', { headers: { 'MS-ASPNETCORE-TOKEN': 'known', [userField]: value } })).status
    const base64 = (text: string) => Buffer.from(text).toString('base64')
    const bad = ['', '!', base64('{'), base64('[]'), base64('null'), base64('{"name":"a"}')]
    bad.push(base64('{"name":7,"authenticationType":"Basic","groups":[]}'))
    bad.push(base64('{"name":"","authenticationType":"Basic","groups":[]}'))
    bad.push(base64('{"name":"a","authenticationType":"Basic","groups":[7]}'))
    bad.push(base64('{"name":"a","authenticationType":"Basic","groups":{}}'))
    for (const value of bad) expect(`${value} ${String(await asked(value))}`).toBe(`${value} 400`)
    expect(await asked([forged, forged])).toBe(400)
    expect(await asked(forged)).toBe(200)
  })

  test('takes roles of a user without regard to case', async () => {
    const daemon = await startDaemon(await authApp({ environment: { ASPNETCORE_TOKEN: 'known' } }))
    expect(await daemon.text('/')).toBe('hello nobody')
    const headers = { 'MS-ASPNETCORE-TOKEN': 'known', [userField]: forged }
    const port = await addressOfApp(daemon)
    expect((await send(port, '/audit', { headers })).text).toBe('audit')
    expect(JSON.parse((await send(port, '/whoami', { headers })).text)).toMatchObject({
      roles: 'Auditors',
      isAuditor: true,
    })
  })

  test('asks for the user itself where AutomaticAuthentication is off', async () => {
    const daemon = await startDaemon(await authApp({ environment: { AuthAppAutomatic: 'false' } }))
    expect(await daemon.text('/asked', by('alice'))).toBe('nobody, asked: alice')
    expect(await daemon.text('/chosen', by('alice'))).toBe('chosen alice')
    expect((await daemon.send('/chosen')).status).toBe(401)
  })

  test('shows its users the page of its own exception handler', async () => {
    const daemon = await startDaemon(await authApp({ environment: { AuthAppErrors: 'handled' } }))
    expect(await daemon.send('/throws', { headers: by('alice') })).toMatchObject({ status: 500, text: 'handled' })
  })

  test('keeps the startup hooks and hosting startups of the user, and hands ours to nobody', async () => {
    const hook = join(await dotnetApp('user-hook'), 'UserHook.dll')
    const environment = { DOTNET_STARTUP_HOOKS: hook, ASPNETCORE_HOSTINGSTARTUPASSEMBLIES: 'UserHook' }
    const daemon = await startDaemon(await authApp({ environment }))
    expect(await daemon.text('/secret', by('alice'))).toBe('secret of alice')
    expect(await daemon.text('/variable?name=USER_HOOK')).toBe('ran')
    expect(await daemon.text('/variable?name=DOTNET_STARTUP_HOOKS')).toBe(hook)
    expect(await daemon.text('/variable?name=ASPNETCORE_HOSTINGSTARTUPASSEMBLIES')).toBe('UserHook;Ancmd.Identity')
    expect(await daemon.text('/variable?name=ASPNETCORE_IIS_HTTPAUTH')).toBe('basic;anonymous;')
  })

  test('loads nothing of ours where nobody is authenticated', async () => {
    const folder = await dotnetApp('auth')
    const daemon = await startDaemon(folder)
    expect(await daemon.text('/')).toBe('hello nobody')
    expect(await daemon.text('/variable?name=ASPNETCORE_HOSTINGSTARTUPASSEMBLIES')).not.toContain('Ancmd')
    expect((await ancmd(['check', folder])).stdout).not.toContain('Ancmd.Identity')
  })

  test('knows users who are authenticated for a part of it alone', async () => {
    const folder = await dotnetApp('auth')
    const file = join(folder, 'web.config')
    const part = `<location path="secret"><system.webServer>${await basicAuthentication()}</system.webServer></location>`
    await writeFile(file, (await readFile(file, 'utf8')).replace('</configuration>', `${part}</configuration>`))
    const daemon = await startDaemon(folder)
    expect(await daemon.text('/', by('alice'))).toBe('hello nobody')
    expect((await daemon.send('/secret')).status).toBe(401)
    expect(await daemon.text('/secret', by('alice'))).toBe('secret of alice')
  })

  test('gets none of the users with forwardWindowsAuthToken="false"', async () => {
    const daemon = await startDaemon(await authApp({ attributes: { forwardWindowsAuthToken: 'false' } }))
    expect(await daemon.text('/', by('alice'))).toBe('hello nobody')
    expect((await daemon.send('/secret', { headers: by('alice') })).status).toBe(401)
    expect(await daemon.text('/variable?name=ASPNETCORE_HOSTINGSTARTUPASSEMBLIES')).not.toContain('Ancmd')
  })

  test('knows users of HTTP/2', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'cert.pem'), testCertificate.cert)
    await writeFile(join(folder, 'key.pem'), testCertificate.key, { mode: 0o600 })
    const args = ['--https-port', '0', '--cert', join(folder, 'cert.pem'), '--key', join(folder, 'key.pem')]
    for (const upstreamProtocol of ['http1', 'h2c']) {
      const daemon = await startDaemon(await authApp({ attributes: { upstreamProtocol } }), { args })
      const { port } = await daemon.event('listening', ({ url }) => String(url).startsWith('https:'))
      const session = connect(`https://localhost:${String(port)}`, { ca: testCertificate.cert })
      atTheEnd(() => {
        session.destroy()
      })
      const ask = (headers: Record<string, string>): Promise<string> =>
        new Promise((resolve, reject) => {
          const stream = session.request({ ':path': '/secret', ...headers })
          let text = ''
          stream.on('response', (head) => (text += `${String(head[':status'])} ${JSON.stringify(head)} `))
          stream.setEncoding('utf8').on('data', (piece: string) => (text += piece))
          stream.on('error', reject).on('end', () => {
            resolve(text)
          })
        })
      expect(await ask({ [userField]: forged })).toMatch(/^401 /)
      const answers = await Promise.all(many.map((name) => ask({ ...by(name), [userField]: forged })))
      for (const [i, name] of many.entries()) expect(answers[i]).toMatch(new RegExp(`^200 .* secret of ${name}$`))
      expect(answers.join()).not.toMatch(/ms-aspnetcore/i)
    }
  })
})
