import { beforeAll, describe, expect, test } from 'vitest'
import { DirectApp } from '../support/direct-app.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { eventually } from '../support/eventually.ts'
import { isAlive } from '../support/processes.ts'
import { type Received, send, type Sending } from '../support/send.ts'
import { withEachTwin } from '../support/twins.ts'

// What the front counts on: how an app with Microsoft.AspNetCore.Server.IISIntegration treats what it is sent and given.
describe.skipIf(!hasDotnet)('an ASP.NET Core app with IIS integration', () => {
  let folder: string
  beforeAll(async () => {
    folder = await dotnetApp('test-app')
  })

  async function started(environment: Readonly<Record<string, string | undefined>> = {}): Promise<DirectApp> {
    return DirectApp.start('dotnet', ['TestApp.dll'], folder, environment)
  }

  /** With the pairing token, as a front would send it. */
  function ask(app: DirectApp, target: string, { headers, ...sending }: Sending = {}): Promise<Received> {
    return send(app.url, target, { ...sending, headers: { 'MS-ASPNETCORE-TOKEN': app.token, ...headers } })
  }

  test('stop-message-wrong-method: takes the shutdown message by POST only', async () => {
    const app = await started()
    for (const method of ['PUT', 'TRACE', 'HEAD', 'GET', 'DELETE', 'OPTIONS']) {
      const answer = await ask(app, '/iisintegration', { method, headers: { 'MS-ASPNETCORE-EVENT': 'shutdown' } })
      expect(answer.status, method).toBe(200)
    }
    expect((await ask(app, '/')).text).toBe('Running')
  })

  test('stop-message-wrong-path, stop-message-wrong-event: takes it on its path and with its word only', async () => {
    const app = await started()
    for (const path of ['/', '/path', '/path/iisintegration']) {
      const answer = await ask(app, path, { method: 'POST', headers: { 'MS-ASPNETCORE-EVENT': 'shutdown' } })
      expect(answer.status, path).toBe(200)
    }
    for (const headers of [{ 'MS-ASPNETCORE-EVENT': 'event' }, { 'MS-ASPNETCORE-EVENT': '' }, {}]) {
      expect((await ask(app, '/iisintegration', { method: 'POST', headers })).status).toBe(200)
    }
    expect((await ask(app, '/')).text).toBe('Running')
  })

  test.each([
    ['/', '/iisintegration', 'shutdown'],
    ['/', '/iisintegration', 'Shutdown'],
    ['/pathBase', '/pathBase/iisintegration', 'shutdown'],
    ['/pathBase', '/pathBase/iisintegration', 'Shutdown'],
  ])('stop-message-contract: at %s it stops after POST %s with the event %s', async (applicationPath, target, event) => {
    const app = await started({ ASPNETCORE_APPL_PATH: applicationPath })
    const answer = await ask(app, target, { method: 'POST', headers: { 'MS-ASPNETCORE-EVENT': event } })
    expect(answer.status).toBe(202)
    await eventually('the app has ended', () => !isAlive(app.pid))
  })

  test('app-url-registration, path-base-app: listens on 127.0.0.1 and its port, whatever other address it is told', async () => {
    const app = await started({ ASPNETCORE_APPL_PATH: '/pathbase', ASPNETCORE_URLS: 'http://127.0.0.1:1' })
    expect((await ask(app, '/pathbase/ServerAddresses')).text).toBe(app.url)
    expect((await ask(app, '/PathBase/PathAndPathBase/x')).text).toBe('PathBase: /PathBase/PathAndPathBase; Path: /x')
  })

  test.each([
    [undefined, 'Windows'],
    ['windows;', 'Windows'],
    ['anonymous;', 'null'],
  ])('auth-scheme-default, auth-basic, auth-no-user: with ASPNETCORE_IIS_HTTPAUTH %s its scheme is %s', async (value, scheme) => {
    const app = await started({ ASPNETCORE_IIS_HTTPAUTH: value })
    expect((await ask(app, '/Auth')).text).toBe(scheme)
    // Without a Windows token there is no user, and nothing breaks.
    expect((await ask(app, '/HelloWorld')).text).toBe('Hello World')
  })
})

withEachTwin('users', {}, (daemon, kind) => {
  test('auth-fwd-token: no header of a Windows user reaches the app, also not one that a client made up', async () => {
    const headers = { 'MS-ASPNETCORE-WINAUTHTOKEN': '1234', 'MS-ASPNETCORE-USER': 'admin' }
    const seen = await daemon().text('/DumpRequestHeaders', headers)
    expect(seen).not.toMatch(/WINAUTHTOKEN|ASPNETCORE-USER/i)
    expect(await daemon().text('/ImpersonateMiddleware', headers)).toContain('NoAuthentication')
  })

  test('auth-basic, auth-ntlm: Authorization and the challenges of the app pass through', async () => {
    const authorization = `Basic ${Buffer.from('user:word').toString('base64')}`
    expect(await daemon().text('/GetRequestHeaderValueAuthorization', { Authorization: authorization })).toBe(
      authorization,
    )
    const challenged = await daemon().send('/Restricted')
    expect(challenged.status).toBe(401)
    expect(challenged.field('WWW-Authenticate')).toEqual(['Negotiate', 'NTLM'])
    expect((await daemon().send('/Forbidden')).status).toBe(403)
  })

  if (kind === 'dotnet') {
    test('auth-anonymous: the app has no authentication scheme of its own accord', async () => {
      expect(await daemon().text('/Auth')).toBe('null')
      expect(await daemon().text('/Anonymous')).toBe('Anonymous?True')
    })
  }
})
