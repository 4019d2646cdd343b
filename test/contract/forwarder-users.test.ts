import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { KnownUser } from '../../src/http/known-user.ts'
import { openH2cApp } from '../support/h2c-app.ts'
import { type Answerer, type Recorder } from '../support/recorder.ts'
import { valuesOf } from '../support/strict-reader.ts'
import { engines } from './engines.ts'
import { ask, openApp, openPipeline, TOKEN } from './fixtures.ts'
import { h2cFronts } from './h2c-fronts.ts'

const field = 'MS-ASPNETCORE-ANCMD-USER'
const forged = Buffer.from('{"name":"admin","authenticationType":"Basic","groups":[]}').toString('base64')
const alice: KnownUser = {
  name: 'TEST\\alicé',
  authenticationType: 'Negotiate',
  groups: ['Staff', 'TEST\\Staff'],
  isInRole: () => false,
}
const told = { name: 'TEST\\alicé', authenticationType: 'Negotiate', groups: ['Staff', 'TEST\\Staff'] }

const proved = 'MS-ASPNETCORE-ANCMD-IDENTITY: 1\r\n'
const ok = (fields: string): string => `HTTP/1.1 200 OK\r\n${fields}Content-Length: 2\r\n\r\nok`
const say =
  (bytes: string): Answerer =>
  (_request, connection) => {
    connection.send(bytes)
  }
const forging = (line: string, more = ''): string =>
  `${line} HTTP/1.1\r\nHost: h\r\n${field}: ${forged}\r\nms_aspnetcore_ancmd_user: ${forged}\r\n${more}\r\n`
const key = 'dGhlIHNhbXBsZSBub25jZQ=='
const handshake = forging(
  'GET /chat',
  `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n`,
)
const accepted = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')

/** The users that the fields of a request name. */
function named(values: readonly string[]): unknown[] {
  return values.map((value) => JSON.parse(Buffer.from(value, 'base64').toString()) as unknown)
}

async function usersOf(app: Recorder): Promise<unknown[]> {
  const { requests } = (await app.connection()).read()
  return named(valuesOf(requests[0]?.fields ?? [], field))
}

describe.each(engines)('a user, through $name', (engine) => {
  test.each([
    ['a GET', forging('GET /')],
    ['a GET that wants it taken out', forging('GET /', `Connection: ${field}, X-Other\r\n`)],
    ['a POST', forging('POST /', 'Content-Length: 4\r\n').concat('body')],
    ['a chunked POST', forging('POST /', 'Transfer-Encoding: chunked\r\n').concat('4\r\nbody\r\n0\r\n\r\n')],
  ])('is named to the application once, whatever the client writes, in %s', async (_what, request) => {
    const app = await openApp(say(ok(proved)))
    const pipeline = await openPipeline(engine, app.port, { user: alice, provesUser: true })
    const client = await pipeline.connect()
    client.send(request)
    expect(await client.until('\r\n\r\nok')).not.toMatch(/ms-aspnetcore/i)
    expect(await usersOf(app)).toEqual([told])
    const { requests } = (await app.connection()).read()
    expect(valuesOf(requests[0]?.fields ?? [], 'ms_aspnetcore_ancmd_user')).toEqual([])
    expect(valuesOf(requests[0]?.fields ?? [], 'MS-ASPNETCORE-TOKEN')).toEqual([TOKEN])
  })

  test.each([
    ['GET', forging('GET /')],
    ['WebSocket', handshake],
  ])('whom a client invents is nobody (%s)', async (_what, request) => {
    const app = await openApp(say(ok('')))
    const pipeline = await openPipeline(engine, app.port, { provesUser: true })
    const client = await pipeline.connect()
    client.send(request)
    await client.until('\r\n\r\nok')
    expect(await usersOf(app)).toEqual([])
  })

  test('is named in the handshake of a WebSocket', async () => {
    const app = await openApp(
      say(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${proved}Sec-WebSocket-Accept: ${accepted}\r\n\r\nhi`,
      ),
    )
    const pipeline = await openPipeline(engine, app.port, { user: alice, provesUser: true })
    const client = await pipeline.connect()
    client.send(handshake)
    expect(await client.until('\r\n\r\nhi')).not.toMatch(/ms-aspnetcore/i)
    expect(await usersOf(app)).toEqual([told])
  })

  test.each([
    ['a page', 'GET /', ok('')],
    ['a page to HEAD', 'HEAD /', ok('').slice(0, -2)],
    ['a page that ends with its connection', 'GET /', 'HTTP/1.1 200 OK\r\n\r\nsecret'],
    ['an endless page', 'GET /', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nsecret\r\n'],
    ['a refusal', 'GET /', 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n'],
    ['a 404', 'GET /', 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'],
  ])('gets 500 and not the answer of an application that does not know the user: %s', async (_what, line, answer) => {
    const app = await openApp(say(answer))
    const pipeline = await openPipeline(engine, app.port, { user: alice, provesUser: true })
    const client = await pipeline.connect()
    await ask(pipeline, client, forging(line))
    expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 500 Internal Server Error\r\n/)
    expect(client.received).not.toContain('secret')
    expect(await pipeline.delivery()).toMatchObject({
      outcome: 'failed',
      failure: { side: 'application', started: false, cause: { name: 'UserNotTaken' } },
    })
    // The connection of the client goes on, and nothing of the refused answer is left on one to the application.
    if (line.startsWith('GET')) await client.until('</html>\r\n')
    await ask(pipeline, client, forging('GET /again'))
    expect(pipeline.deliveries).toHaveLength(2)
  })

  test.each([
    '400 Bad Request',
    '413 Content Too Large',
    '431 Request Header Fields Too Large',
    '500 Error',
    '503 Busy',
  ])('gets what Kestrel answers by itself: %s', async (status) => {
    const app = await openApp(say(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`))
    const pipeline = await openPipeline(engine, app.port, { user: alice, provesUser: true })
    const client = await pipeline.connect()
    client.send(forging('GET /'))
    expect(await client.until('\r\n\r\n')).toMatch(new RegExp(`^HTTP/1\\.1 ${status}\r\n`))
  })

  test.each([
    [
      'a 101',
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accepted}\r\n\r\nhi`,
    ],
    ['a page', ok('')],
  ])('gets 500 for the handshake of a WebSocket: %s', async (_what, answer) => {
    const app = await openApp(say(answer))
    const pipeline = await openPipeline(engine, app.port, { user: alice, provesUser: true })
    const client = await pipeline.connect()
    await ask(pipeline, client, handshake)
    expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 500 /)
    expect(client.received).not.toMatch(/\r\n\r\n(?:hi|ok)/)
  })

  test('gets what the application answers where it reads the header itself', async () => {
    const app = await openApp(say(ok('')))
    const pipeline = await openPipeline(engine, app.port, { user: alice })
    const client = await pipeline.connect()
    client.send(forging('GET /'))
    await client.until('\r\n\r\nok')
    expect(await usersOf(app)).toEqual([told])
  })
})

describe.each(h2cFronts)('a user, over HTTP/2 to the application, behind the front of $name', (engine) => {
  const pipelineTo = (port: number, user?: KnownUser) =>
    openPipeline(engine, port, { provesUser: true, ...(user && { user }) })

  test('is named to the application once, whatever the client writes', async () => {
    const app = await openH2cApp(({ stream }) => {
      stream.respond({ ':status': 200, 'ms-aspnetcore-ancmd-identity': '1' })
      stream.end('ok')
    })
    const client = await (await pipelineTo(app.port, alice)).connect()
    client.send(forging('GET /'))
    expect(await client.until('ok')).not.toMatch(/ms-aspnetcore/i)
    expect(named([String(app.requests[0]?.headers['ms-aspnetcore-ancmd-user'])])).toEqual([told])
    expect(app.requests[0]?.headers).not.toHaveProperty('ms_aspnetcore_ancmd_user')
  })

  test.each([
    ['GET', forging('GET /')],
    ['WebSocket', handshake],
  ])('whom a client invents is nobody (%s)', async (_what, request) => {
    const app = await openH2cApp(({ stream }) => {
      stream.respond({ ':status': 200, 'x-end': '1' })
      if (!stream.destroyed) stream.end('ok')
    })
    const client = await (await pipelineTo(app.port)).connect()
    client.send(request)
    await client.until('ok')
    expect(app.requests[0]?.headers).not.toHaveProperty('ms-aspnetcore-ancmd-user')
  })

  test('is named in the handshake of a WebSocket', async () => {
    const app = await openH2cApp(({ stream }) => {
      stream.respond({ ':status': 200, 'ms-aspnetcore-ancmd-identity': '1' })
      stream.write('hi')
    })
    const client = await (await pipelineTo(app.port, alice)).connect()
    client.send(handshake)
    expect(await client.until('hi')).toMatch(/^HTTP\/1\.1 101 /)
    expect(client.received).not.toMatch(/ms-aspnetcore/i)
    expect(app.requests[0]?.headers[':method']).toBe('CONNECT')
    expect(named([String(app.requests[0]?.headers['ms-aspnetcore-ancmd-user'])])).toEqual([told])
  })

  test.each([
    ['a page', forging('GET /')],
    ['a WebSocket', handshake],
  ])('gets 500 and not the answer of an application that does not know the user: %s', async (_what, request) => {
    const app = await openH2cApp(({ stream }) => {
      stream.respond({ ':status': 200 })
      stream.write('secret')
    })
    const pipeline = await pipelineTo(app.port, alice)
    const client = await pipeline.connect()
    client.send(request)
    expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 500 /)
    expect(client.received).not.toContain('secret')
    expect(await pipeline.delivery()).toMatchObject({ failure: { started: false, cause: { name: 'UserNotTaken' } } })
  })
})
