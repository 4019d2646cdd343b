import { describe, expect, test } from 'vitest'
import { BodyTooLarge, ClientGone } from '../../src/http/exchange.ts'
import { OK } from '../support/recorder.ts'
import { engines } from './engines.ts'
import { openApp, openPipeline } from './fixtures.ts'

const GET = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'
const POST = 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody'

describe.each(engines)('failures reported by $name', (engine) => {
  test('nobody listens: connect, application, 502', async () => {
    // A port that was free a moment ago could be the front's own now; port 1 is nobody's.
    const { connect, delivery } = await openPipeline(engine, 1)
    const client = await connect()
    client.send(GET)
    expect(await client.until('</html>')).toMatch(/^HTTP\/1\.1 502 [^]*502\.3/)
    expect(await delivery()).toMatchObject({ failure: { kind: 'connect', side: 'application', started: false } })
  })

  test.each([
    ['an end', 'end' as const],
    ['a reset', 'reset' as const],
  ])('%s instead of a response: await-response, application, 502', async (_what, how) => {
    const app = await openApp((_request, connection) => {
      connection[how]()
    })
    const { connect, delivery } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(POST)
    await client.until('HTTP/1.1 502')
    expect(await delivery()).toMatchObject({ failure: { kind: 'await-response', side: 'application', started: false } })
    expect(app.requests).toHaveLength(1)
  })

  test.each([
    ['no HTTP', 'SSH-2.0-x\r\n\r\n'],
    ['a length and chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nokk'],
    ['a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok'],
    ['a coding that we do not read', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
    ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a NUL in a field', 'HTTP/1.1 200 OK\r\nX: \0\r\nContent-Length: 2\r\n\r\nok'],
    ['a folded field', 'HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok'],
    ['bare line feeds', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok'],
    ['a head of 70 KB', `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(70_000)}\r\nContent-Length: 2\r\n\r\nok`],
    ['an unknown version', 'HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['a status below 100', 'HTTP/1.1 099 Odd\r\nContent-Length: 2\r\n\r\nok'],
    ['interim heads without end', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100)],
    ['another protocol, unasked', 'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nframes'],
    ['101 without a protocol', 'HTTP/1.1 101 Switching\r\n\r\nframes'],
  ])('%s as a response: 502, and the next request gets its own answer', async (_what, bytes) => {
    const app = await openApp((request, connection) => {
      connection.send(request.target === '/' ? bytes : OK)
    })
    const { connect, delivery } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(GET)
    expect((await client.until('</html>')).replace(/HTTP\/1\.1 103 Early Hints\r\n\r\n/g, '')).toMatch(
      /^HTTP\/1\.1 502 /,
    )
    expect(await delivery()).toMatchObject({ outcome: 'failed', failure: { side: 'application', started: false } })
    client.send('GET /next HTTP/1.1\r\nHost: h\r\n\r\n')
    await client.until(/200 OK[^]*ok$/)
    expect(app.connections).toHaveLength(2)
  })

  test('a pairing token with a line break: nothing is sent', async () => {
    const app = await openApp()
    const { connect, delivery } = await openPipeline(engine, app.port, { token: 'a\r\nX-Forged: b' })
    const client = await connect()
    client.send(GET)
    await client.until('HTTP/1.1 502')
    expect(await delivery()).toMatchObject({ failure: { kind: 'connect', side: 'application', started: false } })
    expect(app.connections).toHaveLength(0)
  })

  test('a head of 60 KB is taken', async () => {
    const app = await openApp((_request, connection) => {
      connection.send(`HTTP/1.1 200 OK\r\nX: ${'y'.repeat(60_000)}\r\nContent-Length: 2\r\n\r\nok`)
    })
    const { connect } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(GET)
    await client.until(/y\r\n[^]*ok$/)
  })

  test.each([
    ['with a length', 'Content-Length: 10\r\n\r\nhalf', 'end' as const],
    ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n', 'end' as const],
    ['in chunks, by a reset', 'Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n', 'reset' as const],
    ['in broken chunks', 'Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n', 'garbage' as const],
  ])('a response cut short %s: the client is reset', async (_what, rest, how) => {
    const app = await openApp()
    const { connect, delivery } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send('GET / HTTP/1.1\r\nHost: h\r\nX: never answered\r\nContent-Length: 1\r\n\r\n')
    const connection = await app.connection()
    await connection.until('never answered')
    connection.send(`HTTP/1.1 200 OK\r\n${rest}`)
    // Node reports a reset that comes together with bytes as an end, so the bytes go first.
    await client.until('half')
    if (how === 'garbage') connection.send('zz\r\n')
    else connection[how]()
    await client.untilEnded()
    expect(client.ending).toBe('reset')
    expect(client.received).not.toContain('\r\n0\r\n')
    expect(await delivery()).toMatchObject({ failure: { kind: 'read-response', side: 'application', started: true } })
  })

  test('silence instead of a head: await-response, timeout, 502', async () => {
    const app = await openApp(() => undefined)
    const { connect, delivery } = await openPipeline(engine, app.port, { requestTimeout: 100 })
    const client = await connect()
    client.send(GET)
    expect(await client.until('</html>')).toMatch(/^HTTP\/1\.1 502 [^]*502\.3/)
    expect(await delivery()).toMatchObject({ failure: { kind: 'await-response', side: 'timeout', started: false } })
    await (await app.connection()).ended
  })

  test('silence in mid-body: read-response, timeout, and the client is reset', async () => {
    const app = await openApp((_request, connection) => {
      connection.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')
    })
    const { connect, delivery } = await openPipeline(engine, app.port, { requestTimeout: 100 })
    const client = await connect()
    client.send(GET)
    await client.untilEnded()
    expect(client.ending).toBe('reset')
    expect(await delivery()).toMatchObject({ failure: { kind: 'read-response', side: 'timeout', started: true } })
  })

  test('an application that does not take the body: send-request, timeout', async () => {
    const app = await openApp(() => undefined)
    const { connect, delivery } = await openPipeline(engine, app.port, { requestTimeout: 200 })
    const client = await connect()
    client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 67108864\r\n\r\n')
    const { socket } = await app.connection()
    socket.pause()
    client.send(Buffer.alloc(67_108_864))
    expect(await delivery()).toMatchObject({ failure: { kind: 'send-request', side: 'timeout', started: false } })
  })

  test('requestTimeout is for each wait for the application, not for the whole, nor for the client', async () => {
    const app = await openApp()
    const { connect, delivery } = await openPipeline(engine, app.port, { requestTimeout: 250 })
    const client = await connect()
    client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbo')
    await new Promise((resolve) => setTimeout(resolve, 600))
    client.send('dy')
    const connection = await app.connection()
    await connection.until('body')
    await client.until('ok')
    expect(await delivery()).toMatchObject({ outcome: 'delivered' })
  })

  test('a requestTimeout of more days than a timer can count is still a limit', async () => {
    const app = await openApp((_request, connection) => {
      setTimeout(() => {
        connection.send(OK)
      }, 100)
    })
    const { connect, delivery } = await openPipeline(engine, app.port, { requestTimeout: 2_592_000_000 })
    const client = await connect()
    client.send(GET)
    await client.until(/ok$/)
    expect(await delivery()).toMatchObject({ outcome: 'delivered' })
  })

  test('a body above its limit: send-request, client, 413, and the application sees no whole request', async () => {
    const app = await openApp()
    const { connect, delivery } = await openPipeline(engine, app.port, { bodyLimit: 10 })
    const client = await connect()
    client.send('POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nsixsix\r\n')
    const connection = await app.connection()
    await connection.until('sixsix')
    client.send('6\r\nsixsix\r\n')
    expect(await client.untilEnded()).toMatch(/^HTTP\/1\.1 413 /)
    await connection.ended
    expect(app.requests).toHaveLength(0)
    const told = await delivery()
    expect(told).toMatchObject({ failure: { kind: 'send-request', side: 'client', started: false } })
    expect(told.outcome === 'failed' && told.failure.cause).toBeInstanceOf(BodyTooLarge)
  })

  test.each([
    [
      'while it sends',
      'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
      'send-request',
    ],
    ['while it waits', GET.replace('GET', 'PUT'), 'await-response'],
  ])('a client that leaves %s takes the connection to the application with it', async (_when, bytes, kind) => {
    const app = await openApp(() => undefined)
    const { connect, delivery } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(bytes)
    const connection = await app.connection()
    await connection.until(/\r\n\r\n/)
    client.destroy()
    await connection.ended
    const told = await delivery()
    expect(told).toMatchObject({ failure: { kind, side: 'client', started: false } })
    expect(told.outcome === 'failed' && told.failure.cause).toBeInstanceOf(ClientGone)
  })
})
