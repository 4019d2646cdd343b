import { describe, expect, test } from 'vitest'
import { startDaemon } from '../support/daemon.ts'
import { nextProcessId } from '../support/deployment.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { EchoSocket } from '../support/echo-socket.ts'
import { eventually } from '../support/eventually.ts'
import { copyApp, editWebConfig } from '../support/folders.ts'
import { killNow } from '../support/kill.ts'
import { openSockets } from '../support/open-sockets.ts'
import { openFiles } from '../support/processes.ts'
import { connectRaw } from '../support/raw-client.ts'
import { withEachTwin } from '../support/twins.ts'

const closing = { code: 1000, reason: 'ClosingFromServer' }

const apps = [
  { name: 'Node app', runs: true, copy: () => copyApp('node-twin') },
  { name: 'ASP.NET Core app', runs: hasDotnet, copy: () => dotnetApp('test-app') },
]

withEachTwin('a WebSocket', {}, (daemon, kind) => {
  test.each([
    'a',
    'abcdefghijklmnopqrstuvwxyz0123456789',
  ])('ws-echo: texts, pings and fragments come back (%#)', async (payload) => {
    const pid = await daemon().processId()
    const echo = await EchoSocket.open(daemon().port)
    for (let i = 0; i < 3; i += 1) await echo.echo(payload)
    for (let i = 0; i < 3; i += 1) echo.socket.ping(payload)
    await echo.until(() => echo.pongs.length === 3)
    echo.socket.send(payload, { fin: false })
    echo.socket.send(payload, { fin: true })
    await echo.until(() => echo.messages.at(-1) === `${payload}${payload}`)
    echo.socket.close(1000, 'done')
    expect(await echo.closed).toEqual({ code: 1000, reason: 'done' })
    expect(await daemon().text('/')).toBe('Running')
    expect(await daemon().processId()).toBe(pid)
  })

  test('ws-echo: the handshake is the one of HTTP/1.1', async () => {
    const client = await connectRaw(daemon().port)
    client.send(
      'GET /websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
    const head = await client.until('\r\n\r\n')
    expect(head).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/)
    expect(head).toMatch(/\r\nConnection: Upgrade\r\n/i)
    expect(head).toContain('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
    client.destroy()
  })

  test('ws-echo: the app closes it, three times, and its words arrive', async () => {
    const pid = await daemon().processId()
    for (let round = 0; round < 3; round += 1) {
      const echo = await EchoSocket.open(daemon().port)
      await echo.echo('hello')
      echo.send('CloseFromServer')
      expect(await echo.closed).toEqual(closing)
    }
    expect(await daemon().processId()).toBe(pid)
  })

  test('ws-subprotocol: the one that the app chose is the one that the client sees', async () => {
    const echo = await EchoSocket.open(daemon().port, '/websocketSubProtocol', ['mywebsocketsubprotocol'])
    expect(echo.socket.protocol).toBe('mywebsocketsubprotocol')
    await echo.echo('hello')
  })

  test('ws-detect-enabled: the app knows that there are WebSockets', async () => {
    expect(await daemon().text('/UpgradeFeatureDetection')).toBe('Enabled')
  })

  test('ws-inproc-echo: a thousand messages come back in order', async () => {
    const echo = await EchoSocket.open(daemon().port)
    const sent = Array.from({ length: 1000 }, (_, i) => `message ${String(i)}`)
    for (const text of sent) echo.send(text)
    await echo.until(() => echo.messages.length === 1000)
    expect(echo.messages).toEqual(sent)
  })

  test('binary messages up to a megabyte come back as they were', async () => {
    const echo = await EchoSocket.open(daemon().port)
    const received: Buffer[] = []
    echo.socket.on('message', (data: Buffer) => received.push(data))
    const sent = [1, 125, 126, 65_535, 65_536].map((size) => Buffer.alloc(size, size % 251))
    for (const bytes of sent) echo.socket.send(bytes)
    await echo.until(() => received.length === sent.length)
    expect(received.map((bytes, i) => bytes.equals(sent[i] ?? Buffer.alloc(0)))).toEqual(sent.map(() => true))
    if (kind === 'node') {
      // The .NET app echoes a frame piece by piece.
      const large = Buffer.alloc(1_000_000, 7)
      echo.socket.send(large)
      await echo.until(() => received.at(-1)?.equals(large) === true)
    }
  })

  test('a client that vanishes leaves no connection in the app', async () => {
    const pid = await daemon().processId()
    const before = openFiles(pid)
    const echoes = await Promise.all(Array.from({ length: 20 }, () => EchoSocket.open(daemon().port)))
    for (const echo of echoes) await echo.echo('hello')
    expect(openFiles(pid)).toBeGreaterThan(before + 15)
    for (const echo of echoes) echo.socket.terminate()
    await eventually('their connections in the app are closed', () => openFiles(pid) < before + 10)
    expect(await daemon().text('/')).toBe('Running')
    // It is the client's doing, and not worth a warning.
    expect(daemon().seen('forwardFailed')).toEqual([])
  })

  test('a handshake for nothing is answered as the app answers it', async () => {
    await expect(EchoSocket.open(daemon().port, '/HelloWorld')).rejects.toThrow(kind === 'node' ? '404' : '200')
  })
})

describe.skipIf(!hasDotnet)('a WebSocket, ASP.NET Core', () => {
  test('ws-inproc-echo: the events around the upgrade come in order, and an empty body was read before it', async () => {
    const daemon = await startDaemon(await dotnetApp('test-app'))
    const events = await EchoSocket.open(daemon.port, '/WebSocketLifetimeEvents')
    expect(await events.closed).toMatchObject({ code: 1000 })
    expect(events.messages).toEqual(['OnStarting', 'Upgraded'])
    const read = await EchoSocket.open(daemon.port, '/WebReadBeforeUpgrade')
    await read.closed
    expect(read.messages).toEqual(['Yay'])
  })
})

describe.each(apps)('the end of the process under a WebSocket, $name', ({ runs, copy }) => {
  test.skipIf(!runs)(
    'ws-config-change: the app closes it, three times; the next one is with the new process',
    async () => {
      const folder = await copy()
      const daemon = await startDaemon(folder)
      let pid = await daemon.processId()
      for (const limit of [11, 12, 13]) {
        const echo = await EchoSocket.open(daemon.port)
        await echo.echo('hello')
        await editWebConfig(folder, { attributes: { shutdownTimeLimit: String(limit) } })
        expect(await echo.closed).toEqual(closing)
        pid = await nextProcessId(daemon, pid)
        const next = await EchoSocket.open(daemon.port)
        await next.echo('hello again')
        next.socket.terminate()
      }
      expect(daemon.seen('processKilled')).toEqual([])
    },
  )

  test.skipIf(!runs)('a recycle: the app closes it, and it does not hold the old process', async () => {
    const daemon = await startDaemon(await copy())
    const pid = await daemon.processId()
    const echo = await EchoSocket.open(daemon.port)
    await echo.echo('hello')
    daemon.signal('SIGUSR2')
    expect(await echo.closed).toEqual(closing)
    expect(await daemon.event('processExited')).toMatchObject({ pid, expected: true, code: 0 })
  })

  test.skipIf(!runs)('the daemon stops: the close frame of the app arrives before the end', async () => {
    const daemon = await startDaemon(await copy())
    const echoes = await Promise.all(Array.from({ length: 5 }, () => EchoSocket.open(daemon.port)))
    for (const echo of echoes) await echo.echo('hello')
    const stopped = daemon.stop()
    for (const echo of echoes) expect(await echo.closed).toEqual(closing)
    expect(await stopped).toBe(0)
    expect(daemon.seen('processKilled')).toEqual([])
  })

  test.skipIf(!runs)('a crash: the client learns at once that it is over, by a cut', async () => {
    const daemon = await startDaemon(await copy())
    const pid = await daemon.processId()
    const echo = await EchoSocket.open(daemon.port)
    await echo.echo('hello')
    killNow(pid)
    // At once, before the daemon can know of the death.
    const other = EchoSocket.open(daemon.port)
    expect(await echo.closed).toMatchObject({ code: 1006 })
    await (await other).echo('hello')
    const next = await EchoSocket.open(daemon.port)
    await next.echo('hello again')
  })
})

describe.skipIf(process.platform !== 'linux')('the daemon', () => {
  test('keeps no descriptor of 40 WebSockets that were open when their app was killed, five times', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { attributes: { rapidFailsPerMinute: '100' } })
    const daemon = await startDaemon(folder)
    let pid = await daemon.processId()
    const before = openSockets(daemon.pid)
    for (let round = 0; round < 5; round += 1) {
      const echoes = await Promise.all(Array.from({ length: 40 }, () => EchoSocket.open(daemon.port)))
      for (const echo of echoes) await echo.echo('hello')
      killNow(pid)
      for (const echo of echoes) expect(await echo.closed).toMatchObject({ code: 1006 })
      pid = await nextProcessId(daemon, pid)
    }
    await eventually('as many as before', () => openSockets(daemon.pid) <= before + 2)
  })
})

describe('an app that does not close its WebSockets', () => {
  test.skipIf(!hasDotnet)('is killed when its time is over, and the client is cut off', async () => {
    const folder = await dotnetApp('test-app')
    const environment = { ANCMTestDisableWebCocketConnectionsCloseAll: '1' }
    await editWebConfig(folder, { attributes: { shutdownTimeLimit: '2' }, environment })
    const daemon = await startDaemon(folder)
    const pid = await daemon.processId()
    const echo = await EchoSocket.open(daemon.port)
    await echo.echo('hello')
    expect(await daemon.stop()).toBe(0)
    expect(await daemon.event('processKilled')).toMatchObject({ pid })
    expect(await echo.closed).toMatchObject({ code: 1006 })
  })
})
