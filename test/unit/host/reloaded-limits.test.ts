import { describe, expect, test } from 'vitest'
import { engineNames } from '../../../src/host/engine.ts'
import { copyApp } from '../../support/folders.ts'
import { EchoSocket } from '../../support/echo-socket.ts'
import { freePort } from '../../support/free-port.ts'
import { connectRaw, type RawSocket } from '../../support/raw-client.ts'
import { send } from '../../support/send.ts'
import { binding, offline, site, started } from './reloads.ts'

const get = 'GET /HelloWorld HTTP/1.1\r\nHost: red.test\r\n\r\n'

async function asking(port: number, text: string): Promise<RawSocket> {
  const client = await connectRaw(port)
  client.send(text)
  return client
}

describe.each(engineNames)('after a reload with the engine %s', (engine) => {
  test('other webLimits hold on a listener that stays open, for its open connections too', async () => {
    const port = await freePort()
    const red = site(1, [binding(port)], await offline('red'))
    const { host, told } = await started(engine, red)
    const before = await asking(port, 'GET / HT')
    const webLimits = { headerWaitTimeoutMs: 300, maxConnectionsPerAddress: 1 }
    expect(await host.reload({ sites: [red], webLimits }, 'a test')).toMatchObject({ ok: true })
    await before.untilEnded()
    expect(before.received).toMatch(/^HTTP\/1\.1 408 /)
    const one = await asking(port, get)
    await one.until('this is red')
    const second = await connectRaw(port)
    await second.ended
    expect(second.received).toBe('')
    expect(told('requestRefused')).toContainEqual(
      expect.objectContaining({ setting: 'maxConnectionsPerAddress="1"', remoteAddress: '127.0.0.1' }),
    )
    // What is written no more is ours again.
    expect(await host.reload({ sites: [red] }, 'a test')).toMatchObject({ ok: true })
    const third = await asking(port, get)
    await third.until('this is red')
  })

  test('a larger maxRequestBytes takes the larger heads of new connections', async () => {
    const port = await freePort()
    const red = site(1, [binding(port)], await offline('red'))
    const { host, told } = await started(engine, red)
    const large = (bytes: number): string => get.replace('\r\n\r\n', `\r\nX-Large: ${'a'.repeat(bytes)}\r\n\r\n`)
    const answer = async (text: string): Promise<string> => {
      const client = await asking(port, text)
      await client.until('\r\n\r\n')
      return client.received.slice(9, 12)
    }
    expect(await answer(large(17_000))).toBe('431')
    expect(await host.reload({ sites: [red], webLimits: { maxRequestBytes: 65_536 } }, 'a test')).toMatchObject({
      ok: true,
    })
    expect(await answer(large(65_000))).toBe('503')
    expect(await answer(large(66_000))).toBe('431')
    expect(told('requestRefused')).toContainEqual(
      expect.objectContaining({ status: 431, setting: 'maxRequestBytes="65536"; built in: 200 field lines' }),
    )
  })

  test('other proxies are trusted on a listener that stays open', async () => {
    const port = await freePort()
    const red = site(1, [{ ...binding(port), proxyProtocol: true }], await offline('red'))
    const { host, told } = await started(engine, red)
    const text = `PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n${get}`
    const stranger = await asking(port, text)
    await stranger.untilEnded()
    expect(stranger.received).toBe('')
    expect(await host.reload({ sites: [red], trustedProxies: ['127.0.0.0/8'] }, 'a test')).toMatchObject({ ok: true })
    const proxy = await asking(port, text)
    await proxy.until('this is red')
    expect(told('requestRefused')).toContainEqual(expect.objectContaining({ remoteAddress: '192.0.2.7' }))
    expect(await host.reload({ sites: [red] }, 'a test')).toMatchObject({ ok: true })
    const again = await asking(port, text)
    await again.untilEnded()
    expect(again.received).toBe('')
  })
})

test('the connections of a site are counted on, whether a reload changes its settings or not', async () => {
  const port = await freePort()
  const limited = (maxConnections: number) => ({ ...red, limits: { maxConnections } })
  const red = site(1, [binding(port)], await copyApp('node-twin'))
  const { reload } = await started('wire', limited(1))
  const first = await asking(port, get)
  await first.until('Hello World')
  const isRefused = async (): Promise<void> => {
    const further = await asking(port, get)
    await further.untilEnded()
    expect(further.received).toMatch(/^HTTP\/1\.1 503 /)
  }
  await isRefused()
  expect(await reload(limited(1))).toMatchObject({ ok: true, value: { changed: [] } })
  await isRefused()
  expect(await reload(limited(2))).toMatchObject({ ok: true, value: { changed: [] } })
  const second = await asking(port, get)
  await second.until('Hello World')
  await isRefused()
})

test('other limits of a site are in force at once, and its processes, connections and WebSockets stay', async () => {
  const port = await freePort()
  const red = site(1, [binding(port)], await copyApp('node-twin'))
  const { reload } = await started('wire', red)
  const kept = await connectRaw(port)
  /** One more answer on the connection that is kept. */
  const next = async (): Promise<void> => {
    const answers = kept.received.split('Hello World').length
    kept.send(get)
    await kept.until((received) => received.split('Hello World').length > answers)
  }
  const ask = (path: string) => send(`http://127.0.0.1:${String(port)}`, path)
  await next()
  const { text: pid } = await ask('/ProcessId')
  const echo = await EchoSocket.open(port)
  const limits = { maxUrlSegments: 1, connectionTimeoutMs: 600_000 }
  expect(await reload({ ...red, limits })).toMatchObject({
    ok: true,
    value: { changed: [], kept: ['/LM/W3SVC/1/ROOT'] },
  })
  expect((await ask('/a/b')).status).toBe(400)
  await next()
  expect(await reload(red)).toMatchObject({ ok: true, value: { changed: [] } })
  expect((await ask('/a/b')).status).toBe(200)
  expect(await reload({ ...red, limits: { connectionTimeoutMs: 1000 } })).toMatchObject({ ok: true })
  await next()
  expect((await ask('/ProcessId')).text).toBe(pid)
  await kept.untilEnded()
  await echo.echo('still there')
})

test('the limits of a site and its redirect to https hold while its application is offline', async () => {
  const port = await freePort()
  const hsts = { maxAge: 1, includeSubDomains: false, preload: false, redirectHttpToHttps: true }
  const red = site(1, [binding(port)], await offline('red'))
  await started('wire', { ...red, limits: { maxUrlSegments: 1 }, hsts })
  const client = await asking(port, get)
  await client.until('Location: https://red.test/HelloWorld')
  const deep = await asking(port, get.replace('/HelloWorld', '/a/b/c'))
  await deep.until('HTTP/1.1 400 ')
})
