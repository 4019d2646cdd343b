import { describe, expect, test } from 'vitest'
import type { Delivery } from '../../src/forward/forward-failure.ts'
import type { RawSocket } from '../support/raw-client.ts'
import { OK } from '../support/recorder.ts'
import { engines } from './engines.ts'
import { ask, openApp, openFront, openPipeline, TOKEN } from './fixtures.ts'

const GET = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'
const POST = 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi'
const options = { requestTimeout: 0, forwardResponseConnectionHeader: false }

describe.each(engines)('connections of $name that the application has ended', (engine) => {
  test('while they were free do not count among those that are kept', async () => {
    const app = await openApp((request, connection) => {
      if (request.target === '/last') return
      if (app.requests.length === 257) {
        for (const one of app.connections) if (one.read().requests[0]?.target === '/') one.send(OK)
      } else if (app.requests.length > 257) connection.send(OK)
    })
    const pipeline = await openPipeline(engine, app.port)
    const last = await pipeline.connect()
    last.send(GET.replace('/', '/last'))
    const kept = await app.connection()
    await kept.requests()
    const clients = await Promise.all(Array.from({ length: 256 }, () => pipeline.connect()))
    for (const client of clients) client.send(GET)
    await pipeline.delivery(255)
    for (const connection of app.connections) if (connection !== kept) connection.end()
    await expect.poll(() => app.connections.filter(({ socket }) => socket.closed).length).toBe(256)

    kept.send(OK)
    await last.until(/ok$/)
    await ask(pipeline, clients[0] as RawSocket, GET)
    expect(kept.read().requests).toHaveLength(2)
  })

  test.each([
    ['by a reset', (connection: RawSocket) => connection.reset()],
    ['in order', (connection: RawSocket) => connection.end()],
    ['for us, by bytes that nobody asked for', (connection: RawSocket) => connection.send(OK)],
  ])('%s just before a POST that is forwarded a moment later: it goes over a new one', async (_how, finish) => {
    const app = await openApp()
    const upstream = engine.openUpstream({ port: app.port, token: TOKEN })
    const deliveries: Delivery[] = []
    const { connect } = await openFront(engine, (exchange) => {
      // As behind a site that has something to wait for: what came together with the request has been read by then.
      setImmediate(() => {
        void upstream.forward(exchange, options).then((delivery) => {
          deliveries.push(delivery)
          if (delivery.outcome === 'failed') exchange.reply.abort()
        })
      })
    })
    const client = await connect()
    for (let round = 1; round <= 10; round++) {
      client.send(POST)
      await client.until((received) => received.split('\r\n\r\nok').length === round + 1)
      const connection = app.connections.at(-1) as RawSocket
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
      finish(connection)
    }
    expect(deliveries).toEqual(deliveries.map(() => ({ outcome: 'delivered', status: 200 })))
    expect(app.connections.map((connection) => connection.read().requests.length)).toEqual(
      Array.from({ length: 10 }, () => 1),
    )
    upstream.close()
  })
})
