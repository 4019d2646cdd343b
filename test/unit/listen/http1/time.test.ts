import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { Exchange } from '../../../../src/http/exchange.ts'
import { type Front, openFront } from '../../../../src/listen/front.ts'
import { openHttp1Protocol } from '../../../../src/listen/http1/protocol.ts'
import { frontLimits } from '../../../../src/listen/limits.ts'
import { HandClock } from '../../../support/hand-clock.ts'
import { RawSocket } from '../../../support/raw-client.ts'

/** Counts who asks to be called back. */
class CountingClock extends HandClock {
  asked = 0

  override after(ms: number, callback: () => void): () => void {
    this.asked += 1
    return super.after(ms, callback)
  }
}

/** A front that answers everything with `ok`, on a clock that is moved by hand. */
async function open(): Promise<{ front: Front; clock: CountingClock; client: () => Promise<RawSocket> }> {
  const clock = new CountingClock()
  const endpoint = { address: '127.0.0.1', port: 0 }
  const events = {
    onExchange: ({ reply }: Exchange) => {
      const sink = reply.begin({ status: 200, reason: 'OK', headers: ['Content-Length', '2'] })
      sink.write(Buffer.from('ok'))
      sink.end()
    },
    onRefusal: () => undefined,
  }
  const opening = await openFront(endpoint, openHttp1Protocol(clock), events, frontLimits)
  if (!opening.opened) throw opening.cause
  const { front } = opening
  onTestFinished(() => {
    front.destroy()
  })
  const client = async (): Promise<RawSocket> => {
    const socket = connect(front.port, '127.0.0.1')
    onTestFinished(() => {
      socket.destroy()
    })
    await once(socket, 'connect')
    return new RawSocket(socket)
  }
  return { front, clock, client }
}

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

test('Date is that of the moment, also on a connection that has been open for a while', async () => {
  const { clock, client } = await open()
  const first = await client()
  first.send(GET)
  expect(await first.until('ok')).toContain('Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n')
  clock.advance(5_000)
  first.send(GET)
  expect(await first.until(/ok[^]*ok$/)).toContain('Date: Thu, 01 Jan 1970 00:00:05 GMT\r\n')
})

test('Date is that of the moment for the first who comes after nobody was there', async () => {
  const { front, clock, client } = await open()
  const first = await client()
  first.send(GET)
  await first.until('ok')
  first.destroy()
  await expect.poll(() => front.connections).toBe(0)
  clock.advance(60_000)
  const second = await client()
  second.send(GET)
  expect(await second.until('ok')).toContain('Date: Thu, 01 Jan 1970 00:01:00 GMT\r\n')
})

test('while nobody is connected no timer runs', async () => {
  const { front, clock, client } = await open()
  clock.advance(60_000)
  expect(clock.asked).toBe(0)
  const first = await client()
  await expect.poll(() => front.connections).toBe(1)
  clock.advance(10_000)
  expect(clock.asked).toBeGreaterThan(0)
  first.destroy()
  await expect.poll(() => front.connections).toBe(0)
  const { asked } = clock
  clock.advance(60_000)
  expect(clock.asked).toBe(asked)
})
