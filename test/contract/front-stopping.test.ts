import { describe, expect, test } from 'vitest'
import { engines } from './engines.ts'
import { Exchanges, head, openFront, say } from './fixtures.ts'

const POST = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi'

describe.each(engines)('while the front of $name stops', (engine) => {
  test('a request that arrives on a kept-alive connection is answered with Connection: close', async () => {
    const exchanges = new Exchanges()
    const { connect, front } = await openFront(engine, exchanges.take)
    const clients = await Promise.all(Array.from({ length: 20 }, () => connect()))
    for (const [index, client] of clients.entries()) {
      client.send(POST)
      say(await exchanges.next(index), 'first')
      await client.until('first')
    }
    await front.stopAccepting()
    // These bytes lie in the system, unread, when the front is told.
    for (const client of clients) client.send(POST)
    const closed = front.closeIdle()
    for (const index of clients.keys()) say(await exchanges.next(clients.length + index), 'second')
    for (const client of clients) {
      expect(await client.untilEnded()).toMatch(/first[^]*\r\nConnection: close\r\n[^]*second$/)
      expect(client.ending).toBe('end')
      client.destroy()
    }
    await closed
    await front.closed()
  })

  test('a connection whose response had begun before the stop stays open for one more request', async () => {
    const exchanges = new Exchanges()
    const { connect, front } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send(POST)
    const sink = (await exchanges.next()).reply.begin(head(200, 'Content-Length', '10'))
    sink.write(Buffer.from('begun'))
    await client.until('begun')
    await front.stopAccepting()
    sink.write(Buffer.from('ended'))
    sink.end()
    await client.until('begunended')
    client.send(POST)
    say(await exchanges.next(1), 'the last one')
    expect(await client.untilEnded()).toMatch(/\r\nConnection: close\r\n[^]*the last one$/)
  })

  test('clients that had connected before are served, and only then are new ones refused', async () => {
    const exchanges = new Exchanges()
    const { connect, front } = await openFront(engine, exchanges.take)
    const connecting = Array.from({ length: 20 }, () => connect())
    // Node connects at the end of this turn: then the system has these connections, and the front has accepted none.
    await new Promise<void>((resolve) => {
      process.nextTick(resolve)
    })
    await front.stopAccepting()
    for (const [index, client] of (await Promise.all(connecting)).entries()) {
      client.send(POST)
      say(await exchanges.next(index), 'welcome')
      expect(await client.untilEnded()).toMatch(/\r\nConnection: close\r\n[^]*welcome$/)
    }
    await expect(connect()).rejects.toThrow(/ECONNREFUSED/)
  })

  test('a connection on which the beginning of a head has come is not idle', async () => {
    const exchanges = new Exchanges()
    const { connect, front } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send(POST)
    say(await exchanges.next(), 'first')
    await client.until('first')
    client.send(POST.slice(0, 10))
    await front.stopAccepting()
    await front.closeIdle()
    client.send(POST.slice(10))
    say(await exchanges.next(1), 'second')
    expect(await client.untilEnded()).toMatch(/\r\nConnection: close\r\n[^]*second$/)
  })

  test('a connection whose response is not sent yet is not idle', async () => {
    const exchanges = new Exchanges()
    const { connect, front } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.socket.pause()
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    const sink = (await exchanges.next()).reply.begin(head(200, 'Content-Length', '16000000'))
    sink.write(Buffer.alloc(16_000_000))
    sink.end()
    await front.stopAccepting()
    await front.closeIdle()
    let bytes = 0
    client.socket.removeAllListeners('data').on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    client.socket.resume()
    await expect.poll(() => bytes, { timeout: 10_000 }).toBeGreaterThan(16_000_000)
  })
})
