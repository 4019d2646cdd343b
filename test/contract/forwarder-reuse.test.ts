import { describe, expect, test, vi } from 'vitest'
import type { RequestBody } from '../../src/http/exchange.ts'
import type { RawSocket } from '../support/raw-client.ts'
import { OK } from '../support/recorder.ts'
import { engines } from './engines.ts'
import { ask, openApp, openFront, openPipeline, TOKEN } from './fixtures.ts'

const GET = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'

describe.each(engines)('kept-alive connections of $name to the application', (engine) => {
  test.each([
    ['behind a response', (first: RawSocket) => first.send(`${OK}HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray`)],
    ['behind a response, as garbage', (first: RawSocket) => first.send(`${OK}stray`)],
    [
      'while nothing is under way',
      (first: RawSocket) => {
        first.send(OK)
        setTimeout(() => {
          first.send('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray')
        }, 50)
      },
    ],
  ])('that bring bytes %s are dropped; nobody gets those bytes', async (_when, answer) => {
    const app = await openApp((request, connection) => {
      if (request.target === '/first') answer(connection)
      else connection.send(OK.replace('ok', 'me'))
    })
    const pipeline = await openPipeline(engine, app.port)
    const client = await pipeline.connect()
    await ask(pipeline, client, GET.replace('/', '/first'))
    await (await app.connection()).ended
    await ask(pipeline, client, GET)
    expect(await client.until(/me$/)).not.toContain('stray')
    expect(app.connections).toHaveLength(2)
  })

  test.each([
    ['a GET', GET.replace('/', '/second')],
    ['a POST', 'POST /second HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi'],
  ])('that bring bytes in the moment they are taken for %s are dropped; it goes over a new one', async (_what, bytes) => {
    const app = await openApp((request, connection) => {
      connection.send(request.target === '/second' ? OK.replace('ok', 'me') : OK)
    })
    const pipeline = await openPipeline(engine, app.port)
    const client = await pipeline.connect()
    await ask(pipeline, client, GET)
    await client.until(/ok$/)
    // With nothing else to read, the request is read first, and what the application says in the same turn.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
    client.send(bytes)
    app.connections[0]?.send('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray')
    await pipeline.delivery(1)
    expect(await client.until(/(me|stray)$/)).not.toContain('stray')
    expect(app.connections.map((connection) => connection.read().requests.length)).toEqual([1, 1])
  })

  test('bring no bytes to a client before the head of its request is sent, however long its body takes', async () => {
    const app = await openApp()
    const options = { requestTimeout: 0, forwardResponseConnectionHeader: false }
    const upstream = engine.openUpstream({ port: app.port, token: TOKEN })
    const { connect } = await openFront(engine, (exchange) => void upstream.forward(exchange, options))
    const client = await connect()
    client.send(GET)
    await client.until(/ok$/)
    client.send('POST /second HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n')
    // The application speaks as soon as it has the head.
    await app.connections[0]?.until(/POST \/second/)
    app.connections[0]?.send(OK.replace('ok', 'me'))
    await client.until(/me$/)
    expect(app.connections).toHaveLength(1)
    upstream.close()
  })

  test.each([
    ['of known length', 'Content-Length: 1000000\r\n\r\nbeginning'],
    ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n9\r\nbeginning\r\n'],
  ])('end with an answer that comes before the end of a body %s: the rest goes nowhere', async (_what, bytes) => {
    const app = await openApp()
    const upstream = engine.openUpstream({ port: app.port, token: TOKEN })
    const options = { requestTimeout: 0, forwardResponseConnectionHeader: false }
    const bodies: RequestBody[] = []
    const { connect } = await openFront(engine, (exchange) => {
      if (exchange.body !== undefined) {
        vi.spyOn(exchange.body, 'destroy')
        bodies.push(exchange.body)
      }
      void upstream.forward(exchange, options)
    })
    const [client, other] = [await connect(), await connect()]
    other.send(GET)
    await other.until(/ok$/)
    client.send(`POST /early HTTP/1.1\r\nHost: h\r\n${bytes}`)
    const connection = await app.connection()
    await connection.until('beginning')
    connection.send(OK)
    await client.until(/ok$/)
    await connection.ended
    expect(bodies[0]?.destroy).toHaveBeenCalled()
    client.send('more')
    other.send(GET)
    await other.until((received) => received.split('\r\n\r\nok').length === 3)
    expect(app.connections).toHaveLength(2)
    expect(connection.received).not.toContain('more')
    upstream.close()
  })

  test('are at most 256 without requests under way', async () => {
    const app = await openApp(() => {
      if (app.requests.length === 258) for (const connection of app.connections) connection.send(OK)
    })
    const pipeline = await openPipeline(engine, app.port)
    const clients = await Promise.all(Array.from({ length: 258 }, () => pipeline.connect()))
    for (const client of clients) client.send(GET)
    await pipeline.delivery(257)
    const open = (): number => app.connections.filter(({ ending }) => ending === undefined).length
    await expect.poll(open).toBe(256)
  })

  test('that the application ends while they are free are not used again, for any method', async () => {
    const app = await openApp((_request, connection) => {
      connection.send(OK)
      connection.end()
    })
    const pipeline = await openPipeline(engine, app.port)
    const client = await pipeline.connect()
    await ask(pipeline, client, GET)
    await expect.poll(() => app.connections[0]?.socket.closed).toBe(true)
    await ask(pipeline, client, 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx')
    expect(pipeline.deliveries[1]).toMatchObject({ outcome: 'delivered' })
  })

  test('that are free when the process retires are closed at once, the others as they become free', async () => {
    const app = await openApp((request, connection) => {
      if (request.target === '/') connection.send(OK)
    })
    const pipeline = await openPipeline(engine, app.port)
    const [client, other] = [await pipeline.connect(), await pipeline.connect()]
    client.send(GET)
    await pipeline.delivery(0)
    other.send(GET.replace('/', '/held'))
    // It has the connection of the first request, and that another one.
    const held = await app.connection(0)
    await held.requests(2)
    client.send(GET)
    await pipeline.delivery(1)
    const free = await app.connection(1)

    pipeline.upstream.retire()
    pipeline.upstream.retire()
    await free.ended
    expect(held.socket.closed).toBe(false)
    held.send(OK)
    await pipeline.delivery(2)
    await held.ended
    expect(pipeline.deliveries.map(({ outcome }) => outcome)).toEqual(['delivered', 'delivered', 'delivered'])

    // Whoever had been given the process before still reaches it.
    client.send(GET)
    expect(await pipeline.delivery(3)).toEqual({ outcome: 'delivered', status: 200 })
    await (await app.connection(2)).ended
  })
})
