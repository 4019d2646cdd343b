import { once } from 'node:events'
import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { Exchange } from '../../../src/http/exchange.ts'
import type { Front } from '../../../src/listen/front.ts'
import { frontLimits } from '../../../src/listen/limits.ts'
import { HandClock } from '../../support/hand-clock.ts'
import { connectTo, frontOf, passes, protocols, untilCutOff } from './protocols.ts'

const SIZE = 8_000_000
const CLOSE = 'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'

/** Begins to read; resolves with the number of bytes once the other side has ended. */
async function readAll(client: Socket): Promise<number> {
  let bytes = 0
  client.on('data', (chunk: Buffer) => {
    bytes += chunk.length
  })
  await once(client, 'end')
  return bytes
}

function give(exchange: Exchange, size: number): void {
  const sink = exchange.reply.begin({ status: 200, reason: 'OK', headers: ['Content-Length', String(size)] })
  sink.write(Buffer.alloc(size))
  sink.end()
}

const UPLOAD = 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n'

describe.each(protocols)('with the protocol %s', (_name, openProtocol) => {
  async function open(onExchange: (exchange: Exchange) => void): Promise<{ front: Front; clock: HandClock }> {
    const clock = new HandClock()
    return { clock, front: await frontOf(openProtocol(clock), onExchange) }
  }

  /** A front that answers with more than goes into any socket. */
  async function openLarge(): Promise<{ front: Front; clock: HandClock; answered: Promise<void> }> {
    let tell = (): void => undefined
    const answered = new Promise<void>((resolve) => {
      tell = resolve
    })
    const opened = await open((exchange) => {
      give(exchange, SIZE)
      tell()
    })
    return { ...opened, answered }
  }

  test('the last answer on a connection comes whole to a client that reads slowly', async () => {
    const { front, clock, answered } = await openLarge()
    const client = await connectTo(front)
    client.write(CLOSE)
    await answered
    // Far longer than an ended connection is read for, and not so long that the client counts as gone.
    for (let second = 0; second < 20; second++) clock.advance(1000)
    expect(frontLimits.writeTimeoutMs).toBeGreaterThan(20_000)
    expect(await readAll(client)).toBeGreaterThan(SIZE)
  })

  test('a client that reads nothing at all of the last answer is cut off', async () => {
    const { front, clock, answered } = await openLarge()
    const client = await connectTo(front)
    client.write(CLOSE)
    await answered
    await untilCutOff(front, clock)
    expect(front.connections).toBe(0)
  })

  test('behind a refusal a client may send on for two seconds, so that it gets to read it', async () => {
    const { front, clock } = await open(() => undefined)
    const client = await connectTo(front)
    client.write('GET / HTTP/9.9\r\n\r\n')
    expect(await readAll(client)).toBeGreaterThan(2)
    client.write('more')
    clock.advance(1000)
    expect(front.connections).toBe(1)
    const closed = front.closed()
    clock.advance(2000)
    await closed
  })

  test('behind an early answer a client may send on for half a minute, and finds its answer then', async () => {
    const { front, clock } = await open((exchange) => {
      give(exchange, 2)
    })
    const client = await connectTo(front)
    client.write(UPLOAD)
    await passes()
    for (let second = 0; second < 25; second += 1) {
      client.write(Buffer.alloc(1000))
      await passes()
      clock.advance(1000)
    }
    expect(front.connections).toBe(1)
    expect(await readAll(client)).toBeGreaterThan(2)
    const closed = front.closed()
    clock.advance(3000)
    await closed
  })

  test('behind an early answer a client that never stops sending is cut off after half a minute', async () => {
    const { front, clock } = await open((exchange) => {
      give(exchange, 2)
    })
    const client = await connectTo(front)
    client.on('error', () => undefined)
    client.write(UPLOAD)
    await passes()
    for (let second = 0; second < 32; second += 1) {
      client.write(Buffer.alloc(1000))
      await passes()
      clock.advance(1000)
    }
    await front.closed()
    expect(front.connections).toBe(0)
  })

  test('an empty line behind a body is no beginning of a head', async () => {
    const { front, clock } = await open((exchange) => {
      const end = (): void => {
        give(exchange, 2)
      }
      if (exchange.body === undefined) end()
      else exchange.body.into({ write: () => true, end, fail: () => undefined, onDrain: () => undefined })
    })
    const client = await connectTo(front)
    let received = ''
    client.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1')
    })
    client.write('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi')
    await expect.poll(() => received).toMatch(/\r\n\r\n../)
    client.write('\r\n')
    await passes()
    for (let second = 0; second < 100; second += 1) clock.advance(1000)
    await passes()
    expect(received).not.toContain('408')
    received = ''
    client.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    await expect.poll(() => received).toMatch(/^HTTP\/1\.1 200 /)
    client.write('\r\nGET')
    await passes()
    for (let second = 0; second < 32; second += 1) clock.advance(1000)
    await once(client, 'end')
    expect(received).toContain('HTTP/1.1 408 ')
  })
})
