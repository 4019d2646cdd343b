import { describe, expect, test } from 'vitest'
import { BodyMalformed, BodyTooLarge, BodyTooSlow, ClientGone } from '../../src/http/exchange.ts'
import { engines, tlsEngines } from './engines.ts'
import { CollectingSink, Exchanges, head, openFront, say } from './fixtures.ts'

const POST = 'POST / HTTP/1.1\r\nHost: a\r\n'

describe.each([...engines, ...tlsEngines])('request bodies through the front of $name', (engine) => {
  test('come whole, with their length', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send(`${POST}Content-Length: 11\r\n\r\nhello `)
    const exchange = await exchanges.next()
    expect(exchange.body?.length).toBe(11)
    const sink = new CollectingSink()
    exchange.body?.into(sink)
    client.send('world')
    expect(await sink.over).toBe('end')
    expect(sink.received).toBe('hello world')
  })

  test('in chunks come without their framing, with their trailers', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send(
      `${POST}Transfer-Encoding: Chunked\r\n\r\n5;a=b\r\nhello\r\n01\r\n \r\n5\r\nworld\r\n0\r\nX-End: yes\r\n\r\n`,
    )
    const exchange = await exchanges.next()
    expect(exchange.body).toMatchObject({ length: undefined })
    const sink = new CollectingSink()
    exchange.body?.into(sink)
    expect(await sink.over).toBe('end')
    expect(sink.received).toBe('hello world')
    expect(sink.trailers).toEqual(['X-End', 'yes'])
  })

  test('are none when the length is 0', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send(`${POST}Content-Length: 0\r\n\r\n`)
    expect((await exchanges.next()).body).toBeUndefined()
  })

  test('are not read while the sink is full', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    const size = 32 * 1024 * 1024
    client.send(`${POST}Content-Length: ${String(size)}\r\n\r\n`)
    const exchange = await exchanges.next()
    const sink = new CollectingSink()
    sink.full = true
    exchange.body?.into(sink)
    client.socket.write(Buffer.alloc(size))
    await new Promise((resolve) => setTimeout(resolve, 100))
    const held = sink.bytes
    expect(held).toBeLessThan(1024 * 1024)
    expect(client.socket.writableLength).toBeGreaterThan(0)
    sink.drain()
    expect(await sink.over).toBe('end')
    expect(sink.bytes).toBe(size)
  })

  test('above their limit fail: at once by their length, or as soon as they have passed it', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const [announced, chunked] = [await connect(), await connect()]

    announced.send(`${POST}Content-Length: 11\r\n\r\n`)
    const first = new CollectingSink()
    const { body } = await exchanges.next(0)
    body?.limit(10)
    body?.into(first)
    expect(await first.over).toBeInstanceOf(BodyTooLarge)
    expect(first.bytes).toBe(0)

    chunked.send(`${POST}Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n`)
    const second = new CollectingSink()
    const exchange = await exchanges.next(1)
    exchange.body?.limit(10)
    exchange.body?.into(second)
    chunked.send('1\r\nx\r\n')
    expect(await second.over).toBeInstanceOf(BodyTooLarge)
    expect(second.bytes).toBe(10)
  })

  test('of exactly their limit pass', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send(`${POST}Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n`)
    const { body } = await exchanges.next()
    const sink = new CollectingSink()
    body?.limit(10)
    body?.into(sink)
    expect(await sink.over).toBe('end')
  })

  test.each([
    ['an end', 'end' as const],
    ['a reset', 'reset' as const],
  ])('cut short by %s of the client fail, and the exchange learns that it has gone', async (_what, how) => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send(`${POST}Transfer-Encoding: chunked\r\n\r\n5\r\nhel`)
    const exchange = await exchanges.next()
    const sink = new CollectingSink()
    const gone = new Promise<void>((resolve) => {
      exchange.reply.onGone(resolve)
    })
    exchange.body?.into(sink)
    client[how]()
    expect(await sink.over).toBeInstanceOf(ClientGone)
    await gone
    expect(exchange.reply.gone).toBe(true)
  })

  test.each([
    ['while they are read', true],
    ['before anybody reads them', false],
  ])('with broken framing fail %s', async (_when, early) => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send(`${POST}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`)
    const exchange = await exchanges.next()
    const sink = new CollectingSink()
    if (early) exchange.body?.into(sink)
    client.send('+5\r\nworld\r\n0\r\n\r\n')
    if (!early) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      exchange.body?.into(sink)
    }
    expect(await sink.over).toBeInstanceOf(BodyMalformed)
    say(exchange, 'that was no body')
    expect(await client.untilEnded()).toMatch(/Connection: close\r\n[^]*that was no body$/)
    expect(exchanges.all).toHaveLength(1)
  })

  test.each([
    'Connection: close',
    'proxy-connection: x',
    'Content-Length: 5',
  ])('with the trailer %s fail, and nothing behind them is read', async (trailer) => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send(`${POST}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`)
    const exchange = await exchanges.next()
    const sink = new CollectingSink()
    exchange.body?.into(sink)
    client.send(`0\r\n${trailer}\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n`)
    expect(await sink.over).toBeInstanceOf(BodyMalformed)
    say(exchange, 'that was no body')
    expect(await client.untilEnded()).toMatch(/Connection: close\r\n[^]*that was no body$/)
    expect(exchanges.all).toHaveLength(1)
  })

  test('that come below the minimum rate fail', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take, { minBodyRate: 1_000_000, minBodyRateGraceMs: 50 })
    const client = await connect()
    client.send(`${POST}Content-Length: 1000\r\n\r\nx`)
    const sink = new CollectingSink()
    ;(await exchanges.next()).body?.into(sink)
    expect(await sink.over).toBeInstanceOf(BodyTooSlow)
  })

  test('that wait for a full sink do not count as slow', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take, { minBodyRate: 1_000_000, minBodyRateGraceMs: 20 })
    const client = await connect()
    client.send(`${POST}Content-Length: 5\r\n\r\nhel`)
    const sink = new CollectingSink()
    sink.full = true
    ;(await exchanges.next()).body?.into(sink)
    await new Promise((resolve) => setTimeout(resolve, 200))
    client.send('lo')
    sink.drain()
    expect(await sink.over).toBe('end')
  })

  test('that are not wanted do not hold up the response, and are read to their end when they are small', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send(`${POST}Content-Length: 1000\r\n\r\n`)
    say(await exchanges.next(), 'no, thank you')
    await client.until('no, thank you')
    client.send(`${'x'.repeat(1000)}GET /next HTTP/1.1\r\nHost: a\r\n\r\n`)
    expect((await exchanges.next(1)).target).toBe('/next')
  })

  test('that are not wanted end the connection when they are large, and the response still arrives', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send(`${POST}Content-Length: 4000000\r\n\r\n`)
    client.send('x'.repeat(4_000_000))
    say(await exchanges.next(), 'no, thank you')
    expect(await client.untilEnded()).toMatch(/Connection: close\r\n[^]*no, thank you$/)
    expect(client.ending).toBe('end')
  })

  test('with Expect: 100-continue get their 100 when they are wanted, and not before', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send(`${POST}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`)
    const exchange = await exchanges.next()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(client.received).toBe('')
    const sink = new CollectingSink()
    exchange.body?.into(sink)
    await client.until('HTTP/1.1 100 Continue\r\n\r\n')
    client.send('hello')
    expect(await sink.over).toBe('end')
    say(exchange, 'got it')
    expect(await client.until('got it')).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /)
  })

  test('with Expect: 100-continue that are not wanted get their response without a 100, and the connection ends', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send(`${POST}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`)
    say(await exchanges.next(), 'not here')
    expect(await client.untilEnded()).toMatch(/^HTTP\/1\.1 200 [^]*Connection: close\r\n[^]*not here$/)
  })

  test('with Expect: 100-continue that are wanted after their response has begun get no 100', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send(`${POST}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`)
    const { body, reply } = await exchanges.next()
    const sink = reply.begin(head(200, 'Content-Length', '10'))
    sink.write(Buffer.from('begun'))
    body?.into(new CollectingSink())
    sink.write(Buffer.from('ended'))
    sink.end()
    expect(await client.until('ended')).toMatch(/^HTTP\/1\.1 200 [^]*begunended$/)
  })
})
