import { createHash } from 'node:crypto'
<<<<<<< HEAD
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
=======
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openHttp2Upstream } from '../../src/forward/http2/forwarder.ts'
import { openHttp2Protocol } from '../../src/listen/http2/protocol.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { openH2cApp } from '../support/h2c-app.ts'
import { openRawH2cApp } from '../support/http2/raw-h2c-app.ts'
import { valuesOf } from '../support/strict-reader.ts'
import { openApp, openPipeline } from './fixtures.ts'
import { http2Engines } from './http2-fixtures.ts'

const REFUSED_STREAM = 7
const CANCEL = 8
const INTERNAL_ERROR = 2

/** HTTP/2 on both sides. */
const both = {
  name: 'HTTP/2',
  openProtocol: openHttp2Protocol(systemClock),
  openUpstream: openHttp2Upstream(systemClock),
}

async function client(port: number): Promise<ClientHttp2Session> {
  const session = connect(`http://127.0.0.1:${String(port)}`)
  session.on('error', () => undefined)
  onTestFinished(() => {
    session.destroy()
  })
  await new Promise((resolve) => session.once('remoteSettings', resolve))
  return session
}

function handshake(session: ClientHttp2Session): ClientHttp2Stream {
  return session.request(
    {
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':path': '/chat',
      ':authority': 'h',
      'sec-websocket-version': '13',
    },
    { endStream: false },
  )
}

interface Brought {
  status: number | undefined
  head: Record<string, unknown>
  text: string
  trailers: Record<string, unknown>
  code: number | undefined
}

/** What a stream has brought so far. */
function watch(stream: ClientHttp2Stream): Brought {
  const brought: Brought = { status: undefined, head: {}, text: '', trailers: {}, code: undefined }
  stream.setEncoding('latin1')
  stream.on('error', () => undefined)
  stream.on('response', (head) => {
    brought.status = head[':status']
    brought.head = head
  })
  stream.on('data', (text: string) => {
    brought.text += text
  })
  stream.on('trailers', (trailers) => {
    brought.trailers = trailers
  })
  stream.on('close', () => {
    brought.code = stream.rstCode
  })
  return brought
}

describe.each(http2Engines)('a WebSocket over HTTP/2 to an app with HTTP/1.1: $name', (engine) => {
  test.each(['right', 'wrong'])('whose answer to our key is %s', async (answer) => {
    const app = await openApp((request, connection) => {
      const key = valuesOf(request.fields, 'Sec-WebSocket-Key')[0] ?? ''
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
      connection.send(
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
          `Sec-WebSocket-Accept: ${answer === 'right' ? accept : 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='}\r\nX: 1\r\n\r\nwelcome`,
      )
    })
    const { front } = await openPipeline(engine, app.port)
    const stream = handshake(await client(front.port))
    const brought = watch(stream)
    if (answer === 'wrong') {
      await expect.poll(() => brought.status).toBe(502)
      return
    }
    await expect.poll(() => brought.text).toBe('welcome')
    expect(brought.status).toBe(200)
    expect(brought.head).toMatchObject({ x: '1' })
    expect(brought.head).not.toHaveProperty('sec-websocket-accept')
    expect(app.requests[0]).toMatchObject({ method: 'GET', target: '/chat' })
    stream.write('up')
    await (await app.connection()).until('up')
    stream.end()
    await (await app.connection()).ended
  })
})

describe('HTTP/2 on both sides', () => {
  test('a WebSocket goes through as an extended CONNECT, and each direction ends by itself', async () => {
    let ended = false
    const app = await openH2cApp(({ stream }) => {
      stream.respond({ ':status': 200, 'sec-websocket-protocol': 'chat' })
      stream.on('data', (chunk: Buffer) => stream.write(chunk))
      stream.on('end', () => {
        ended = true
        stream.end('bye')
      })
    })
    const { front } = await openPipeline(both, app.port)
    const stream = handshake(await client(front.port))
    const brought = watch(stream)
    stream.write('hello')
    await expect.poll(() => brought.text).toBe('hello')
    expect(brought.head).toMatchObject({ ':status': 200, 'sec-websocket-protocol': 'chat' })
    expect(app.requests[0]?.headers).toMatchObject({
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':scheme': 'http',
    })
    stream.end()
    await expect.poll(() => brought.text).toBe('hellobye')
    expect(ended).toBe(true)
    await expect.poll(() => brought.code).toBe(0)
  })

  test('a response of trailers only stays one, and trailers follow a body', async () => {
    const app = await openH2cApp(({ headers, stream }) => {
      if (headers[':path'] === '/only') {
        stream.respond({ ':status': 200, 'grpc-status': '5' }, { endStream: true })
        return
      }
      stream.respond({ ':status': 200 }, { waitForTrailers: true })
      stream.on('wantTrailers', () => {
        stream.sendTrailers({ 'grpc-status': '0' })
      })
      stream.end('message')
    })
    const { front } = await openPipeline(both, app.port)
    const session = await client(front.port)
    const flags = await new Promise<number>((resolve) => {
      session.request({ ':path': '/only', ':authority': 'h' }).on('response', (_head, received) => {
        resolve(received)
      })
    })
    // END_STREAM stands on the head itself.
    expect(flags & 1).toBe(1)
    const brought = watch(session.request({ ':path': '/', ':authority': 'h' }))
    await expect.poll(() => brought.trailers).toMatchObject({ 'grpc-status': '0' })
    expect(brought.text).toBe('message')
  })

  test.each([
    ['CANCEL', CANCEL, CANCEL],
    ['REFUSED_STREAM', REFUSED_STREAM, REFUSED_STREAM],
    ['FLOW_CONTROL_ERROR, which concerns nobody else,', 3, INTERNAL_ERROR],
  ])("the application's reset with %s resets the client's stream, before and within a response", async (_name, sent, seen) => {
    const app = await openRawH2cApp((connection, stream, index) => {
      if (index === 0) {
        connection.begin(stream, 'part')
        setTimeout(() => {
          connection.reset(stream, sent)
        }, 30)
      } else connection.reset(stream, sent)
    })
    const { front } = await openPipeline(both, app.port)
    const session = await client(front.port)
    const within = watch(session.request({ ':path': '/', ':authority': 'h' }))
    await expect.poll(() => within.code).toBe(seen)
    expect(within.text).toBe('part')
    const before = watch(session.request({ ':path': '/', ':authority': 'h' }))
    await expect.poll(() => before.code).toBe(seen)
    expect(before.status).toBeUndefined()
    expect(session.destroyed).toBe(false)
  })

  test("a client's reset reaches the application as CANCEL", async () => {
    const app = await openH2cApp()
    const { front } = await openPipeline(both, app.port)
    const session = await client(front.port)
    const stream = session.request({ ':path': '/', ':method': 'POST', ':authority': 'h' }, { endStream: false })
    watch(stream)
    await expect.poll(() => app.requests.length).toBe(1)
    stream.close(CANCEL)
    await expect.poll(() => app.requests[0]?.code).toBe(CANCEL)
>>>>>>> upstream2
  })
})
