import { describe, expect, test } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { nextProcessId } from '../support/deployment.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { EchoSocket } from '../support/echo-socket.ts'
import { editWebConfig } from '../support/folders.ts'
import { killNow } from '../support/kill.ts'
import { HttpTransportType, openHub } from '../support/signalr.ts'

async function h2cDaemon(): Promise<Daemon> {
  const folder = await dotnetApp('test-app')
  await editWebConfig(folder, { attributes: { upstreamProtocol: 'h2c' } })
  return startDaemon(folder)
}

describe.skipIf(!hasDotnet)('upstreamProtocol="h2c": HTTP/2 to the app', () => {
  test('requests, bodies and WebSockets arrive; a stop and a recycle send the shutdown message', async () => {
    const daemon = await h2cDaemon()
    expect(await daemon.text('/HelloWorld')).toBe('Hello World')
    expect(await daemon.text('/CheckProtocol')).toBe('HTTP/2')
    const pid = await daemon.processId()
    const echo = await EchoSocket.open(daemon.port)
    await echo.echo('hello')
    await echo.echo('x'.repeat(100_000))
    daemon.signal('SIGUSR2')
    expect(await echo.closed).toEqual({ code: 1000, reason: 'ClosingFromServer' })
    expect(await daemon.event('gracefulShutdownRequested')).toMatchObject({ pid, status: 202 })
    expect(await daemon.event('processExited')).toMatchObject({ pid, expected: true, code: 0 })
    await nextProcessId(daemon, pid)
    expect(await daemon.stop()).toBe(0)
    expect(daemon.seen('processKilled')).toEqual([])
  })

  test('the next request after a crash gets a new process', async () => {
    const daemon = await h2cDaemon()
    const pid = await daemon.processId()
    killNow(pid)
    expect(await daemon.text('/HelloWorld')).toBe('Hello World')
    expect(await daemon.processId()).not.toBe(pid)
  })

  test.each([
    ['WebSockets', HttpTransportType.WebSockets],
    ['server-sent events', HttpTransportType.ServerSentEvents],
    ['long polling', HttpTransportType.LongPolling],
  ])('SignalR works over %s', async (_name, transport) => {
    const daemon = await h2cDaemon()
    const hub = await openHub(`${daemon.url}/hub`, transport)
    expect(await hub.invoke('Echo', 'hello')).toBe('hello')
  })
})

describe.skipIf(!hasDotnet)('an app that does not speak HTTP/2, with upstreamProtocol="h2c"', () => {
  test('answers 502.3, and the event says why', async () => {
    const folder = await dotnetApp('test-app')
    const environment = { Kestrel__EndpointDefaults__Protocols: 'Http1' }
    await editWebConfig(folder, { attributes: { upstreamProtocol: 'h2c' }, environment })
    const daemon = await startDaemon(folder)
    expect((await daemon.send('/HelloWorld')).status).toBe(502)
    expect(await daemon.event('forwardFailed')).toMatchObject({
      error: expect.stringContaining('does not speak HTTP/2 in plain text') as string,
    })
  })
})
