import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { closeWhenRead } from '../../src/forward/close-when-read.ts'
import type { Delivery } from '../../src/forward/forward-failure.ts'
import type { RawSocket } from '../support/raw-client.ts'
import { OK, type Recorder } from '../support/recorder.ts'
import { type Engine, engines } from './engines.ts'
import { openApp, openFront, TOKEN } from './fixtures.ts'

const GET = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'
const POST = 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi'

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** An application that has a kept-alive connection and is about to die, another one, and a client of a site that has both. */
interface Succession {
  readonly dying: Recorder
  readonly next: Recorder
  readonly client: RawSocket
  readonly deliveries: readonly Delivery[]
}

/** `onSecond` is called when the second request has a connection, and nothing of it has been sent. */
async function succession(engine: Engine, onSecond: (dying: Recorder) => void): Promise<Succession> {
  const dying = await openApp((request, connection) => {
    if (request.target === '/crash') void dying.close()
    else connection.send(OK)
  })
  const next = await openApp()
  const options = { requestTimeout: 0, forwardResponseConnectionHeader: false }
  const [first, second] = [dying, next].map(({ port }) => engine.openUpstream({ port, token: TOKEN }))
  const deliveries: Delivery[] = []
  const { connect } = await openFront(engine, (exchange) => {
    const delivered = first?.forward(exchange, options)
    if (deliveries.length === 1) onSecond(dying)
    void delivered?.then((delivery) => {
      deliveries.push(delivery)
      if (delivery.outcome === 'delivered') return
      // What a site does; see second-try.ts.
      if (delivery.failure.kind === 'connect') void second?.forward(exchange, options)
      else exchange.reply.abort()
    })
  })
  const client = await connect()
  client.send(GET)
  await client.until(/ok$/)
  await turns(3)
  return { dying, next, client, deliveries }
}

/** Bytes stay with the system: pause() alone would still take some. */
function leaveUnread(socket: Socket | undefined): void {
  const { _handle: handle } = socket as unknown as { readonly _handle: { readStop(): void } }
  handle.readStop()
}

const answered = (received: string): boolean => received.split('\r\n\r\nok').length === 3

describe.each(engines)('an application that dies, seen by $name', (engine) => {
  const die = (dying: Recorder): void => void dying.close()

  test('before a GET is sent on a kept-alive connection: the GET may go to the next process', async () => {
    const { client, next, deliveries } = await succession(engine, die)
    client.send(GET)
    await client.until(answered)
    expect(deliveries[1]).toMatchObject({ failure: { kind: 'connect', side: 'application', started: false } })
    expect(next.requests).toHaveLength(1)
  })

  test('with a GET that it has not read: the GET may go to the next process', async () => {
    const { client, next, dying, deliveries } = await succession(engine, ({ connections }) => {
      leaveUnread(connections[0]?.socket)
    })
    client.send(GET)
    await turns(10)
    die(dying)
    await client.until(answered)
    expect(deliveries[1]).toMatchObject({ failure: { kind: 'connect', side: 'application', started: false } })
    expect(next.requests).toHaveLength(1)
  })

  test('of a GET: that is 502, and kills no second one', async () => {
    const { client, next, deliveries } = await succession(engine, () => undefined)
    client.send(GET.replace('/', '/crash'))
    await client.untilEnded()
    expect(deliveries[1]).toMatchObject({ failure: { kind: 'await-response', side: 'application', started: false } })
    expect(next.requests).toHaveLength(0)
  })

  test('before a POST is sent on a kept-alive connection: it goes to the next process, since nothing was sent', async () => {
    const { client, next, deliveries } = await succession(engine, die)
    client.send(POST)
    await client.until(answered)
    expect(deliveries[1]).toMatchObject({ failure: { kind: 'connect', side: 'application', started: false } })
    expect(next.requests).toHaveLength(1)
  })

  test('with a POST that it has not read: it is not sent again, since it may have been processed', async () => {
    const { client, next, dying, deliveries } = await succession(engine, ({ connections }) => {
      leaveUnread(connections[0]?.socket)
    })
    client.send(POST)
    await turns(10)
    die(dying)
    await client.untilEnded()
    expect(deliveries[1]).toMatchObject({ failure: { side: 'application', started: false } })
    expect(deliveries[1]).not.toMatchObject({ failure: { kind: 'connect' } })
    expect(next.requests).toHaveLength(0)
  })

  test('and is known to be dead when its last response is read: a GET that takes that connection may go to the next process', async () => {
    const dying = await openApp(() => undefined)
    const upstream = engine.openUpstream({ port: dying.port, token: TOKEN })
    const deliveries: Delivery[] = []
    const { connect } = await openFront(engine, (exchange) => {
      void upstream
        .forward(exchange, { requestTimeout: 0, forwardResponseConnectionHeader: false })
        .then((delivery) => {
          deliveries.push(delivery)
          if (delivery.outcome === 'failed') exchange.reply.abort()
        })
      // The system tells of the end of a process after it has closed the connections.
      if (exchange.target === '/late') void closeWhenRead(upstream)
    })
    const [early, late] = [await connect(), await connect()]
    early.send(GET.replace('/', '/early'))
    const connection = await dying.connection()
    await connection.requests()
    // All of it is there when the front reads next.
    connection.send(OK)
    void dying.close()
    late.send(GET.replace('/', '/late'))
    await early.until(/ok$/)
    await late.untilEnded()
    expect(deliveries).toMatchObject([
      { outcome: 'delivered' },
      { failure: { kind: 'connect', side: 'application', started: false } },
    ])
  })
})
