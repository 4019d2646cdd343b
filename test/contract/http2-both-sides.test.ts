import { createHash } from 'node:crypto'
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
      if (index === 0) connection.begin(stream, 'part')
      else connection.reset(stream, sent)
    })
    const { front } = await openPipeline(both, app.port)
    const session = await client(front.port)
    const within = watch(session.request({ ':path': '/', ':authority': 'h' }))
    await expect.poll(() => within.text).toBe('part')
    app.connections[0]?.reset(1, sent)
    await expect.poll(() => within.code).toBe(seen)
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
  })
})
