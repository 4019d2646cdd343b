import { describe, expect, test } from 'vitest'
import type { Exchange } from '../../src/http/exchange.ts'
import { engines, tlsEngines } from './engines.ts'
import { head, openFront } from './fixtures.ts'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const SIZE = 8_192

/** Answers at once with 8 KB and counts. */
function counting(): { readonly take: (exchange: Exchange) => void; readonly answered: () => number } {
  let answered = 0
  const take = ({ reply }: Exchange): void => {
    answered += 1
    const sink = reply.begin(head(200, 'Content-Length', String(SIZE)))
    sink.write(Buffer.alloc(SIZE))
    sink.end()
  }
  return { take, answered: () => answered }
}

/** Resolves when the number has not grown for a while. */
async function settled(count: () => number): Promise<number> {
  for (let before = -1; ; ) {
    const now = count()
    if (now === before && now > 0) return now
    before = now
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
}

describe.each([...engines, ...tlsEngines])('a client of $name that pipelines and does not read', (engine) => {
  test('is not read from while its responses are unsent, and gets all of them when it reads', async () => {
    const { take, answered } = counting()
    const { connect } = await openFront(engine, take)
    const client = await connect()
    client.socket.pause()
    const asked = 4_000
    client.send(GET.repeat(asked))
    const served = await settled(answered)
    // The system takes some megabytes of them, whatever we do.
    expect(served * SIZE).toBeLessThan(16_000_000)
    client.socket.removeAllListeners('data')
    let bytes = 0
    client.socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    client.socket.resume()
    await expect.poll(answered, { timeout: 20_000 }).toBe(asked)
    await expect.poll(() => bytes, { timeout: 20_000 }).toBeGreaterThan(asked * SIZE)
  })

  test('costs little memory, however much it asks for', async () => {
    const { take, answered } = counting()
    const { connect } = await openFront(engine, take)
    const client = await connect()
    client.socket.pause()
    const before = process.memoryUsage().heapUsed
    const requests = Buffer.from(GET.repeat(10_000))
    // Reads now and then, so that one answer after the other becomes complete.
    for (let time = 0; time < 25; time += 1) {
      client.socket.write(requests)
      client.socket.read(65_536)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    // More than the system has room for: the rest stays with the client.
    client.socket.write(Buffer.alloc(20_000_000, GET))
    await settled(answered)
    expect(client.socket.writableLength).toBeGreaterThan(0)
    expect((process.memoryUsage().heapUsed - before) / 1e6).toBeLessThan(60)
  })

  test('is cut after writeTimeoutMs, though its answers became more', async () => {
    const { take } = counting()
    const { connect, front } = await openFront(engine, take, { writeTimeoutMs: 400 })
    const client = await connect()
    client.socket.pause()
    client.socket.on('error', () => undefined)
    const asking = setInterval(() => {
      if (!client.socket.destroyed) client.send(GET.repeat(20))
    }, 20)
    try {
      await expect.poll(() => front.connections, { timeout: 10_000 }).toBe(1)
      await expect.poll(() => front.connections, { timeout: 10_000 }).toBe(0)
    } finally {
      clearInterval(asking)
    }
  })
})
