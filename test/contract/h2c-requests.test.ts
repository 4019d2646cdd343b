import { request } from 'node:http'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { type H2cRequest, openH2cApp, whenRead } from '../support/h2c-app.ts'
import { openPipeline, TOKEN } from './fixtures.ts'
import { h2cFronts } from './h2c-fronts.ts'

describe.each(h2cFronts)('HTTP/2 to the application, behind the front of $name', (engine) => {
  test('carries a request and its response, with our fields and without those of the connection', async () => {
    const app = await openH2cApp(({ stream }) => {
      stream.respond({ ':status': 201, 'x-b': ['1', '2'], 'ms-aspnetcore-token': 'leak' })
      stream.end('hello')
    })
    const { connect, delivery } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(
      'GET /a%2Fb?x HTTP/1.1\r\nHost: Example:81\r\nX-Foo: \xe4\r\nCookie: a=1\r\nCookie: b=2\r\nAuthorization: x\r\n' +
        'Authorization: y\r\nTE: gzip, trailers\r\nConnection: X-Foo2\r\nX-Foo2: hop\r\nMS-ASPNETCORE-TOKEN: forged\r\n' +
        'X-Forwarded-For: 192.0.2.1\r\nKeep-Alive: 5\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n',
    )
    expect(await client.until('0\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 201 Created\r\nx-b: 1\r\nx-b: 2\r\n[^]*Transfer-Encoding: chunked\r\n[^]*5\r\nhello\r\n0\r\n\r\n$/,
    )
    expect(client.received).not.toContain('leak')
    expect(await delivery()).toEqual({ outcome: 'delivered', status: 201 })
    const { headers } = app.requests[0] as H2cRequest
    expect(headers).toMatchObject({
      ':method': 'GET',
      ':scheme': 'http',
      ':authority': 'Example:81',
      ':path': '/a%2Fb?x',
      'x-foo': '\xe4',
      cookie: 'a=1; b=2',
      authorization: 'x, y',
      te: 'trailers',
      'x-forwarded-for': `127.0.0.1:${String(client.socket.localPort)}`,
      'x-forwarded-proto': 'http',
      'ms-aspnetcore-token': TOKEN,
    })
    for (const name of ['host', 'connection', 'keep-alive', 'upgrade', 'http2-settings', 'x-foo2'])
      expect(headers).not.toHaveProperty(name)
  })

  test('carries bodies of known and unknown length, and trailers both ways', async () => {
    const app = await openH2cApp((request) => {
      whenRead(request, () => {
        request.stream.respond({ ':status': 200 }, { waitForTrailers: true })
        request.stream.on('wantTrailers', () => {
          request.stream.sendTrailers({ 'grpc-status': '0', 'x-sum': 'abc' })
        })
        request.stream.end(request.body)
      })
    })
    const { connect } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nknown')
    expect(await client.until('x-sum: abc\r\n\r\n')).toContain('5\r\nknown\r\n0\r\ngrpc-status: 0\r\n')
    client.send(
      'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\nX-T: last\r\n\r\n',
    )
    await client.until('onetwo\r\n0\r\n')
    expect(app.requests[0]?.headers['content-length']).toBe('5')
    expect(app.requests[1]?.headers).not.toHaveProperty('content-length')
    expect(app.requests[1]?.trailers).toMatchObject({ 'x-t': 'last' })
    expect(app.sessions).toHaveLength(1)
  })

  test('begins a response before the request has ended, and drops the rest of the request', async () => {
    const app = await openH2cApp(({ stream }) => {
      stream.respond({ ':status': 413 })
      stream.end('too much')
    })
    const { connect, delivery } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n\r\nbegin')
    expect(await client.until('too much')).toMatch(/^HTTP\/1\.1 413 /)
    expect(await delivery()).toEqual({ outcome: 'delivered', status: 413 })
    await expect.poll(() => app.requests[0]?.code).not.toBeUndefined()
  })

  test('brings interim heads but 100, and heads without a body', async () => {
    const app = await openH2cApp(({ headers, stream }) => {
      stream.additionalHeaders({ ':status': 100 })
      stream.additionalHeaders({ ':status': 103, link: '</a>' })
      if (headers[':method'] === 'HEAD') stream.respond({ ':status': 200, 'content-length': 77 }, { endStream: true })
      else stream.respond({ ':status': 204 }, { endStream: true })
    })
    const { connect } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send('HEAD / HTTP/1.1\r\nHost: h\r\n\r\n')
    expect(await client.until(/content-length: 77\r\n[^]*\r\n\r\n/i)).toMatch(
      /^HTTP\/1\.1 103 Early Hints\r\nlink: <\/a>\r\n\r\nHTTP\/1\.1 200 OK\r\n/,
    )
    client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    await client.until(/HTTP\/1\.1 204 No Content\r\n[^]*\r\n\r\n/)
  })

  test('carries large bodies in both directions at the pace of the slower side', async () => {
    const app = await openH2cApp(({ stream }) => {
      stream.respond({ ':status': 200 })
      stream.pipe(stream)
    })
    const { front } = await openPipeline(engine, app.port)
    const size = 50_000_000
    const echoed = await new Promise<number>((resolve, reject) => {
      const outgoing = request(
        { port: front.port, method: 'POST', headers: { 'Content-Length': size } },
        (response) => {
          let bytes = 0
          response.on('data', (chunk: Buffer) => {
            bytes += chunk.length
            // A reader that pauses now and then.
            if (bytes % 7 === 0) {
              response.pause()
              setTimeout(() => response.resume(), 1)
            }
          })
          response.on('end', () => {
            resolve(bytes)
          })
        },
      )
      outgoing.on('error', reject)
      const chunk = Buffer.alloc(100_000, 'x')
      Readable.from(Array.from({ length: size / chunk.length }, () => chunk)).pipe(outgoing)
    })
    expect(echoed).toBe(size)
  })
})
