import { describe, expect, test } from 'vitest'
import { AddressSet } from '../../src/platform/address-set.ts'
import { engines } from './engines.ts'
import { openApp, openFront, openPipeline } from './fixtures.ts'

const GET = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'

describe.each(engines)('limits of connections on $name', (engine) => {
  test('the last of the requests that a connection may send says that it ends, and no later one is served', async () => {
    const app = await openApp()
    const { connect } = await openPipeline(engine, app.port, { limits: { requestsPerConnection: 3 } })
    const client = await connect()
    client.send(GET)
    await client.until('\r\n\r\nok')
    expect(client.received).not.toMatch(/connection: close/i)
    client.send(GET.repeat(5))
    await client.untilEnded()
    expect(client.received.match(/HTTP\/1\.1 200/g)).toHaveLength(3)
    expect(client.received.match(/connection: close/gi)).toHaveLength(1)
    expect(app.requests).toHaveLength(3)
  })

  test('an address with as many connections as it may have gets no further one, until one of them has gone', async () => {
    const front = await openFront(
      engine,
      (exchange) => {
        exchange.reply.begin({ status: 204, reason: 'No Content', headers: [] }).end()
      },
      { connectionsPerAddress: 2 },
    )
    const clients = [await front.connect(), await front.connect()]
    for (const client of clients) {
      client.send(GET)
      await client.until('\r\n\r\n')
    }
    const third = await front.connect()
    await third.ended
    expect(third.received).toBe('')
    expect(front.refusals).toEqual([
      { status: 0, failure: { kind: 'too-many-connections-of-address' }, remoteAddress: '127.0.0.1' },
    ])
    clients[0]?.destroy()
    await expect.poll(() => front.front.connections).toBe(1)
    const next = await front.connect()
    next.send(GET)
    await next.until(' 204 ')
  })

  test('a trusted proxy may have as many as it wants', async () => {
    const exempt = AddressSet.of(['127.0.0.0/8'])
    const front = await openFront(
      engine,
      (exchange) => {
        exchange.reply.begin({ status: 204, reason: 'No Content', headers: [] }).end()
      },
      { connectionsPerAddress: 1, exemptAddresses: exempt.ok ? exempt.value : AddressSet.none },
    )
    for (let count = 0; count < 3; count++) {
      const client = await front.connect()
      client.send(GET)
      await client.until(' 204 ')
    }
    expect(front.front.connections).toBe(3)
  })

  test('the site of the last request decides how long a connection may be idle, and no answer is cut by that', async () => {
    let answer = (): void => undefined
    const front = await openFront(
      engine,
      (exchange) => {
        exchange.connection.idleTimeoutMs = 50
        answer = () => {
          exchange.reply.begin({ status: 204, reason: 'No Content', headers: [] }).end()
        }
      },
      { headTimeoutMs: 200 },
    )
    const client = await front.connect()
    client.send(GET)
    // Longer than both limits, while the answer is under way.
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(client.received).toBe('')
    answer()
    await client.untilEnded()
    expect(client.received).toMatch(/^HTTP\/1\.1 204 /)
  })
})
