import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { testCertificate } from '../support/certificate.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { atTheEnd } from '../support/ending.ts'
import { editWebConfig, temporaryFolder } from '../support/folders.ts'
import { HttpTransportType, openHub } from '../support/signalr.ts'

const protocols = ['http1', 'h2c'] as const

describe.skipIf(!hasDotnet).each(protocols)('a WebSocket over TLS, with upstreamProtocol="%s"', (upstreamProtocol) => {
  let daemon: Daemon
  let origin: string

  beforeAll(async () => {
    const folder = await dotnetApp('test-app')
    await editWebConfig(folder, { attributes: { upstreamProtocol } })
    const place = await temporaryFolder()
    await writeFile(join(place, 'cert.pem'), testCertificate.cert)
    await writeFile(join(place, 'key.pem'), testCertificate.key, { mode: 0o600 })
    const args = ['--https-port', '0', '--cert', join(place, 'cert.pem'), '--key', join(place, 'key.pem')]
    daemon = await startDaemon(folder, { args: [...args, '--path-base', '/sub'] })
    const { url } = await daemon.event('listening', ({ url }) => String(url).startsWith('https:'))
    origin = `wss://localhost:${new URL(String(url)).port}`
  })

  async function open(path: string, subprotocols: string[] = []): Promise<WebSocket> {
    const socket = new WebSocket(`${origin}${path}`, subprotocols, {
      ca: testCertificate.cert,
      perMessageDeflate: true,
      maxPayload: 128 * 1024 * 1024,
    })
    atTheEnd(() => {
      socket.terminate()
    })
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => {
        resolve()
      })
      socket.once('error', reject)
    })
    return socket
  }

  test('64 MiB come back byte for byte', async () => {
    const socket = await open('/sub/websocket')
    const size = 64 * 1024 * 1024
    const returned = new Promise<number>((resolve, reject) => {
      let bytes = 0
      socket.on('message', (data: Buffer) => {
        bytes += data.length
        if (data.some((byte) => byte !== 0x61)) reject(new Error('another byte than was sent'))
        if (bytes >= size) resolve(bytes)
      })
      socket.on('error', reject)
      socket.on('close', (code) => {
        reject(new Error(`closed with ${String(code)} after ${String(bytes)} bytes`))
      })
    })
    socket.send(Buffer.alloc(size, 'a'), { binary: true })
    expect(await returned).toBe(size)
  })

  test("the subprotocol that the app chose is the client's, pings are answered, a close code and its reason return", async () => {
    const socket = await open('/sub/websocketSubProtocol', ['other', 'mywebsocketsubprotocol'])
    expect(socket.protocol).toBe('mywebsocketsubprotocol')
    const pong = new Promise<string>((resolve) => {
      socket.once('pong', (data) => {
        resolve(data.toString())
      })
    })
    socket.ping('are you there')
    expect(await pong).toBe('are you there')
    const closed = new Promise<unknown>((resolve) => {
      socket.once('close', (code, reason) => {
        resolve([code, reason.toString()])
      })
    })
    socket.close(4321, 'because')
    expect(await closed).toEqual([4321, 'because'])
  })

  test.each([
    ['WebSockets', HttpTransportType.WebSockets],
    ['server-sent events', HttpTransportType.ServerSentEvents],
    ['long polling', HttpTransportType.LongPolling],
  ])('SignalR works below the application path, over %s', async (_name, transport) => {
    const hub = await openHub(`${daemon.url}/sub/hub`, transport)
    expect(await hub.invoke('Echo', 'hello')).toBe('hello')
  })
})
