import { describe, expect, test } from 'vitest'
import { sendRaw } from '../support/raw-client.ts'
import { startDaemon } from '../support/daemon.ts'
import { DirectApp } from '../support/direct-app.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { copyApp, editWebConfig } from '../support/folders.ts'
import { informationIn, send } from '../support/send.ts'
import { withEachTwin } from '../support/twins.ts'

withEachTwin('the request as the app sees it', {}, (daemon) => {
  const ask = async (headers: Readonly<Record<string, string | string[]>> = {}) =>
    informationIn((await daemon().send('/RequestInformation?a=b', { headers })).text)

  test('has the scheme, host and address of the client', async () => {
    const seen = await ask({ Host: 'www.example.org:8080' })
    expect(seen).toMatchObject({ Scheme: 'http', Host: 'www.example.org:8080', Query: '?a=b', PathBase: '' })
    expect(seen.Remote).toMatch(/^127\.0\.0\.1 \d+$/)
    expect(seen.Remote).not.toBe('127.0.0.1 0')
    expect(seen.field('X-Original-Proto')).toEqual(['http'])
    expect(seen.field('X-Original-For')[0]).toMatch(/^127\.0\.0\.1:\d+$/)
    expect(seen.field('X-Forwarded-For')).toEqual([])
  })

  test('has nothing of what a stranger claims to forward', async () => {
    const names = ['Forwarded', 'X-Forwarded-For', 'X-Forwarded-Proto', 'X-Forwarded-Host', 'X-Forwarded-Prefix']
    const claims = [...names, ...names.map((name) => name.replaceAll('-', '_'))].map((name) => [name, '203.0.113.9'])
    const seen = await ask(Object.fromEntries(claims) as Record<string, string>)
    expect(seen).toMatchObject({ Scheme: 'http', PathBase: '' })
    expect(seen.Remote).toMatch(/^127\.0\.0\.1 /)
    expect(seen.fieldNames.filter((name) => /^(x.)?forwarded/i.test(name))).toEqual([])
  })

  test('has exactly one token, never one that the client sent', async () => {
    const spellings = [
      'MS-ASPNETCORE',
      'ms-aspnetcore-token',
      'Ms-AspNetCore-Event',
      'MS-ASPNETCOREX',
      'mS-ASPNETCORE-f',
    ]
    const seen = await ask(Object.fromEntries(spellings.map((name) => [name, 'forged'])))
    expect(seen.fieldNames.filter((name) => /^ms-aspnetcore/i.test(name))).toHaveLength(1)
    expect(seen.field('MS-ASPNETCORE-TOKEN')[0]).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('keeps repeated, odd and long fields of the client', async () => {
    const long = 'x'.repeat(8_000)
    const seen = await ask({ 'X-Long': long, 'X-Twice': ['1', '2'], Cookie: 'a=b; c=d', 'X-Empty': '' })
    expect(seen.field('X-Long')).toEqual([long])
    expect(seen.field('X-Twice').join(', ')).toBe('1, 2')
    expect(seen.field('Cookie')).toEqual(['a=b; c=d'])
  })

  test('has no Connection field and nothing that it named', async () => {
    const seen = await ask({ Connection: 'close, X-Hop, MS-ASPNETCORE-TOKEN', 'X-Hop': 'here', 'X-Stay': 'here' })
    expect(seen.field('X-Stay')).toEqual(['here'])
    expect(seen.field('X-Hop')).toEqual([])
    expect(seen.field('MS-ASPNETCORE-TOKEN')).toHaveLength(1)
  })

  test('hdr-latin1: a byte above ASCII in a field arrives as that byte', async () => {
    const bytes = Buffer.from('GET /Latin1 HTTP/1.1\r\nHost: x\r\nfoo: £\r\nConnection: close\r\n\r\n', 'latin1')
    expect((await sendRaw(daemon().port, bytes)).received).toMatch(/^HTTP\/1\.1 200 [\s\S]*a3/)
  })

  test('hdr-nul-rejected: a field with a NUL is refused and never reaches the app', async () => {
    const bytes = Buffer.from('GET /InvalidCharacter HTTP/1.1\r\nHost: x\r\nfoo: a\0b\r\n\r\n', 'latin1')
    expect((await sendRaw(daemon().port, bytes)).received).toMatch(/^HTTP\/1\.1 400 /)
  })

  test('hdr-upgrade-feature: the app knows that there are WebSockets', async () => {
    expect(await daemon().text('/UpgradeFeatureDetection')).toBe('Enabled')
  })
})

withEachTwin('the answer as the client sees it', {}, (daemon, kind) => {
  test('start-hello-server-header: Server is what the app says, and none is added', async () => {
    expect((await daemon().send('/')).field('Server')).toEqual(kind === 'dotnet' ? ['Kestrel'] : [])
  })

  test('hdr-server-override: an app can name its own server', async () => {
    expect((await daemon().send('/OverrideServer')).field('Server')).toEqual(['MyServer/7.8'])
  })

  test('repeated fields stay repeated, in order', async () => {
    const answer = await daemon().send('/ResponseHeaders')
    expect(answer.field('MultiHeader')).toEqual(['1', '2'])
    expect(answer.field('UnknownHeader')).toEqual(['test123=foo'])
    expect(answer.field('Content-Type')).toEqual(['text/plain'])
    expect(answer.text).toBe('Request Complete')
  })

  test('hdr-empty-skipped: an empty field does no harm', async () => {
    const answer = await daemon().send('/ResponseEmptyHeaders')
    expect(answer.status).toBe(200)
    expect(answer.field('EmptyHeader').join('')).toBe('')
  })

  test('there is one Date, and no Connection: close of the app', async () => {
    const bytes =
      'GET /ConnectionClose HTTP/1.1\r\nHost: x\r\n\r\nGET /HelloWorld HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
    const answers = (await sendRaw(daemon().port, bytes)).received
    expect(answers).toMatch(/Connnection Close[\s\S]*Hello World/)
    expect(answers.match(/^date:/gim)).toHaveLength(2)
  })

  test('an early end of its connection by the app does not hurt the next request of the client', async () => {
    for (let round = 0; round < 20; round += 1) {
      expect(await daemon().text('/ConnectionClose')).toBe('Connnection Close')
      expect(await daemon().text('/HelloWorld')).toBe('Hello World')
    }
  })
})

describe('forwardResponseConnectionHeader', () => {
  test('hdr-conn-close-forwarded: lets Connection: close of the app through', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { handlerSettings: { forwardResponseConnectionHeader: 'true' } })
    const daemon = await startDaemon(folder)
    expect((await daemon.send('/ConnectionClose')).field('Connection')).toEqual(['close'])
  })
})

withEachTwin('the pairing token', {}, (daemon) => {
  test("hdr-token-required: a request straight to the app's port is refused with 400", async () => {
    const app = await daemon().text('/ServerAddresses')
    expect((await send(app, '/')).status).toBe(400)
    expect((await send(app, '/', { headers: { 'MS-ASPNETCORE-TOKEN': 'a guess' } })).status).toBe(400)
  })

  test('is new for each process, and no event of the daemon shows it, even when the app prints it', async () => {
    const token = () => daemon().text('/GetEnvironmentVariable?name=ASPNETCORE_TOKEN')
    const first = await token()
    const pid = await daemon().processId()
    process.kill(pid, 'SIGKILL')
    await daemon().event('processExited', (event) => event['pid'] === pid)
    const second = await token()
    expect(second).not.toBe(first)
    // The app's own output passes through as it is: ASP.NET Core prints the token that it expected.
    const said = JSON.stringify(daemon().events)
    expect(said).toContain('processExited')
    expect(said).not.toContain(first)
    expect(said).not.toContain(second)
  })

  test('a client cannot shut the app down', async () => {
    const pid = await daemon().processId()
    const headers = { 'MS-ASPNETCORE-EVENT': 'shutdown', ms_aspnetcore_event: 'shutdown' }
    const answer = await daemon().send('/iisintegration', { method: 'POST', headers })
    expect(answer.status).not.toBe(202)
    expect(await daemon().processId()).toBe(pid)
  })
})

describe.skipIf(!hasDotnet)('an ASP.NET Core app without a front', () => {
  test('hdr-token-absent-config: asks for no token when it was given none', async () => {
    const app = await DirectApp.start('dotnet', ['TestApp.dll'], await dotnetApp('test-app'), {
      ASPNETCORE_TOKEN: undefined,
      ASPNETCORE_URLS: 'http://127.0.0.1:%PORT%',
    })
    expect((await send(app.url, '/', { headers: { 'MS-ASPNETCORE-TOKEN': 'any' } })).text).toBe('Running')
    await app.end()
  })
})
