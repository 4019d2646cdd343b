import { copyFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { ancmd, type Daemon, startDaemon } from '../support/daemon.ts'
import { type DotnetApp, dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { informationIn, send } from '../support/send.ts'
import { counted, HttpTransportType, openHub } from '../support/signalr.ts'

/** What the SDK publishes, as it is: each with a path, the status that it answers with and a word of its body. */
const published: readonly [DotnetApp, string, number, string][] = [
  ['web', '/', 200, 'Hello World!'],
  ['webapi', '/weatherforecast', 200, 'temperatureC'],
  ['mvc', '/', 200, 'Home Page'],
  ['mvc', '/Home/Privacy', 200, 'Privacy Policy'],
  ['webapp', '/', 200, 'Home page'],
  ['webapp', '/css/site.css', 200, 'html'],
  ['slim', '/', 200, 'slim'],
  ['test-app', '/HelloWorld', 200, 'Hello World'],
  ['web-this-system', '/', 200, 'Hello World!'],
  ['web-win-x64', '/', 200, 'Hello World!'],
  ['web-self-contained', '/', 200, 'Hello World!'],
]

describe.skipIf(!hasDotnet)('a publish folder runs unchanged', () => {
  test.each(published)('%s answers %s', async (name, path, status, word) => {
    const folder = await dotnetApp(name)
    const before = await readdir(folder, { recursive: true })
    const daemon = await startDaemon(folder)
    const answer = await daemon.send(path)
    expect(answer.status).toBe(status)
    expect(answer.text).toContain(word)
    expect(answer.field('Server')).toEqual(['Kestrel'])
    expect(await daemon.stop()).toBe(0)
    expect(daemon.seen('processKilled')).toEqual([])
    expect(await readdir(folder, { recursive: true })).toEqual(before)
  })

  test('a straight request to the port of a template app is refused', async () => {
    const daemon = await startDaemon(await dotnetApp('web'))
    await daemon.text('/')
    const { port } = await daemon.event('processStarted')
    expect((await send(`http://127.0.0.1:${String(port)}`, '/')).status).toBe(400)
  })
})

describe.skipIf(!hasDotnet)('a folder without web.config', () => {
  const notices = (daemon: Daemon) => daemon.seen('configNotice').filter(({ msg }) => /web\.config/.test(msg))

  test.each([
    'web',
    'web-win-x64',
    'web-this-system',
    'web-self-contained',
  ] as const)('of %s works with every default and one notice', async (name) => {
    const folder = await dotnetApp(name)
    await rm(join(folder, 'web.config'), { force: true })
    const daemon = await startDaemon(folder)
    expect(await daemon.text('/')).toBe('Hello World!')
    expect(notices(daemon)).toHaveLength(1)
  })

  test('and with two apps in it is refused with exit code 78, naming both', async () => {
    const folder = await dotnetApp('web')
    await rm(join(folder, 'web.config'))
    await copyFile(join(folder, 'web.runtimeconfig.json'), join(folder, 'second.runtimeconfig.json'))
    const { code, stderr } = await ancmd(['run', folder, '--port', '0'])
    expect(code).toBe(78)
    expect(stderr).toContain('web.runtimeconfig.json')
    expect(stderr).toContain('second.runtimeconfig.json')
  })
})

describe.skipIf(!hasDotnet)('hostingModel inprocess', () => {
  test('runs out of process, with one notice that says so', async () => {
    const daemon = await startDaemon(await dotnetApp('web'))
    expect(await daemon.text('/')).toBe('Hello World!')
    const notices = daemon.seen('configNotice').filter(({ msg }) => /inprocess/i.test(msg))
    expect(notices).toHaveLength(1)
    expect(notices[0]).toMatchObject({ line: 8 })
  })
})

describe.skipIf(!hasDotnet)('ASP.NET Core behind the front', () => {
  test('start-hello-oop: paths, query, folders and features are as under IIS', async () => {
    const folder = await dotnetApp('test-app')
    const daemon = await startDaemon(folder)
    expect(await daemon.text('/HelloWorld')).toBe('Hello World')
    expect(await daemon.text('/Path/%3F%3F?query')).toBe('/??')
    expect(await daemon.text('/Query/%3FPath?query?')).toBe('?query?')
    expect(await daemon.text('/Auth')).toBe('null')
    expect(await daemon.text('/ContentRootPath')).toBe(folder)
    expect(await daemon.text('/WebRootPath')).toBe(`${folder}/wwwroot`)
    expect(await daemon.text('/UpgradeFeatureDetection')).toBe('Enabled')
  })

  test('has the right scheme, host and remote address', async () => {
    const daemon = await startDaemon(await dotnetApp('test-app'))
    const seen = informationIn((await daemon.send('/RequestInformation', { headers: { Host: 'shop.example' } })).text)
    expect(seen).toMatchObject({ Scheme: 'http', Host: 'shop.example', Path: '/RequestInformation' })
    expect(seen.Remote).toMatch(/^127\.0\.0\.1 \d+$/)
    expect(seen.field('X-Original-For')).toHaveLength(1)
    expect(seen.field('X-Original-Proto')).toEqual(['http'])
  })

  test('serves static files, also in part and not at all when nothing changed', async () => {
    const daemon = await startDaemon(await dotnetApp('test-app'))
    const whole = await daemon.send('/foo.htm')
    expect(whole.text).toContain('foohtm')
    const part = await daemon.send('/foo.htm', { headers: { Range: 'bytes=0-8' } })
    expect(part).toMatchObject({ status: 206, text: '<!doctype' })
    const headers = { 'If-None-Match': whole.field('ETag')[0] ?? '' }
    expect(await daemon.send('/foo.htm', { headers })).toMatchObject({ status: 304, text: '' })
    expect((await daemon.send('/pdir/bar.htm')).text).toContain('barhtm')
  })

  test('its own files are not served', async () => {
    const daemon = await startDaemon(await dotnetApp('test-app'))
    for (const file of ['TestApp.dll', 'TestApp.deps.json']) {
      expect((await daemon.send(`/${file}`)).text).toBe('Running')
    }
    // web.config is a hidden segment of request filtering: it does not even reach the app.
    const hidden = await daemon.send('/web.config')
    expect(hidden.status).toBe(404)
    expect(hidden.text).toContain('HTTP Error 404.8')
  })

  test('takes a POST', async () => {
    const daemon = await startDaemon(await dotnetApp('slim'))
    expect((await daemon.send('/echo', { method: 'POST', body: 'posted' })).text).toBe('posted')
  })

  test('talks over a WebSocket', async () => {
    const daemon = await startDaemon(await dotnetApp('test-app'))
    const socket = new WebSocket(`ws://127.0.0.1:${String(daemon.port)}/websocket`)
    const messages: string[] = []
    const closed = new Promise<[number, string]>((resolve, reject) => {
      socket.on('error', reject)
      socket.on('close', (code, reason) => {
        resolve([code, reason.toString()])
      })
      socket.on('message', (data: Buffer) => {
        messages.push(data.toString())
        if (messages.length === 3) socket.send('CloseFromServer')
      })
    })
    socket.on('open', () => {
      for (const text of ['one', 'two', 'x'.repeat(40_000)]) socket.send(text)
    })
    expect(await closed).toEqual([1000, 'ClosingFromServer'])
    expect(messages).toEqual(['one', 'two', 'x'.repeat(40_000)])
  })

  test('talks SignalR over a WebSocket: a call and a stream', async () => {
    const daemon = await startDaemon(await dotnetApp('test-app'))
    const hub = await openHub(`${daemon.url}/hub`, HttpTransportType.WebSockets)
    expect(await hub.invoke('Echo', 'hello hub')).toBe('hello hub')
    expect(await counted(hub, 5)).toEqual([1, 2, 3, 4, 5])
  })

  test.each([
    HttpTransportType.ServerSentEvents,
    HttpTransportType.LongPolling,
  ])('talks SignalR without WebSockets as well (transport %i)', async (transport) => {
    const daemon = await startDaemon(await dotnetApp('test-app'))
    const hub = await openHub(`${daemon.url}/hub`, transport)
    expect(await hub.invoke('Echo', 'hello hub')).toBe('hello hub')
  })
})

describe.skipIf(!hasDotnet)('an app without IIS integration', () => {
  test('is told of once, because it checks no token', async () => {
    const daemon = await startDaemon(await dotnetApp('slim'))
    expect(await daemon.text('/')).toBe('slim')
    const { port } = await daemon.event('processStarted')
    expect((await send(`http://127.0.0.1:${String(port)}`, '/')).text).toBe('slim')
    await daemon.event('pairingNotChecked')
    expect(daemon.seen('pairingNotChecked')).toHaveLength(1)
  })
})
