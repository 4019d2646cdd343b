import { describe, expect, test } from 'vitest'
import { valuesOf } from '../support/strict-reader.ts'
import { engines } from './engines.ts'
import { openApp, openFront, openPipeline, TOKEN } from './fixtures.ts'

const HANDSHAKE =
  'GET /chat?x HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: permessage-deflate\r\nMS-ASPNETCORE-TOKEN: f\r\n\r\n'
const SWITCH =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3p\r\n' +
  'Sec-WebSocket-Extensions: permessage-deflate\r\nDate: x\r\n\r\n'

describe.each(engines)('WebSockets through $name', (engine) => {
  test('reach the application as a handshake with our fields, and the answer comes back', async () => {
    const app = await openApp((_request, connection) => {
      connection.send(`${SWITCH}welcome`)
    })
    let upgraded = 0
    const { connect } = await openPipeline(engine, app.port, { onUpgraded: () => (upgraded += 1) })
    const client = await connect()
    client.send(`${HANDSHAKE}EARLY`)
    expect(await client.until('welcome')).toBe(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Accept: s3p\r\n' +
        'Sec-WebSocket-Extensions: permessage-deflate\r\n\r\nwelcome',
    )
    expect(upgraded).toBe(1)
    const connection = await app.connection()
    await connection.until('EARLY')
    const { requests, rest } = connection.read()
    expect(rest).toBe('EARLY')
    expect(requests[0]).toMatchObject({ method: 'GET', target: '/chat?x', version: 'HTTP/1.1' })
    const fields = requests[0]?.fields ?? []
    expect(valuesOf(fields, 'Connection')).toEqual(['Upgrade'])
    expect(valuesOf(fields, 'Upgrade')).toEqual(['WebSocket'])
    expect(valuesOf(fields, 'Sec-WebSocket-Extensions')).toEqual(['permessage-deflate'])
    expect(valuesOf(fields, 'MS-ASPNETCORE-TOKEN')).toEqual([TOKEN])
    expect(valuesOf(fields, 'X-Forwarded-For')).toEqual([`127.0.0.1:${String(client.socket.localPort)}`])

    client.send('\x81\x85 any \xff byte \0')
    await connection.until('any \xff byte \0')
    connection.send('\0back\xff')
    await client.until('\0back\xff')
  })

  test('bring a 101 without the fields that are not for the client', async () => {
    const app = await openApp((_request, connection) => {
      connection.send(
        SWITCH.replace('Date: x', `Content-Length: 5\r\nKeep-Alive: 5\r\nMS-ASPNETCORE-TOKEN: ${TOKEN}\r\nDate: x`),
      )
    })
    const { connect } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(HANDSHAKE)
    expect(await client.until('\r\n\r\n')).toBe(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Accept: s3p\r\n' +
        'Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n',
    )
  })

  test('bring interim heads, and a 101 that comes in single bytes', async () => {
    const app = await openApp(() => undefined)
    const { connect } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(HANDSHAKE)
    const connection = await app.connection()
    await connection.requests()
    connection.send('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n')
    for (const byte of `${SWITCH}x`) {
      connection.send(byte)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await client.until('deflate\r\n\r\nx')).toMatch(
      /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a>\r\n\r\nHTTP\/1\.1 101 /,
    )
  })

  test("send none of the client's bytes before the 101", async () => {
    const app = await openApp(() => undefined)
    const { connect } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(`${HANDSHAKE}GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n`)
    const connection = await app.connection()
    await connection.requests()
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(connection.read()).toMatchObject({ requests: [{ target: '/chat?x' }], rest: '' })
    connection.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno')
    expect(await client.untilEnded()).toMatch(/^HTTP\/1\.1 200 [^]*Connection: close\r\n[^]*\r\n\r\nno$/)
    await connection.ended
    expect(app.requests).toHaveLength(1)
  })

  test('bring what the application said last, then its end', async () => {
    const app = await openApp((_request, connection) => {
      connection.send(`${SWITCH}\x88\x02\x03\xe8`)
      connection.end()
    })
    const { connect, delivery } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(HANDSHAKE)
    expect(await client.untilEnded()).toMatch(/\r\n\r\n\x88\x02\x03\xe8$/)
    expect(client.ending).toBe('end')
    client.send('\x88\x82mask')
    client.end()
    await (await app.connection()).until('\x88\x82mask')
    expect(await delivery()).toEqual({ outcome: 'delivered', status: 101 })
  })

  test.each(['end', 'reset'] as const)('tell the application when the client leaves by an %s', async (how) => {
    const app = await openApp((_request, connection) => {
      connection.send(SWITCH)
    })
    const { connect, delivery, front } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(HANDSHAKE)
    await client.until('\r\n\r\n')
    client[how]()
    await (await app.connection()).ended
    expect(await delivery()).toMatchObject(
      how === 'end' ? { outcome: 'delivered' } : { failure: { kind: 'upgrade', side: 'client', started: true } },
    )
    await expect.poll(() => front.connections).toBe(0)
  })

  test('reset the client when the application breaks, or the way to it is closed', async () => {
    const app = await openApp((_request, connection) => {
      connection.send(SWITCH)
    })
    const { connect, delivery, upstream } = await openPipeline(engine, app.port)
    const [first, second] = [await connect(), await connect()]
    first.send(HANDSHAKE)
    await first.until('\r\n\r\n')
    ;(await app.connection(0)).reset()
    await first.untilEnded()
    expect(first.ending).toBe('reset')
    expect(await delivery()).toMatchObject({ failure: { kind: 'upgrade', side: 'application', started: true } })

    second.send(HANDSHAKE)
    await second.until('\r\n\r\n')
    upstream.close()
    await second.untilEnded()
    expect(second.ending).toBe('reset')
    await (await app.connection(1)).ended
  })

  test('outlive requestTimeout', async () => {
    const app = await openApp((_request, connection) => {
      connection.send(SWITCH)
    })
    const { connect } = await openPipeline(engine, app.port, { requestTimeout: 50 })
    const client = await connect()
    client.send(HANDSHAKE)
    await client.until('\r\n\r\n')
    await new Promise((resolve) => setTimeout(resolve, 200))
    ;(await app.connection()).send('still here')
    await client.until('still here')
  })

  test.each([
    ['another protocol', SWITCH.replace('websocket', 'h2c')],
    ['two protocols', SWITCH.replace('Upgrade: websocket', 'Upgrade: websocket\r\nUpgrade: h2c')],
    ['HTTP/1.0', SWITCH.replace('HTTP/1.1', 'HTTP/1.0')],
    ['no Connection: Upgrade', SWITCH.replace('Connection: Upgrade\r\n', '')],
    ['no HTTP', 'frames at once'],
    ['half a head', SWITCH.slice(0, 40)],
    ['a head without end', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`],
    ['nothing but interim heads', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100)],
    ['a coding that nobody reads', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nx'],
    ['an end', ''],
  ])('answered by the application with %s get a 502', async (_what, bytes) => {
    const app = await openApp((_request, connection) => {
      if (bytes !== '') connection.send(bytes)
      connection.end()
    })
    const { connect, delivery } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(HANDSHAKE)
    expect(await client.untilEnded()).toMatch(/(?:^|\r\n\r\n)HTTP\/1\.1 502 /)
    expect(await delivery()).toMatchObject({ failure: { side: 'application', started: false } })
  })

  test('that cannot be connected leave the exchange whole, for another process to have it', async () => {
    const dead = await openApp()
    await dead.close()
    const app = await openApp((_request, connection) => {
      connection.send(SWITCH)
    })
    const options = { requestTimeout: 0, forwardResponseConnectionHeader: false }
    const [first, second] = [dead, app].map(({ port }) => engine.openUpstream({ port, token: TOKEN }))
    const { connect } = await openFront(engine, (exchange) => {
      void first?.forward(exchange, options).then(() => second?.forward(exchange, options))
    })
    const client = await connect()
    client.send(`${HANDSHAKE}EARLY`)
    await client.until('101 Switching Protocols')
    await (await app.connection()).until('EARLY')
    second?.close()
  })

  test('that get no response are answered with 502 after requestTimeout', async () => {
    const app = await openApp(() => undefined)
    const { connect, delivery } = await openPipeline(engine, app.port, { requestTimeout: 80 })
    const client = await connect()
    client.send(HANDSHAKE)
    await client.until('HTTP/1.1 502')
    expect(await delivery()).toMatchObject({ failure: { kind: 'await-response', side: 'timeout' } })
  })

  test('of a client that leaves before the response close the connection to the application', async () => {
    const app = await openApp(() => undefined)
    const { connect, delivery } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(HANDSHAKE)
    const connection = await app.connection()
    await connection.requests()
    client.destroy()
    await connection.ended
    expect(await delivery()).toMatchObject({ failure: { kind: 'await-response', side: 'client', started: false } })
  })
})
