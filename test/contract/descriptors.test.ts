import { describe, expect, test } from 'vitest'
import { openSockets } from '../support/open-sockets.ts'
import { engines } from './engines.ts'
import { Exchanges, head, openFront } from './fixtures.ts'

const HANDSHAKE = 'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
const GET = 'GET / HTTP/1.0\r\nHost: a\r\n\r\n'

/** Waits until this process has no more sockets than before. */
async function noMoreThan(before: number): Promise<void> {
  await expect.poll(() => openSockets(), { timeout: 10_000 }).toBeLessThanOrEqual(before)
}

describe.skipIf(process.platform !== 'linux').each(engines)('with $name no descriptor is left', (engine) => {
  test('by tunnels that break at the moment they end', async () => {
    const exchanges = new Exchanges()
    const { connect, front } = await openFront(engine, exchanges.take)
    const before = openSockets()
    for (let index = 0; index < 5; index += 1) {
      const client = await connect()
      client.send(HANDSHAKE)
      const tunnel = (await exchanges.next(index)).upgrade?.accept(head(101))
      if (tunnel === undefined) throw new Error('no upgrade was offered')
      await client.until('\r\n\r\n')
      tunnel.sink.end()
      tunnel.sink.fail(new Error('broken'))
      await client.untilEnded()
      client.destroy()
    }
    await expect.poll(() => front.connections).toBe(0)
    await noMoreThan(before)
  })

  test('by tunnels that end with many unread bytes, and then break', async () => {
    const exchanges = new Exchanges()
    const { connect, front } = await openFront(engine, exchanges.take)
    const before = openSockets()
    const clients = await Promise.all(Array.from({ length: 5 }, () => connect()))
    for (const [index, client] of clients.entries()) {
      client.socket.pause()
      client.send(HANDSHAKE)
      const tunnel = (await exchanges.next(index)).upgrade?.accept(head(101))
      if (tunnel === undefined) throw new Error('no upgrade was offered')
      tunnel.sink.write(Buffer.alloc(16_000_000))
      tunnel.sink.end()
      tunnel.sink.fail(new Error('broken'))
    }
    for (const client of clients) {
      client.socket.resume()
      await client.untilEnded()
      expect(client.received.length).toBeLessThan(16_000_000)
      client.destroy()
    }
    await expect.poll(() => front.connections).toBe(0)
    await noMoreThan(before)
  })

  test('by responses that are aborted at the moment they end', async () => {
    const exchanges = new Exchanges()
    const { connect, front } = await openFront(engine, exchanges.take)
    const before = openSockets()
    for (let index = 0; index < 5; index += 1) {
      const client = await connect()
      client.send(GET)
      const { reply } = await exchanges.next(index)
      const sink = reply.begin(head(200))
      sink.write(Buffer.from('whole'))
      await client.until('whole')
      sink.end()
      reply.abort()
      await client.untilEnded()
      client.destroy()
    }
    await expect.poll(() => front.connections).toBe(0)
    await noMoreThan(before)
  })

  test.each([
    ['by last responses that no client reads', false],
    ['by unread last responses of clients that have ended their side', true],
  ])('%s', async (_what, haveEnded) => {
    const exchanges = new Exchanges()
    const { connect, front } = await openFront(engine, exchanges.take, { writeTimeoutMs: 60 })
    const before = openSockets()
    const clients = await Promise.all(Array.from({ length: 5 }, () => connect()))
    for (const [index, client] of clients.entries()) {
      client.socket.pause()
      client.send(GET)
      const sink = (await exchanges.next(index)).reply.begin(head(200))
      sink.write(Buffer.alloc(16_000_000))
      sink.end()
      if (haveEnded) client.end()
    }
    await expect.poll(() => front.connections).toBe(0)
    for (const client of clients) client.destroy()
    await noMoreThan(before)
  })
})
