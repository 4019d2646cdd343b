import { describe, expect, test } from 'vitest'
import { engines } from './engines.ts'
import { openApp, openPipeline, TOKEN } from './fixtures.ts'

const GET = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'

describe.each(engines)('responses brought back by $name', (engine) => {
  test('keep status, reason and every field but the hop-by-hop ones', async () => {
    const app = await openApp((_request, connection) => {
      connection.send(
        'HTTP/1.1 418 Short and stout \xe4\r\nset-cookie: a=\xfc\r\nServer: Kestrel\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n' +
          'Vary: a\r\nVary: b\r\nKeep-Alive: timeout=5\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nSet-Cookie: b=2\r\n' +
          `MS-ASPNETCORE-TOKEN: ${TOKEN}\r\nProxy-Authenticate: x\r\nContent-Length: 2\r\nX-Empty:\r\n\r\nok`,
      )
    })
    const { connect } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(GET)
    const received = await client.until('\r\n\r\nok')
    // Whether a space stands before an empty value says nothing.
    expect(received.replace(/Date: [^\r]*2\d\d\d[^\r]*\r\n/, '').replace('X-Empty:\r', 'X-Empty: \r')).toBe(
      'HTTP/1.1 418 Short and stout \xe4\r\nset-cookie: a=\xfc\r\nServer: Kestrel\r\nVary: a\r\nVary: b\r\n' +
        'Set-Cookie: b=2\r\nProxy-Authenticate: x\r\nContent-Length: 2\r\nX-Empty: \r\n\r\nok',
    )
    expect(received.match(/\r\nDate: /g)).toHaveLength(1)
  })

  test('keep Connection: close when the handler setting says so', async () => {
    const app = await openApp((_request, connection) => {
      connection.send('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok')
    })
    const [plain, kept] = [
      await openPipeline(engine, app.port),
      await openPipeline(engine, app.port, { forwardResponseConnectionHeader: true }),
    ]
    const [first, second] = [await plain.connect(), await kept.connect()]
    first.send(GET)
    expect(await first.until('\r\n\r\nok')).not.toMatch(/\r\nConnection:/i)
    second.send(GET)
    const received = await second.untilEnded()
    expect(received).toMatch(/\r\n\r\nok$/)
    expect(received.match(/\r\nConnection: close\r\n/g)).toHaveLength(1)
  })

  test.each([
    ['a length', 'Content-Length: 5\r\n\r\nhello', false, /Content-Length: 5\r\n[^]*\r\n\r\nhello$/],
    [
      'chunks',
      'Transfer-Encoding: chunked\r\n\r\n5;x="y"\r\nhello\r\n0\r\nX-Sum: 7\r\nContent-Type: x\r\n\r\n',
      false,
      /chunked\r\n[^]*\r\n5\r\nhello\r\n0\r\nX-Sum: 7\r\n\r\n$/,
    ],
    ['the end of the connection', '\r\nhello', true, /chunked\r\n[^]*\r\n5\r\nhello\r\n0\r\n\r\n$/],
  ])('with %s arrive whole', async (_what, rest, ends, expected) => {
    const app = await openApp((_request, connection) => {
      connection.send(`HTTP/1.1 200 OK\r\n${rest}`)
      if (ends) connection.end()
    })
    const { connect, delivery } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(GET)
    expect(await delivery()).toEqual({ outcome: 'delivered', status: 200 })
    expect(await client.until(expected)).toMatch(/^HTTP\/1\.1 200 /)
  })

  test('to HEAD, and 204 and 304, have no body, and the connection is used again', async () => {
    const app = await openApp((_request, connection, index) => {
      const heads = [
        '200 OK\r\nContent-Length: 5',
        '204 No Content',
        '304 Not Modified\r\nContent-Length: 5',
        '200 OK\r\n',
      ]
      connection.send(`HTTP/1.1 ${heads[index] ?? ''}\r\n\r\n`)
    })
    const { connect, delivery } = await openPipeline(engine, app.port)
    const client = await connect()
    for (const [index, method] of ['HEAD', 'GET', 'GET'].entries()) {
      client.send(`${method} / HTTP/1.1\r\nHost: h\r\n\r\n`)
      expect(await delivery(index)).toMatchObject({ outcome: 'delivered' })
    }
    await client.until(/HTTP\/1\.1 304 [^]*\r\n\r\n$/)
    expect(app.connections).toHaveLength(1)
  })

  test('name in a 426 what the app wants to switch to, though Connection names it too', async () => {
    const app = await openApp((_request, connection) => {
      connection.send(
        'HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: Upgrade, X-Hop\r\nX-Hop: 1\r\nContent-Length: 2\r\n\r\nno',
      )
    })
    const { connect } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(GET)
    expect(await client.until('\r\n\r\nno')).toMatch(/^HTTP\/1\.1 426 [^]*\r\nUpgrade: websocket\r\n/)
    expect(client.received).toMatch(/\r\nConnection: Upgrade\r\n/)
    expect(client.received).not.toContain('X-Hop')
    client.send('GET / HTTP/1.0\r\nConnection: close\r\n\r\n')
    await client.untilEnded()
    expect(client.received).toMatch(/\r\n\r\nno[^]*\r\nUpgrade: websocket\r\n[^]*\r\n\r\nno$/)
    expect(client.received).toMatch(/\r\nConnection: Upgrade, close\r\n/)
  })

  test('have no Upgrade field in a 426 that names no protocol', async () => {
    const app = await openApp((_request, connection) => {
      connection.send('HTTP/1.1 426 Upgrade Required\r\nContent-Length: 2\r\n\r\nno')
    })
    const { connect } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(GET)
    expect(await client.until('\r\n\r\nno')).not.toMatch(/\r\nConnection:/)
  })

  test.each([
    ['two equal lengths', 'Content-Length: 5\r\ncontent-length: 5\r\n\r\nhello', 'Content-Length: 5'],
    ['blanks behind a chunk size', 'Transfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n', '5\r\nhello\r\n0'],
  ])('with %s arrive whole, or are refused where node reads them', async (_what, rest, expected) => {
    const app = await openApp((_request, connection) => {
      connection.send(`HTTP/1.1 200 OK\r\n${rest}`)
    })
    const { connect, delivery } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send('GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
    const { outcome } = await delivery()
    await client.ended
    if (engine.name === 'http-proxy') {
      expect(outcome).toBe('failed')
      return
    }
    expect(client.received).toMatch(/^HTTP\/1\.1 200 [^]*\r\n\r\n/)
    expect(client.received.match(new RegExp(expected, 'gi'))).toHaveLength(1)
  })

  test('are passed on as they come', async () => {
    const app = await openApp((_request, connection) => {
      connection.send('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n')
    })
    const { connect } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(GET)
    await client.until('text/event-stream')
    const connection = await app.connection()
    for (const event of ['one', 'two']) {
      connection.send(`3\r\n${event}\r\n`)
      await client.until(event)
    }
    connection.send('0\r\n\r\n')
    await client.until('\r\n0\r\n\r\n')
  })

  test('may come before the request is complete', async () => {
    const app = await openApp()
    const { connect, delivery } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\nbeginning')
    const connection = await app.connection()
    await connection.until('beginning')
    connection.send('HTTP/1.1 413 Too Large\r\nContent-Length: 6\r\nConnection: close\r\n\r\nenough')
    expect(await client.untilEnded()).toMatch(/^HTTP\/1\.1 413 [^]*enough$/)
    expect(await delivery()).toEqual({ outcome: 'delivered', status: 413 })
    await connection.ended
  })

  test('may come while the request is still being sent', async () => {
    const app = await openApp(() => undefined)
    const { connect, delivery } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send('POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n')
    const connection = await app.connection()
    await connection.until('\r\n\r\n')
    connection.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
    for (const line of ['first', 'other']) {
      client.send(`5\r\n${line}\r\n`)
      await connection.until(line)
      connection.send(`5\r\n${line}\r\n`)
      await client.until(line)
    }
    client.send('0\r\n\r\n')
    await connection.requests()
    connection.send('0\r\n\r\n')
    await client.until('\r\n0\r\n\r\n')
    expect(await delivery()).toEqual({ outcome: 'delivered', status: 200 })
    client.send(GET)
    await connection.requests(2)
  })
})
