import { describe, expect, test } from 'vitest'
import { BodyTooSlow } from '../../src/http/exchange.ts'
import { ACK, data, END_HEADERS, frame, FrameType, headers, request } from '../support/http2/frames.ts'
import { connectHttp2 } from '../support/http2/raw-http2.ts'
import { CollectingSink, Exchanges, head, say } from './fixtures.ts'
import { openHttp2Front } from './http2-fixtures.ts'

const CANCEL = 8
const NO_ERROR = 0

describe('the time limits of HTTP/2', () => {
  test('end a connection that says nothing', async () => {
    const { front } = await openHttp2Front(() => undefined, { headTimeoutMs: 200 })
    const client = await connectHttp2(front.port)
    await client.untilEnded()
    await expect.poll(() => front.connections).toBe(0)
    client.destroy()
  })

  test('end an idle connection with GOAWAY NO_ERROR', async () => {
    const exchanges = new Exchanges()
    const { connectHttp2: connect, front } = await openHttp2Front(exchanges.take, { idleTimeoutMs: 200 })
    const client = await connect()
    client.send(headers(1, request('GET', '/')))
    say(await exchanges.next(), 'answer')
    await client.untilEnded()
    expect(client.body(1)).toBe('answer')
    expect(client.goawayCode).toBe(NO_ERROR)
    client.destroy()
    await expect.poll(() => front.connections).toBe(0)
  })

  test('do not end a connection whose answer is under way', async () => {
    const exchanges = new Exchanges()
    const limits = { idleTimeoutMs: 300, headTimeoutMs: 300, writeTimeoutMs: 300 }
    const { connectHttp2: connect } = await openHttp2Front(exchanges.take, limits)
    const client = await connect()
    client.send(headers(1, request('GET', '/')))
    const exchange = await exchanges.next()
    // The end of an idle connection that began later shows that the limits have passed.
    await (await connect()).untilEnded()
    say(exchange, 'late')
    await client.untilOver(1)
    expect(client.body(1)).toBe('late')
  })

  test('end a connection that does not answer a PING', async () => {
    const exchanges = new Exchanges()
    const { connectHttp2: connect } = await openHttp2Front(exchanges.take, { headTimeoutMs: 200 })
    const client = await connect()
    client.isSilent = true
    client.send(headers(1, request('GET', '/')))
    const exchange = await exchanges.next()
    const gone = new Promise<void>((resolve) => {
      exchange.reply.onGone(resolve)
    })
    await client.untilEnded()
    await gone
    expect(client.of(0, FrameType.ping)).toHaveLength(1)
  })

  test('fail a body that comes too slowly', async () => {
    const exchanges = new Exchanges()
    const limits = { minBodyRate: 1_000, minBodyRateGraceMs: 200 }
    const { connectHttp2: connect } = await openHttp2Front(exchanges.take, limits)
    const client = await connect()
    client.send(headers(1, request('POST', '/'), END_HEADERS), data(1, 'a', 0))
    const sink = new CollectingSink()
    ;(await exchanges.next()).body?.into(sink)
    expect(await sink.over).toBeInstanceOf(BodyTooSlow)
  })

  test('reset a stream whose client does not read, and leave the others', async () => {
    const exchanges = new Exchanges()
    const { connectHttp2: connect } = await openHttp2Front(exchanges.take, { writeTimeoutMs: 300 })
    const client = await connect([4, 0])
    client.send(headers(1, request('GET', '/unread')), headers(3, request('GET', '/slow')))
    const unread = await exchanges.next(0)
    const gone = new Promise<void>((resolve) => {
      unread.reply.onGone(resolve)
    })
    unread.reply.begin(head(200)).write(Buffer.alloc(100_000))
    await client.until(() => client.resetCode(1) !== undefined)
    expect(client.resetCode(1)).toBe(CANCEL)
    await gone
    const other = await exchanges.next(1)
    other.reply.begin(head(204)).end()
    await client.untilOver(3)
    expect(client.statuses(3)).toEqual(['204'])
  })
})

describe('a front of HTTP/2 that stops', () => {
  test('lets the requests under way finish, and takes no further one', async () => {
    const exchanges = new Exchanges()
    const { connectHttp2: connect, front } = await openHttp2Front(exchanges.take)
    const client = await connect()
    client.send(headers(1, request('GET', '/')), headers(3, request('POST', '/'), END_HEADERS), data(3, 'first ', 0))
    const [first, second] = [await exchanges.next(0), await exchanges.next(1)]
    const sink = new CollectingSink()
    second.body?.into(sink)
    await front.stopAccepting()
    await client.until(() => client.goawayCode !== undefined)
    expect(client.goawayCode).toBe(NO_ERROR)
    client.send(headers(5, request('GET', '/late')), data(3, 'second'))
    expect(await sink.over).toBe('end')
    expect(sink.received).toBe('first second')
    say(first, 'answer 1')
    say(second, 'answer 2')
    await client.untilEnded()
    expect([client.body(1), client.body(3)]).toEqual(['answer 1', 'answer 2'])
    expect(exchanges.all).toHaveLength(2)
    client.destroy()
    await front.closed()
  })

  test('takes what a client had sent before it read the GOAWAY, and then names the last stream', async () => {
    const exchanges = new Exchanges()
    const { connectHttp2: connect, front } = await openHttp2Front(exchanges.take)
    const client = await connect()
    client.send(headers(1, request('GET', '/')))
    const first = await exchanges.next(0)
    client.isSilent = true
    await front.stopAccepting()
    const lastStreams = (): number[] => client.of(0, FrameType.goaway).map(({ payload }) => payload.readUInt32BE())
    const pings = (): Buffer[] => client.of(0, FrameType.ping).map(({ payload }) => payload)
    await client.until(() => pings().length === 1)
    expect(lastStreams()).toEqual([0x7fffffff])
    client.send(headers(3, request('GET', '/on-its-way')), frame(FrameType.ping, ACK, 0, pings()[0] ?? Buffer.alloc(0)))
    const second = await exchanges.next(1)
    await client.until(() => lastStreams().length === 2)
    expect(lastStreams()[1]).toBe(3)
    client.send(headers(5, request('GET', '/late')))
    say(first, 'answer 1')
    say(second, 'answer 2')
    await client.untilEnded()
    expect([client.body(1), client.body(3)]).toEqual(['answer 1', 'answer 2'])
    expect(exchanges.all).toHaveLength(2)
    client.destroy()
    await front.closed()
  })

  test('ends idle connections with GOAWAY, after one more request if it comes before', async () => {
    const exchanges = new Exchanges()
    const { connectHttp2: connect, front } = await openHttp2Front(exchanges.take)
    const [busy, idle] = [await connect(), await connect()]
    for (const [i, client] of [busy, idle].entries()) {
      client.send(headers(1, request('GET', '/')))
      say(await exchanges.next(i), 'answer')
      await client.untilOver(1)
    }
    await front.stopAccepting()
    busy.send(headers(3, request('GET', '/')))
    say(await exchanges.next(2), 'last')
    await busy.untilEnded()
    expect(busy.body(3)).toBe('last')
    await front.closeIdle()
    await idle.untilEnded()
    expect([busy.goawayCode, idle.goawayCode]).toEqual([NO_ERROR, NO_ERROR])
    busy.destroy()
    idle.destroy()
    await front.closed()
  })

  test('for good ends every connection at once', async () => {
    const exchanges = new Exchanges()
    const { connectHttp2: connect, front } = await openHttp2Front(exchanges.take)
    const client = await connect()
    client.send(headers(1, request('GET', '/')))
    const exchange = await exchanges.next()
    front.destroy()
    await front.closed()
    expect(exchange.reply.gone).toBe(true)
  })

  test('a connection ends with GOAWAY after 10,000 requests', async () => {
    const exchanges = new Exchanges()
    const { connectHttp2: connect } = await openHttp2Front((exchange) => {
      exchanges.take(exchange)
      exchange.reply.begin(head(204)).end()
    })
    const client = await connect()
    for (let i = 0; i < 10_000; i += 50) {
      const streams = Array.from({ length: 50 }, (_none, n) => 2 * (i + n) + 1)
      client.send(...streams.map((stream) => headers(stream, request('GET', '/'))))
      await client.until(() => streams.every((stream) => client.isOver(stream)))
      client.forgetStreams()
    }
    await client.untilEnded()
    expect(client.goawayCode).toBe(NO_ERROR)
    expect(exchanges.all).toHaveLength(10_000)
  })
})
