import { describe, expect, test } from 'vitest'
import { data, END_HEADERS, FrameType, headers, request, reset } from '../support/http2/frames.ts'
import { CollectingSink, Exchanges, say } from './fixtures.ts'
import { openHttp2Front } from './http2-fixtures.ts'

describe('requests over HTTP/2', () => {
  test('come with their fields in order, the host first, cookies joined', async () => {
    const exchanges = new Exchanges()
    const { connectHttp2, front } = await openHttp2Front(exchanges.take)
    const client = await connectHttp2()
    const fields = [
      ['cookie', 'a=1'],
      ['x-b', '2'],
      ['cookie', 'b=2'],
      ['x-b', '\xfc'],
    ] as const
    client.send(headers(1, request('GET', '/a/%2e%2e/B%2Fc?q=1?&%zz', ...fields)))
    const exchange = await exchanges.next()
    const seen: string[] = []
    exchange.headers.each((name, value) => seen.push(name, value))
    expect(seen).toEqual(['host', 'a', 'cookie', 'a=1; b=2', 'x-b', '2', 'x-b', '\xfc'])
    expect(exchange).toMatchObject({
      method: 'GET',
      target: '/B%2Fc?q=1?&%zz',
      path: '/B/c',
      host: 'a',
      httpVersion: '2',
      body: undefined,
      upgrade: undefined,
    })
    expect(exchange.connection).toMatchObject({ scheme: 'http', localPort: front.port, remoteAddress: '127.0.0.1' })
    say(exchange, 'seen')
    await client.untilOver(1)
    expect(client.statuses(1)).toEqual(['200'])
    expect(client.body(1)).toBe('seen')
  })

  test('whose bodies are taken as they come get a larger window, and no others do', async () => {
    const exchanges = new Exchanges()
    const { connectHttp2 } = await openHttp2Front(exchanges.take)
    const client = await connectHttp2()
    const part = Buffer.alloc(16_000, 'x')
    const granted = (stream: number): number =>
      client.of(stream, FrameType.windowUpdate).reduce((sum, { payload }) => sum + payload.readUInt32BE(), 0)
    for (const stream of [1, 3]) client.send(headers(stream, request('POST', '/'), END_HEADERS))
    const [taken, left] = [await exchanges.next(0), await exchanges.next(1)]
    const sink = new CollectingSink()
    taken.body?.into(sink)
    for (const stream of [3, 1]) client.send(...Array.from({ length: 5 }, () => data(stream, part, 0)))
    // More than it has sent.
    await client.until(() => granted(1) > 80_000)
    expect(granted(3)).toBe(0)
    client.send(...Array.from({ length: 5 }, () => data(1, part, 0)), data(1, 'end'))
    expect(await sink.over).toBe('end')
    expect(sink.received.length).toBe(160_003)
    for (const exchange of [taken, left]) say(exchange, 'enough')
    await client.untilOver(3)
  })

  test('are served side by side, and answered as they are ready', async () => {
    const exchanges = new Exchanges()
    const { connectHttp2 } = await openHttp2Front(exchanges.take)
    const client = await connectHttp2()
    client.send(headers(1, request('GET', '/1')), headers(3, request('GET', '/2')))
    const [first, second] = [await exchanges.next(0), await exchanges.next(1)]
    say(second, 'second')
    await client.untilOver(3)
    expect(client.isOver(1)).toBe(false)
    say(first, 'first')
    await client.untilOver(1)
    expect([client.body(1), client.body(3)]).toEqual(['first', 'second'])
  })

  test('have a body with its length and its trailers', async () => {
    const exchanges = new Exchanges()
    const { connectHttp2 } = await openHttp2Front(exchanges.take)
    const client = await connectHttp2()
    client.send(headers(1, request('POST', '/', ['content-length', '11']), END_HEADERS), data(1, 'hello ', 0))
    const exchange = await exchanges.next()
    expect(exchange.body?.length).toBe(11)
    const sink = new CollectingSink()
    exchange.body?.into(sink)
    const trailers = Buffer.concat([Buffer.of(0, 5), Buffer.from('x-end'), Buffer.of(3), Buffer.from('yes')])
    client.send(data(1, 'world', 0), headers(1, trailers))
    expect(await sink.over).toBe('end')
    expect(sink.received).toBe('hello world')
    expect(sink.trailers).toEqual(['x-end', 'yes'])
  })

  test('with Expect: 100-continue get the 100 when the body is wanted', async () => {
    const exchanges = new Exchanges()
    const { connectHttp2 } = await openHttp2Front(exchanges.take)
    const client = await connectHttp2()
    client.send(headers(1, request('POST', '/', ['expect', '100-continue']), END_HEADERS))
    const exchange = await exchanges.next()
    expect(client.statuses(1)).toEqual([])
    const sink = new CollectingSink()
    exchange.body?.into(sink)
    await client.until(() => client.statuses(1).length === 1)
    expect(client.statuses(1)).toEqual(['100'])
    client.send(data(1, 'x'))
    expect(await sink.over).toBe('end')
    say(exchange, 'thanks')
    await client.untilOver(1)
    expect(client.statuses(1)).toEqual(['100', '200'])
  })

  test.each([
    ['NO_ERROR', 0],
    ['CANCEL', 8],
  ])('that the client resets with %s in the middle of a body never end', async (_name, code) => {
    const exchanges = new Exchanges()
    const { connectHttp2 } = await openHttp2Front(exchanges.take)
    const client = await connectHttp2()
    client.send(headers(1, request('POST', '/'), END_HEADERS), data(1, 'part', 0))
    const exchange = await exchanges.next()
    const gone = new Promise<void>((resolve) => {
      exchange.reply.onGone(resolve)
    })
    const sink = new CollectingSink()
    exchange.body?.into(sink)
    client.send(reset(1, code))
    expect(await sink.over).toBeInstanceOf(Error)
    await gone
    expect(exchange.reply.gone).toBe(true)
  })

  test('of a HEAD that is reset with NO_ERROR in the middle of its body never end', async () => {
    const exchanges = new Exchanges()
    const { connectHttp2 } = await openHttp2Front(exchanges.take)
    const client = await connectHttp2()
    client.send(headers(1, request('HEAD', '/'), END_HEADERS), data(1, 'part', 0))
    const sink = new CollectingSink()
    ;(await exchanges.next()).body?.into(sink)
    client.send(reset(1, 0))
    expect(await sink.over).toBeInstanceOf(Error)
  })

  test('of a HEAD that is reset with NO_ERROR before its body is read are over, and a late answer is dropped', async () => {
    const exchanges = new Exchanges()
    const { connectHttp2 } = await openHttp2Front(exchanges.take)
    const client = await connectHttp2()
    client.send(headers(1, request('HEAD', '/'), END_HEADERS), data(1, 'part', 0))
    const { reply } = await exchanges.next()
    const gone = new Promise<void>((resolve) => {
      reply.onGone(resolve)
    })
    client.send(reset(1, 0), headers(3, request('GET', '/')))
    const next = await exchanges.next(1)
    reply.begin({ status: 200, reason: '', headers: [] }).end()
    await gone
    say(next, 'answer')
    await client.untilOver(3)
    expect(client.body(3)).toBe('answer')
  })

  test('end with the connection, and their application learns it', async () => {
    const exchanges = new Exchanges()
    const { connectHttp2 } = await openHttp2Front(exchanges.take)
    const client = await connectHttp2()
    client.send(headers(1, request('GET', '/')))
    const exchange = await exchanges.next()
    const gone = new Promise<void>((resolve) => {
      exchange.reply.onGone(resolve)
    })
    client.destroy()
    await gone
  })
})
