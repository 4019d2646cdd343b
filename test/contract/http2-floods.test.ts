import { describe, expect, test } from 'vitest'
import {
  data, END_HEADERS, FrameType, frame, headers, PREFACE, request, reset, settings, windowUpdate,
} from '../support/http2/frames.ts' // biome-ignore format: a table
import { connectHttp2 } from '../support/http2/raw-http2.ts'
import { Exchanges, say } from './fixtures.ts'
import { openHttp2Front } from './http2-fixtures.ts'

const ENHANCE_YOUR_CALM = 11
const REFUSED_STREAM = 7

/** The identifiers of the first so many streams of a client. */
function streams(count: number): number[] {
  return Array.from({ length: count }, (_none, i) => 2 * i + 1)
}

describe('a flood over HTTP/2', () => {
  test('of requests that are reset at once ends the connection', async () => {
    const exchanges = new Exchanges()
    const { connectHttp2: connect, refusals } = await openHttp2Front(exchanges.take)
    const client = await connect()
    client.send(...streams(400).flatMap((stream) => [headers(stream, request('GET', '/')), reset(stream)]))
    await client.untilEnded()
    expect(client.goawayCode).toBe(ENHANCE_YOUR_CALM)
    expect(exchanges.all.length).toBeLessThan(260)
    expect(exchanges.all.every(({ reply }) => reply.gone)).toBe(true)
    expect(refusals).toEqual([{ status: 0, failure: { kind: 'flood' }, remoteAddress: '127.0.0.1' }])
  })

  test('of requests that are reset while they are served ends the connection', async () => {
    const exchanges = new Exchanges()
    const { connectHttp2: connect, refusals } = await openHttp2Front(exchanges.take)
    const client = await connect()
    for (const stream of streams(400)) {
      if (client.ended) break
      client.send(headers(stream, request('GET', '/')))
      const before = exchanges.all.length
      await Promise.race([exchanges.next(before), client.untilEnded()])
      client.send(reset(stream))
    }
    await client.untilEnded()
    expect(client.goawayCode).toBe(ENHANCE_YOUR_CALM)
    expect(exchanges.all.length).toBeLessThan(260)
    expect(exchanges.all.every(({ reply }) => reply.gone)).toBe(true)
    expect(refusals).toHaveLength(1)
  })

  test('of requests that the front must reset ends the connection (CVE-2025-8671)', async () => {
    const exchanges = new Exchanges()
    const { connectHttp2: connect } = await openHttp2Front(exchanges.take)
    const client = await connect()
    client.send(...streams(400).flatMap((stream) => [headers(stream, request('GET', '/')), windowUpdate(stream, 0)]))
    await client.untilEnded()
    expect(client.goawayCode).toBeGreaterThan(0)
    expect(exchanges.all.length).toBeLessThan(260)
  })

  test.each([
    ['PRIORITY', frame(FrameType.priority, 0, 9, Buffer.alloc(5))],
    ['WINDOW_UPDATE', windowUpdate(0, 1)],
    ['SETTINGS', settings()],
    ['PING', frame(FrameType.ping, 0, 0, Buffer.alloc(8))],
    ['unknown', frame(0xee, 0, 0, '')],
    ['empty DATA', headers(1, request('POST', '/'), END_HEADERS)],
  ])('of %s frames ends the connection', async (name, one) => {
    const { connectHttp2: connect, refusals } = await openHttp2Front(() => undefined, { idleTimeoutMs: 2_000 })
    const client = await connect()
    const repeated = name === 'empty DATA' ? data(1, '', 0) : one
    client.send(one, Buffer.alloc(Math.ceil(3_000_000 / repeated.length) * repeated.length, repeated))
    await client.untilEnded()
    expect(client.goawayCode).toBe(ENHANCE_YOUR_CALM)
    expect(refusals).toHaveLength(1)
  })

  test('of requests gets no more than 100 at a time', async () => {
    const exchanges = new Exchanges()
    const { connectHttp2: connect } = await openHttp2Front(exchanges.take)
    const client = await connect()
    client.send(...streams(150).map((stream) => headers(stream, request('GET', '/'))))
    await client.until(() => client.resetCode(299) !== undefined)
    expect(exchanges.all).toHaveLength(100)
    expect(client.resetCode(201)).toBe(REFUSED_STREAM)
    for (const exchange of exchanges.all) say(exchange, 'served')
    await client.untilOver(199)
    client.send(headers(301, request('GET', '/')))
    say(await exchanges.next(100), 'again')
    await client.untilOver(301)
    expect(client.body(301)).toBe('again')
  })

  test('of uploads that nobody reads costs bounded memory', async () => {
    const exchanges = new Exchanges()
    const { connectHttp2: connect } = await openHttp2Front(exchanges.take)
    const before = process.memoryUsage().rss
    const client = await connect()
    const part = Buffer.alloc(13_000)
    for (const stream of streams(100)) {
      client.send(
        headers(stream, request('POST', '/'), END_HEADERS),
        ...Array.from({ length: 6 }, () => data(stream, part, 0)),
      )
    }
    await exchanges.next(99)
    // The window of the connection is given back, those of the streams are not.
    await client.until(() => client.of(0, FrameType.windowUpdate).length > 1)
    expect(client.frames.filter(({ type, stream }) => type === FrameType.windowUpdate && stream > 0)).toEqual([])
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000)
    for (const exchange of exchanges.all) say(exchange, 'enough')
    await client.until(() => streams(100).every((stream) => client.resetCode(stream) === 0))
  })
})

describe('a connection that HTTP/2 broke', () => {
  test('leaves no descriptor, also when a thousand clients do it', async () => {
    const { front } = await openHttp2Front(() => undefined, { headTimeoutMs: 1_000 })
    const bad = [
      headers(1, Buffer.of(0x80)),
      frame(FrameType.headers, 5, 1, Buffer.alloc(16_385)),
      data(1, 'on an idle stream'),
      frame(FrameType.settings, 0, 0, Buffer.alloc(5)),
    ]
    for (let i = 0; i < 10; i++) {
      const clients = await Promise.all(Array.from({ length: 100 }, () => connectHttp2(front.port)))
      clients.forEach((client, n) => {
        client.send(PREFACE, settings(), bad[n % bad.length] ?? Buffer.alloc(0))
      })
      await Promise.all(clients.map((client) => client.until(() => client.goawayCode !== undefined)))
      for (const client of clients) client.destroy()
    }
    await expect.poll(() => front.connections, { timeout: 15_000 }).toBe(0)
  })
})
