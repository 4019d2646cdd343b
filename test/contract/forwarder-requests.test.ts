import { describe, expect, test } from 'vitest'
import { valuesOf } from '../support/strict-reader.ts'
import { engines } from './engines.ts'
import { openApp, openPipeline, openSink, TOKEN } from './fixtures.ts'

describe.each(engines)('requests forwarded by $name', (engine) => {
  test("reach the application with their fields, and behind them ancmd's, the last of which is the token", async () => {
    const app = await openApp()
    const { connect } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(
      'GET /a%2Fb//c/./d?x=%zz&y?z HTTP/1.1\r\nhOst: Example.org:8080\r\nUser-Agent: x\r\nX-One: 1\r\nACCEPT: a\r\n' +
        'Cookie: a=\xfc\r\nConnection: keep-alive, X-Hop, MS-ASPNETCORE-TOKEN, X-Forwarded-For, Host\r\nX-Hop: 1\r\n' +
        'Keep-Alive: 5\r\nTE: gzip, trailers\r\nX-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\n' +
        'x-forwarded-for: 198.51.100.1\r\nForwarded: for=1\r\nX-Forwarded-Host: evil\r\nX-FORWARDED_prefix: /x\r\nMs-AspNetCoreX: 1\r\nMS_ASPNETCORE_TOKEN: 2\r\nMS-ASPNETCORE-TOKEN: 3\r\n' +
        'X_Forwarded_For: 4\r\nMS-ASPNETCORE-EVENT: shutdown\r\nMS-ASPNETCORE-CLIENTCERT: 5\r\n\r\n',
    )
    await client.until('ok')
    const [request] = app.requests
    expect(request).toMatchObject({ method: 'GET', target: '/a%2Fb//c/d?x=%zz&y?z', version: 'HTTP/1.1', body: '' })
    const fields = request?.fields.filter(([name]) => name.toLowerCase() !== 'connection')
    expect(fields).toEqual([
      ['hOst', 'Example.org:8080'],
      ['User-Agent', 'x'],
      ['X-One', '1'],
      ['ACCEPT', 'a'],
      ['Cookie', 'a=\xfc'],
      ['TE', 'trailers'],
      ['X-Forwarded-For', `127.0.0.1:${String(client.socket.localPort)}`],
      ['X-Forwarded-Proto', 'http'],
      ['MS-ASPNETCORE-TOKEN', TOKEN],
    ])
  })

  test.each([
    ['/?', '/?'],
    ['//', '//'],
    ['//a//?', '//a//?'],
    ['/a?b?c=/../d', '/a?b?c=/../d'],
    ['/%3F%3f?%3F', '/%3F%3f?%3F'],
    ['/a;b=c,d:e@f!$&\'()*+"<>^`{|}', '/a;b=c,d:e@f!$&\'()*+"<>^`{|}'],
    ['/a/../b/%2E%2e/c/', '/c/'],
    ['/a\\b', '/a\\b'],
    ['http://h/x//y?z?', '/x//y?z?'],
    ['http://h?q', '/?q'],
  ])('keep their target: %s', async (written, forwarded) => {
    const app = await openApp()
    const { connect } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(`GET ${written} HTTP/1.1\r\nHost: h\r\n\r\n`)
    await client.until('ok')
    expect(app.requests[0]?.target).toBe(forwarded)
  })

  test.each([
    ['007', 'seven b', '7'],
    ['05', 'hello', '5'],
    ['00', '', '0'],
    ['10', 'ten bytes!', '10'],
    ['0', '', '0'],
  ])('of the length %s say it as a plain number', async (written, body, length) => {
    const app = await openApp()
    const { connect } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(`POST / HTTP/1.1\r\nHost: h\r\ncontent-length:  ${written}\r\n\r\n${body}`)
    await client.until('ok')
    const [request] = app.requests
    expect([valuesOf(request?.fields ?? [], 'Content-Length'), request?.body]).toEqual([[length], body])
  })

  test('OPTIONS * stays what it is', async () => {
    const app = await openApp()
    const { connect } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send('OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n')
    await client.until('ok')
    expect(app.requests[0]).toMatchObject({ method: 'OPTIONS', target: '*' })
  })

  test.each([
    'GET',
    'HEAD',
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'OPTIONS',
    'PROPFIND',
  ])('%s has its body, with a length and in chunks, and the next request comes after it', async (method) => {
    // CVE-2026-29057: a chunked DELETE or OPTIONS must not lose its framing and keep its body.
    const app = await openApp((request, connection) => {
      connection.send(`HTTP/1.1 200 OK\r\nContent-Length: ${request.method === 'HEAD' ? '0' : '2\r\nX: y'}\r\n\r\n`)
      if (request.method !== 'HEAD') connection.send('ok')
    })
    const { connect, delivery } = await openPipeline(engine, app.port)
    const client = await connect()
    const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n'
    const size = smuggled.length
    client.send(`${method} /1 HTTP/1.1\r\nHost: h\r\nContent-Length: ${String(size)}\r\n\r\n${smuggled}`)
    await delivery(0)
    client.send(`${method} /2 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: CHUNKED\r\n\r\n`)
    client.send(`${size.toString(16)};x=y\r\n${smuggled}\r\n0\r\nX-T: 1\r\n\r\n`)
    await delivery(1)
    client.send('GET /3 HTTP/1.1\r\nHost: h\r\n\r\n')
    await delivery(2)
    expect(app.requests.map(({ target, body }) => [target, body])).toEqual([
      ['/1', smuggled],
      ['/2', smuggled],
      ['/3', ''],
    ])
    const [first, second, third] = app.requests
    expect(valuesOf(first?.fields ?? [], 'Content-Length')).toEqual([String(size)])
    expect(valuesOf(second?.fields ?? [], 'Transfer-Encoding')).toEqual(['chunked'])
    expect(valuesOf(third?.fields ?? [], 'Content-Length')).toEqual([])
    expect(app.connections).toHaveLength(1)
  })

  test('of HTTP/1.0 go out as HTTP/1.1 with a Host', async () => {
    const app = await openApp()
    const { connect, front } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send('GET / HTTP/1.0\r\n\r\n')
    expect(await client.untilEnded()).toMatch(/ok$/)
    const [request] = app.requests
    expect(request?.version).toBe('HTTP/1.1')
    expect(valuesOf(request?.fields ?? [], 'Host')).toEqual([`127.0.0.1:${String(front.port)}`])
  })

  test('with Expect: 100-continue are sent without it, and get one 100', async () => {
    const app = await openApp()
    const { connect } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send('POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 5\r\n\r\n')
    await client.until('100 Continue\r\n\r\n')
    client.send('hello')
    expect(await client.until('ok')).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /)
    expect(valuesOf(app.requests[0]?.fields ?? [], 'Expect')).toEqual([])
    expect(app.requests[0]?.body).toBe('hello')
  })

  test.each([
    ['h2c', 'HTTP/1.1', 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n'],
    ['h2c that Connection does not name', 'HTTP/1.1', 'upGRADE: h2c\r\nhttp2-settings: AAMAAABk\r\n'],
    ['TLS, with a body', 'HTTP/1.1', 'Connection: Upgrade\r\nUpgrade: TLS/1.0\r\nContent-Length: 2\r\n'],
    ['WebSocket or h2c', 'HTTP/1.1', 'Connection: Upgrade\r\nUpgrade: websocket, h2c\r\n'],
    ['WebSocket twice', 'HTTP/1.1', 'Connection: Upgrade\r\nUpgrade: websocket\r\nUpgrade: websocket\r\n'],
    ['WebSocket that Connection does not name', 'HTTP/1.1', 'Upgrade: websocket\r\n'],
    ['WebSocket in HTTP/1.0', 'HTTP/1.0', 'Connection: Upgrade, keep-alive\r\nUpgrade: websocket\r\n'],
  ])('that ask for an upgrade to %s reach the application as if they had not', async (_what, version, fields) => {
    const app = await openApp()
    const { connect } = await openPipeline(engine, app.port)
    const client = await connect()
    const body = fields.includes('Length') ? 'hi' : ''
    client.send(`GET / ${version}\r\nHost: h\r\n${fields}X-Last: 1\r\n\r\n${body}`)
    await client.until('ok')
    const [request] = app.requests
    expect(request).toMatchObject({ method: 'GET', target: '/', body })
    const names = (request?.fields ?? []).map(([name]) => name.toLowerCase())
    expect(names).toContain('x-last')
    expect(names).not.toContain('upgrade')
    expect(names).not.toContain('http2-settings')
    // Some write `keep-alive`, which names no field.
    expect(valuesOf(request?.fields ?? [], 'Connection').join()).not.toMatch(/upgrade|http2/i)
  })

  test('keep every line of a repeated field, in order', async () => {
    const app = await openApp()
    const { connect } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(
      'GET / HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nx-a: 2\r\nX-A: 3\r\n__proto__: p\r\nCookie: a\r\nCookie: b\r\n\r\n',
    )
    await client.until('ok')
    const fields = app.requests[0]?.fields ?? []
    expect(valuesOf(fields, 'x-a')).toEqual(['1', '2', '3'])
    expect(valuesOf(fields, '__proto__')).toEqual(['p'])
    expect(valuesOf(fields, 'cookie').join('; ')).toBe('a; b')
  })

  test('use one connection after the other, the last used first', async () => {
    const app = await openApp()
    const { connect, delivery } = await openPipeline(engine, app.port)
    const client = await connect()
    for (const index of [0, 1, 2]) {
      client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
      expect(await delivery(index)).toEqual({ outcome: 'delivered', status: 200 })
    }
    expect(app.connections).toHaveLength(1)
  })

  test('keep the trailers of a body, but none that could change its meaning', async () => {
    const app = await openApp()
    const { connect } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send('POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n')
    client.send(
      'X-Sum: 7\r\nMS-ASPNETCORE-TOKEN: f\r\nHost: evil\r\nForwarded: for=1\r\nX-Forwarded-For: 1\r\nAuthorization: a\r\n\r\n',
    )
    await client.until('ok')
    expect(app.requests[0]?.trailers).toEqual([['X-Sum', '7']])
  })

  test('arrive whole when they are large', async () => {
    const size = 5_000_000
    const app = await openSink()
    const { connect } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(`POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${String(size)}\r\n\r\n`)
    client.send(Buffer.alloc(size, 'x'))
    expect(await client.until('bytes')).toMatch(/\r\n\r\n5000000 bytes$/)
  })
})
