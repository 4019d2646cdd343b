import { createHash } from 'node:crypto'
import { connect } from 'node:http2'
import { describe, expect, onTestFinished, test } from 'vitest'
import { block, data, END_HEADERS, headers, reset } from '../support/http2/frames.ts'
import type { StrictRequest } from '../support/strict-reader.ts'
import { openApp } from './fixtures.ts'
import { http2Engines, openHttp2Pipeline } from './http2-fixtures.ts'

const HANDSHAKE = block(
  [':method', 'CONNECT'],
  [':protocol', 'websocket'],
  [':scheme', 'http'],
  [':authority', 'a'],
  [':path', '/chat'],
  ['sec-websocket-version', '13'],
  ['sec-websocket-protocol', 'x'],
)

/** What an application answers that accepts a handshake. */
function accepted(request: StrictRequest): string {
  const key = request.fields.find(([name]) => name.toLowerCase() === 'sec-websocket-key')?.[1] ?? ''
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  const fields = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: x`
  return `HTTP/1.1 101 Switching Protocols\r\n${fields}\r\n\r\n`
}

describe.each(http2Engines)('WebSockets through $name', (engine) => {
  test('are a stream, half-closed on either side', async () => {
    const app = await openApp((request, connection) => {
      connection.send(accepted(request))
    })
    const pipeline = await openHttp2Pipeline(engine, app.port)
    const client = await pipeline.connectHttp2()
    client.send(headers(1, HANDSHAKE, END_HEADERS))
    await client.until(() => client.statuses(1).length === 1)
    expect(client.statuses(1)).toEqual(['200'])
    const connection = await app.connection()
    const [request] = await connection.requests()
    expect(request).toMatchObject({ method: 'GET', target: '/chat' })
    client.send(data(1, 'from the client', 0))
    await connection.until('from the client')
    connection.send('from the application')
    await client.until(() => client.body(1) === 'from the application')
    connection.end()
    await client.untilOver(1)
    client.send(data(1, ', last words'))
    await connection.until('from the client, last words')
    expect(await connection.ended).toBe('end')
    expect(await pipeline.delivery()).toEqual({ outcome: 'delivered', status: 101 })
  })

  test('end in the application when the client resets the stream', async () => {
    const app = await openApp((request, connection) => {
      connection.send(accepted(request))
    })
    const pipeline = await openHttp2Pipeline(engine, app.port)
    const client = await pipeline.connectHttp2()
    client.send(headers(1, HANDSHAKE, END_HEADERS))
    await client.until(() => client.statuses(1).length === 1)
    client.send(reset(1))
    expect(await (await app.connection()).ended).toBe('reset')
  })

  test('that the application refuses get its answer', async () => {
    const app = await openApp((_request, connection) => {
      connection.send('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno')
    })
    const pipeline = await openHttp2Pipeline(engine, app.port)
    const client = await pipeline.connectHttp2()
    client.send(headers(1, HANDSHAKE, END_HEADERS))
    await client.untilOver(1)
    expect(client.statuses(1)).toEqual(['403'])
    expect(client.body(1)).toBe('no')
  })
})

describe.each(http2Engines)('a library of HTTP/2 clients through $name', (engine) => {
  test('gets trailers, interim heads and full-duplex bodies', async () => {
    const app = await openApp((_request, connection) => {
      connection.send('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n')
      connection.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nX-T: v\r\n\r\n')
    })
    const pipeline = await openHttp2Pipeline(engine, app.port)
    const session = connect(`http://127.0.0.1:${String(pipeline.front.port)}`)
    onTestFinished(() => {
      session.destroy()
    })
    const stream = session.request({ ':method': 'POST', ':path': '/' }, { waitForTrailers: true })
    const seen: unknown[] = []
    stream.on('headers', (fields) => seen.push(fields[':status'], fields['link']))
    stream.on('response', (fields) => seen.push(fields[':status']))
    stream.on('data', (chunk: Buffer) => seen.push(chunk.toString()))
    stream.on('trailers', (fields) => seen.push(fields['x-t']))
    stream.on('wantTrailers', () => {
      stream.sendTrailers({ 'x-sum': '1' })
    })
    stream.end('upload')
    await new Promise((resolve) => stream.on('close', resolve))
    expect(seen).toEqual([103, '</a>', 200, 'body', 'v'])
    const [request] = app.requests
    expect(request?.body).toBe('upload')
    expect(request?.trailers).toEqual([['x-sum', '1']])
  })

  test('sees no end of a response that the application cuts', async () => {
    const app = await openApp((_request, connection) => {
      connection.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n')
      connection.end()
    })
    const pipeline = await openHttp2Pipeline(engine, app.port)
    const client = await pipeline.connectHttp2()
    client.send(headers(1, block([':method', 'GET'], [':scheme', 'http'], [':authority', 'a'], [':path', '/'])))
    await client.untilOver(1)
    expect(client.resetCode(1)).toBe(2)
  })

  test('gets an answer to HEAD with an unfinished body, and the stream ends', async () => {
    const app = await openApp()
    const pipeline = await openHttp2Pipeline(engine, app.port)
    const client = await pipeline.connectHttp2()
    client.send(
      headers(1, block([':method', 'TRACE'], [':scheme', 'http'], [':authority', 'a'], [':path', '/']), END_HEADERS),
    )
    await client.until(() => client.resetCode(1) === 0)
    expect(client.statuses(1)).toEqual(['501'])
  })
})
