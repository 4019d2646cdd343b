import { describe, expect, test } from 'vitest'
import { END_HEADERS, END_STREAM, FrameType, frame, headers, data, request, uint32 } from '../support/http2/frames.ts'
import { Exchanges, head, say } from './fixtures.ts'
import { openHttp2Front } from './http2-fixtures.ts'

describe('responses over HTTP/2', () => {
  test('have their fields, without those of a connection, and repeated ones', async () => {
    const exchanges = new Exchanges()
    const { connectHttp2 } = await openHttp2Front(exchanges.take)
    const client = await connectHttp2()
    client.send(headers(1, request('GET', '/')))
    const { reply } = await exchanges.next()
    const odd = ['Connection', 'x', 'Keep-Alive', '5', 'ETag', '"1"', 'etag', '"2"', '__proto__', 'y', 'X-Blank', ' z ']
    reply.begin(head(200, ...odd, 'Set-Cookie', 'a=1', 'set-cookie', 'b=2', 'Content-Length', '0')).end()
    await client.untilOver(1)
    expect(client.statuses(1)).toEqual(['200'])
  })

  test('are one frame when they have no body', async () => {
    const exchanges = new Exchanges()
    const { connectHttp2 } = await openHttp2Front(exchanges.take)
    const client = await connectHttp2()
    client.send(headers(1, request('GET', '/')))
    const { reply } = await exchanges.next()
    reply.begin(head(200, 'grpc-status', '5')).end()
    await client.untilOver(1)
    expect(client.of(1).map(({ type, flags }) => [type, flags])).toEqual([
      [FrameType.headers, END_HEADERS | END_STREAM],
    ])
  })

  test('to HEAD have no body', async () => {
    const exchanges = new Exchanges()
    const { connectHttp2 } = await openHttp2Front(exchanges.take)
    const client = await connectHttp2()
    client.send(headers(1, request('HEAD', '/')))
    say(await exchanges.next(), 'unseen')
    await client.untilOver(1)
    expect(client.body(1)).toBe('')
  })

  test.each([204, 205, 304])('of status %i have no body', async (status) => {
    const exchanges = new Exchanges()
    const { connectHttp2 } = await openHttp2Front(exchanges.take)
    const client = await connectHttp2()
    client.send(headers(1, request('GET', '/')))
    const sink = (await exchanges.next()).reply.begin(head(status, 'Content-Length', '3'))
    sink.write(Buffer.from('abc'))
    sink.end()
    await client.untilOver(1)
    expect(client.statuses(1)).toEqual([String(status)])
    expect(client.body(1)).toBe('')
  })

  test('send interim heads, their head before the first bytes, and trailers', async () => {
    const exchanges = new Exchanges()
    const { connectHttp2 } = await openHttp2Front(exchanges.take)
    const client = await connectHttp2()
    client.send(headers(1, request('GET', '/')))
    const { reply } = await exchanges.next()
    reply.inform(head(103, 'Link', '</a>'))
    const sink = reply.begin(head(200, 'Trailer', 'x-t'))
    await client.until(() => client.statuses(1).length === 2)
    expect(client.of(1, FrameType.data)).toHaveLength(0)
    sink.write(Buffer.from('body'))
    sink.end(['X-T', 'v'])
    await client.untilOver(1)
    expect(client.statuses(1)).toEqual(['103', '200'])
    expect(client.body(1)).toBe('body')
    expect(client.of(1).at(-1)).toMatchObject({ type: FrameType.headers, flags: END_HEADERS | END_STREAM })
    expect(client.of(1).at(-1)?.payload.toString('latin1')).toContain('x-t')
  })

  test.each([
    ['shorter', 'abc'],
    ['longer', 'abcdef'],
  ])('that are %s than their Content-Length are reset', async (_how, body) => {
    const exchanges = new Exchanges()
    const { connectHttp2 } = await openHttp2Front(exchanges.take)
    const client = await connectHttp2()
    client.send(headers(1, request('GET', '/')))
    const sink = (await exchanges.next()).reply.begin(head(200, 'Content-Length', '5'))
    sink.write(Buffer.from(body))
    sink.end()
    await client.untilOver(1)
    expect(client.resetCode(1)).toBe(2)
    expect(client.of(1).some(({ flags, type }) => type <= 1 && (flags & END_STREAM) !== 0)).toBe(false)
  })

  test('that are aborted are reset, never ended', async () => {
    const exchanges = new Exchanges()
    const { connectHttp2 } = await openHttp2Front(exchanges.take)
    const client = await connectHttp2()
    client.send(headers(1, request('GET', '/')))
    const { reply } = await exchanges.next()
    const sink = reply.begin(head(200))
    sink.write(Buffer.from('part'))
    await client.until(() => client.body(1) === 'part')
    reply.abort()
    await client.untilOver(1)
    expect(client.resetCode(1)).toBe(2)
  })

  test('before the end of the request come whole, and then the client is asked to stop', async () => {
    const exchanges = new Exchanges()
    const { connectHttp2 } = await openHttp2Front(exchanges.take)
    const client = await connectHttp2()
    client.send(headers(1, request('POST', '/'), END_HEADERS), data(1, 'part', 0))
    say(await exchanges.next(), 'enough')
    await client.until(() => client.resetCode(1) !== undefined)
    expect(client.body(1)).toBe('enough')
    expect(client.resetCode(1)).toBe(0)
  })

  test('before the end of the request come before the reset, which waits until the client has read them', async () => {
    const exchanges = new Exchanges()
    const { connectHttp2 } = await openHttp2Front(exchanges.take)
    const client = await connectHttp2()
    client.isSilent = true
    client.send(headers(1, request('POST', '/'), END_HEADERS), data(1, 'part', 0))
    say(await exchanges.next(), 'enough')
    await client.until(() => client.of(0, FrameType.ping).length === 1)
    expect(client.body(1)).toBe('enough')
    expect(client.resetCode(1)).toBeUndefined()
    client.send(frame(FrameType.ping, 1, 0, client.of(0, FrameType.ping)[0]?.payload))
    await client.until(() => client.resetCode(1) === 0)
  })

  test('wait for the window of their client', async () => {
    const exchanges = new Exchanges()
    const { connectHttp2 } = await openHttp2Front(exchanges.take)
    const client = await connectHttp2([4, 10])
    client.send(headers(1, request('GET', '/')))
    const sink = (await exchanges.next()).reply.begin(head(200, 'Content-Length', '100000'))
    sink.write(Buffer.alloc(50_000))
    expect(sink.write(Buffer.alloc(50_000))).toBe(false)
    const drained = new Promise<void>((resolve) => {
      sink.onDrain(resolve)
    })
    await client.until(() => client.body(1).length === 10)
    client.send(
      frame(FrameType.windowUpdate, 0, 0, uint32(100_000)),
      frame(FrameType.windowUpdate, 0, 1, uint32(100_000)),
    )
    await drained
    sink.end()
    await client.untilOver(1)
    expect(client.body(1)).toHaveLength(100_000)
  })
})
