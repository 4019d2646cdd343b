import { describe, expect, test } from 'vitest'
import type { RawSocket } from '../support/raw-client.ts'
import { OK } from '../support/recorder.ts'
import { engines } from './engines.ts'
import { ask, openApp, openFront, openPipeline, TOKEN } from './fixtures.ts'

const GET = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'

describe.each(engines)('connections of $name to the application', (engine) => {
  test('that cannot be made leave the exchange untouched, so that it can go to another process', async () => {
    const [dead, app] = [await openApp(), await openApp()]
    await dead.close()
    const options = { requestTimeout: 0, forwardResponseConnectionHeader: false }
    const [first, second] = [dead, app].map(({ port }) => engine.openUpstream({ port, token: TOKEN }))
    const deliveries: unknown[] = []
    const { connect } = await openFront(engine, (exchange) => {
      void first?.forward(exchange, options).then(async (delivery) => {
        deliveries.push(delivery, await second?.forward(exchange, options))
      })
    })
    const client = await connect()
    client.send('POST /again HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n')
    await client.until('100 Continue')
    client.send('5\r\nhello\r\n0\r\n\r\n')
    await client.until(/ok$/)
    expect(app.requests).toMatchObject([{ method: 'POST', target: '/again', body: 'hello' }])
    await expect
      .poll(() => deliveries)
      .toMatchObject([{ failure: { kind: 'connect', side: 'application' } }, { outcome: 'delivered' }])
    second?.close()
  })

  test.each([
    'GET',
    'HEAD',
    'OPTIONS',
  ])('that turn out to be dead when used again: %s is sent once more, on a new one', async (method) => {
    const app = await openApp((_request, connection, index) => {
      if (index === 0) connection.send(OK.replace('ok', method === 'HEAD' ? '' : 'ok'))
      else connection.reset()
    })
    const pipeline = await openPipeline(engine, app.port)
    const client = await pipeline.connect()
    const bytes = `${method} / HTTP/1.1\r\nHost: h\r\n\r\n`
    await ask(pipeline, client, bytes)
    await ask(pipeline, client, bytes)
    expect(pipeline.deliveries).toEqual([
      { outcome: 'delivered', status: 200 },
      { outcome: 'delivered', status: 200 },
    ])
    expect(app.connections.map((connection) => connection.read().requests.length)).toEqual([2, 1])
  })

  test.each([
    'leaves them at once',
    'leaves new ones too',
  ])('that turn out to be dead all together, of an application that %s: a GET is sent once more, on a new one', async (how) => {
    const app = await openApp((request, connection, index) => {
      if (index === 1 || (request.target === '/late' && how !== 'leaves them at once')) connection.reset()
      else if (request.target === '/late') connection.send(OK)
      else if (app.requests.length === 3) for (const one of app.connections) one.send(OK)
    })
    const pipeline = await openPipeline(engine, app.port)
    const clients = [await pipeline.connect(), await pipeline.connect(), await pipeline.connect()]
    for (const client of clients) client.send(GET)
    for (const index of [0, 1, 2]) await pipeline.delivery(index)
    expect(app.connections).toHaveLength(3)
    await ask(pipeline, clients[0] as RawSocket, GET.replace('/', '/late'))
    const late = app.requests.filter(({ target }) => target === '/late')
    expect(late).toHaveLength(2)
    expect(app.connections).toHaveLength(4)
    expect(pipeline.deliveries[3]).toMatchObject({ outcome: how === 'leaves them at once' ? 'delivered' : 'failed' })
  })

  test.each([
    ['a POST', 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx'],
    ['a POST without a body', 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n'],
    ['a DELETE', 'DELETE / HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['a GET with a body', 'GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx'],
  ])('that turn out to be dead when used again: %s is never sent twice', async (_what, bytes) => {
    const app = await openApp((_request, connection, index) => {
      if (index === 0) connection.send(OK)
      else connection.reset()
    })
    const pipeline = await openPipeline(engine, app.port)
    const client = await pipeline.connect()
    await ask(pipeline, client, GET)
    await ask(pipeline, client, bytes)
    expect(pipeline.deliveries[1]).toMatchObject({
      outcome: 'failed',
      failure: { side: 'application', started: false },
    })
    await client.until('HTTP/1.1 502')
    expect(app.requests).toHaveLength(2)
  })

  test('that end at the moment of a request that cannot be sent twice: it is sent on a new one', async () => {
    const app = await openApp()
    const pipeline = await openPipeline(engine, app.port)
    const client = await pipeline.connect()
    const post = 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi'
    await ask(pipeline, client, post)
    for (let round = 0; round < 20; round++) {
      // Nothing else runs between the two, so that both are there when the forwarder gets round to them.
      app.connections[round]?.end()
      await ask(pipeline, client, post)
    }
    expect(pipeline.deliveries.filter(({ outcome }) => outcome === 'failed')).toEqual([])
    expect(app.connections.map((connection) => connection.read().requests.length)).toEqual(app.connections.map(() => 1))
  })

  test('that end on their first use, or after the first byte of a response: nothing is sent twice', async () => {
    const app = await openApp((_request, connection, index) => {
      if (index === 0) connection.send(OK)
      else {
        connection.send('HTTP/1.1 2')
        connection.end()
      }
    })
    const pipeline = await openPipeline(engine, app.port)
    const client = await pipeline.connect()
    await ask(pipeline, client, GET)
    await ask(pipeline, client, GET)
    expect(pipeline.deliveries[1]).toMatchObject({ outcome: 'failed' })
    expect(app.requests).toHaveLength(2)

    const dying = await openApp((_request, connection) => {
      connection.end()
    })
    const other = await openPipeline(engine, dying.port)
    await ask(other, await other.connect(), GET)
    expect(other.deliveries).toMatchObject([{ outcome: 'failed' }])
    expect(dying.requests).toHaveLength(1)
  })

  test('are all closed by close(): requests under way fail, later ones fail at once', async () => {
    const app = await openApp((request, connection) => {
      if (request.target === '/free') connection.send(OK)
      if (request.target === '/half') connection.send('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf')
    })
    const pipeline = await openPipeline(engine, app.port)
    const [free, waiting, half] = [await pipeline.connect(), await pipeline.connect(), await pipeline.connect()]
    waiting.send(GET)
    await (await app.connection(0)).requests()
    half.send(GET.replace('/', '/half'))
    await half.until('half')
    await ask(pipeline, free, GET.replace('/', '/free'))

    pipeline.upstream.close()
    pipeline.upstream.close()
    await waiting.until('HTTP/1.1 502')
    await half.untilEnded()
    expect(half.ending).toBe('reset')
    await Promise.all(app.connections.map((connection) => connection.ended))
    expect(app.connections).toHaveLength(3)
    await ask(pipeline, free, GET)
    expect(pipeline.deliveries.at(-1)).toMatchObject({
      failure: { kind: 'connect', side: 'application', started: false },
    })
    expect(app.connections).toHaveLength(3)
  })

  test('are few, and none is left open, after 2,000 requests with every kind of end', async () => {
    const app = await openApp((request, connection) => {
      if (request.target === '/cut') connection.reset()
      else if (request.target === '/close') connection.send(OK.replace('OK\r\n', 'OK\r\nConnection: close\r\n'))
      else connection.send(OK)
    })
    const pipeline = await openPipeline(engine, app.port)
    const bytes = [
      GET,
      'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n',
      GET.replace('/', '/close'),
      GET.replace('/', '/cut'),
    ]
    const warnings: Error[] = []
    const onWarning = (warning: Error): void => void warnings.push(warning)
    process.on('warning', onWarning)
    const talk = async (): Promise<void> => {
      for (let round = 0; round < 10; round++) {
        const client = await pipeline.connect()
        client.send(bytes.join('').repeat(10))
        await client.until((received) => received.split('</html>').length === 11)
        client.destroy()
      }
    }
    await Promise.all([talk(), talk(), talk(), talk(), talk()])
    expect(pipeline.deliveries).toHaveLength(2_000)
    expect(pipeline.deliveries.filter(({ outcome }) => outcome === 'failed')).toHaveLength(500)
    pipeline.upstream.close()
    await expect.poll(() => pipeline.front.connections).toBe(0)
    await expect.poll(() => app.connections.every(({ socket }) => socket.closed)).toBe(true)
    // The two listeners of this test.
    await expect.poll(resources).toEqual({ TCPServerWrap: 2 })
    process.off('warning', onWarning)
    expect(warnings).toEqual([])
  })
})

/** What keeps a process alive, counted by kind: sockets, timers, immediates. */
function resources(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) {
    if (kind.startsWith('TCP') || kind === 'Immediate') counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}
