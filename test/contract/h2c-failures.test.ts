import { describe, expect, test } from 'vitest'
import { openH2cApp, whenRead } from '../support/h2c-app.ts'
import { END_HEADERS, END_STREAM, FrameType, integer } from '../support/http2/frames.ts'
import { openRawH2cApp, type RawAppConnection } from '../support/http2/raw-h2c-app.ts'
import { openApp, openPipeline } from './fixtures.ts'
import { h2cFronts } from './h2c-fronts.ts'

const GET = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'
const REFUSED_STREAM = 7
const CANCEL = 8

function answer(connection: RawAppConnection, stream: number): void {
  connection.begin(stream, 'hello')
  connection.send(FrameType.data, END_STREAM, stream)
}

describe.each(h2cFronts)('HTTP/2 to the application, behind the front of $name', (engine) => {
  test.each<[string, (connection: RawAppConnection, stream: number) => void]>([
    ['a reset with NO_ERROR', (app, stream) => void app.reset(stream, 0)],
    ['a reset with INTERNAL_ERROR', (app, stream) => void app.reset(stream, 2)],
    ['a reset with CANCEL', (app, stream) => void app.reset(stream, CANCEL)],
    ['the end of the connection', (app) => void app.socket.end()],
    ['a reset of the connection', (app) => void app.socket.resetAndDestroy()],
    ['a GOAWAY with an error', (app) => void app.goAway(1, 2)],
  ])('a body that is cut short by %s never ends cleanly', async (_how, cut) => {
    const app = await openRawH2cApp((connection, stream) => {
      connection.begin(stream, 'part')
    })
    const { connect, delivery } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(GET)
    await client.until('part')
    cut(app.connections[0] as RawAppConnection, 1)
    await client.untilEnded()
    expect(client.ending).toBe('reset')
    expect(await delivery()).toMatchObject({ failure: { kind: 'read-response', side: 'application', started: true } })
  })

  test('a body that is cut short by what is not HTTP/2 ends in a reset after requestTimeout', async () => {
    const app = await openRawH2cApp((connection, stream) => {
      connection.begin(stream, 'part')
    })
    const { connect, delivery } = await openPipeline(engine, app.port, { requestTimeout: 200 })
    const client = await connect()
    client.send(GET)
    await client.until('part')
    app.connections[0]?.socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')
    await client.untilEnded()
    expect(client.ending).toBe('reset')
    expect(await delivery()).toMatchObject({ failure: { kind: 'read-response', side: 'timeout', started: true } })
  })

  test.each<[string, (connection: RawAppConnection, stream: number) => void]>([
    ['refused', (app, stream) => void app.reset(stream, REFUSED_STREAM)],
    ['behind the last one of a GOAWAY', (app) => void app.goAway(0, 0)],
  ])('a request whose stream is %s is sent once more, and its client sees nothing of it', async (_how, refuse) => {
    const app = await openRawH2cApp((connection, stream, index) => {
      if (index === 0) refuse(connection, stream)
      else answer(connection, stream)
    })
    const { connect, delivery } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send('DELETE / HTTP/1.1\r\nHost: h\r\n\r\n')
    expect(await client.until('hello')).toMatch(/^HTTP\/1\.1 200 /)
    expect(await delivery()).toEqual({ outcome: 'delivered', status: 200 })
  })

  test('a request that is refused again and again is a 502', async () => {
    const app = await openRawH2cApp((connection, stream) => {
      connection.reset(stream, REFUSED_STREAM)
    })
    const { connect } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(GET)
    await client.until('HTTP/1.1 502')
    expect(app.connections[0]?.frames.filter(({ type }) => type === FrameType.headers)).toHaveLength(3)
  })

  test('a response that was begun before a GOAWAY comes to its end, and the next request goes elsewhere', async () => {
    const app = await openRawH2cApp((connection, stream, index) => {
      if (index > 0) {
        answer(connection, stream)
        return
      }
      connection.begin(stream, 'part')
      connection.goAway(stream, 0)
      setTimeout(() => {
        connection.send(FrameType.data, END_STREAM, stream, 'rest')
      }, 50)
    })
    const { connect } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(GET)
    await client.until('rest\r\n0\r\n\r\n')
    client.send(GET)
    await client.until('hello')
    expect(app.connections).toHaveLength(2)
  })

  test('no more streams are opened than the application allows: other connections take the rest', async () => {
    const app = await openH2cApp(
      ({ stream }) => {
        setTimeout(() => {
          stream.respond({ ':status': 200 })
          stream.end('hello')
        }, 50)
      },
      { settings: { maxConcurrentStreams: 2 } },
    )
    const { connect } = await openPipeline(engine, app.port)
    const clients = await Promise.all(Array.from({ length: 80 }, () => connect()))
    for (const client of clients) client.send(GET)
    for (const client of clients) await client.until('hello')
    expect(app.requests).toHaveLength(80)
    expect(app.sessions.length).toBeLessThanOrEqual(32)
  })

  test('a client that leaves cancels the stream, before and within the response', async () => {
    const app = await openH2cApp(({ headers, stream }) => {
      if (headers[':path'] === '/begun') stream.respond({ ':status': 200 })
      if (headers[':path'] === '/begun') stream.write('part')
    })
    const { connect, delivery } = await openPipeline(engine, app.port)
    const [silent, begun] = [await connect(), await connect()]
    silent.send(GET)
    await expect.poll(() => app.requests.length).toBe(1)
    silent.destroy()
    await expect.poll(() => app.requests[0]?.code).toBe(CANCEL)
    expect(await delivery()).toMatchObject({ failure: { kind: 'await-response', side: 'client' } })
    begun.send('GET /begun HTTP/1.1\r\nHost: h\r\n\r\n')
    await begun.until('part')
    begun.destroy()
    await expect.poll(() => app.requests[1]?.code).toBe(CANCEL)
    // The connection serves others.
    expect(app.sessions).toHaveLength(1)
  })

  test('an upload whose client leaves is no complete one for the application', async () => {
    let ended = false
    const app = await openH2cApp((request) => {
      whenRead(request, () => {
        ended = request.code === undefined && !request.stream.aborted
      })
    })
    const { connect } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf')
    await expect.poll(() => app.requests[0]?.body).toBe('half')
    client.destroy()
    await expect.poll(() => app.requests[0]?.code).toBe(CANCEL)
    expect(ended).toBe(false)
  })

  test('silence of the application is a 502 after requestTimeout, and later requests take another connection', async () => {
    const app = await openRawH2cApp((connection, stream, index) => {
      if (index > 0) answer(connection, stream)
    })
    const { connect, delivery } = await openPipeline(engine, app.port, { requestTimeout: 100 })
    const client = await connect()
    client.send(GET)
    await client.until('HTTP/1.1 502')
    expect(await delivery()).toMatchObject({ failure: { kind: 'await-response', side: 'timeout' } })
    const next = await connect()
    next.send(GET)
    await next.until('hello')
    expect(app.connections).toHaveLength(2)
  })

  test('a program that speaks HTTP/1.1 only, or nothing, gets no byte of a request', async () => {
    const app = await openApp()
    const { connect, delivery } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send('GET /secret HTTP/1.1\r\nHost: h\r\n\r\n')
    const connection = await app.connection()
    await connection.until('PRI * HTTP/2.0')
    connection.send('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
    connection.end()
    await client.until('HTTP/1.1 502')
    expect(connection.received).not.toContain('secret')
    expect(await delivery()).toMatchObject({ failure: { kind: 'connect', side: 'application' } })
    await app.close()
    const { failure } = (await delivery()) as { failure: { cause: Error } }
    expect(failure.cause.message).toContain('does not speak HTTP/2 in plain text')
  })

  test('closing the way to the application ends what is under way, and takes nothing new', async () => {
    const app = await openRawH2cApp((connection, stream) => {
      connection.begin(stream, 'part')
    })
    const { connect, upstream } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(GET)
    await client.until('part')
    upstream.close()
    await client.untilEnded()
    expect(client.ending).toBe('reset')
    const late = await connect()
    late.send(GET)
    await late.until('HTTP/1.1 502')
    expect(app.connections).toHaveLength(1)
  })

  test('retiring closes connections without requests at once, and the others after their last one', async () => {
    const app = await openRawH2cApp((connection, stream) => {
      connection.send(FrameType.headers, END_HEADERS, stream, integer(8, 7, 128))
    })
    const { connect, upstream } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(GET)
    await client.until('200 OK')
    upstream.retire()
    const connection = app.connections[0] as RawAppConnection
    expect(connection.socket.destroyed).toBe(false)
    connection.send(FrameType.data, END_STREAM, 1, 'late')
    await client.until('late')
    await expect.poll(() => connection.socket.readableEnded || connection.socket.destroyed).toBe(true)
  })
})
