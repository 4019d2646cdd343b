import { describe, expect, test } from 'vitest'
import { BodyTooSlow, type Exchange } from '../../../src/http/exchange.ts'
import type { Front } from '../../../src/listen/front.ts'
import { frontLimits } from '../../../src/listen/limits.ts'
import { HandClock } from '../../support/hand-clock.ts'
import type { RawSocket } from '../../support/raw-client.ts'
import { answerOk, clientOf, frontOf, passes, protocols, untilCutOff } from './protocols.ts'

const { headTimeoutMs, idleTimeoutMs, minBodyRate, minBodyRateGraceMs, writeTimeoutMs } = frontLimits
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const POST = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n'

/** Counts who asks to be called back. */
class CountingClock extends HandClock {
  asked = 0

  override after(ms: number, callback: () => void): () => void {
    this.asked += 1
    return super.after(ms, callback)
  }
}

describe.each(protocols)('on a clock that is moved by hand the protocol %s', (_name, openProtocol) => {
  interface Opened {
    readonly front: Front
    readonly clock: CountingClock
    readonly client: () => Promise<RawSocket>
    /** Lets this many milliseconds pass, and what they lead to. */
    readonly pass: (ms: number) => Promise<void>
  }

  /** A front that does this with every exchange. */
  async function open(onExchange: (exchange: Exchange) => void = answerOk): Promise<Opened> {
    const clock = new CountingClock()
    const front = await frontOf(openProtocol(clock), onExchange)
    const client = async (): Promise<RawSocket> => {
      const before = front.connections
      const opened = await clientOf(front)
      await expect.poll(() => front.connections).toBe(before + 1)
      return opened
    }
    const pass = async (ms: number): Promise<void> => {
      await passes()
      clock.advance(ms)
      await passes()
    }
    return { front, clock, client, pass }
  }

  test('runs no timer while nobody is connected', async () => {
    const { front, clock, client } = await open()
    clock.advance(60_000)
    expect(clock.asked).toBe(0)
    const first = await client()
    clock.advance(10_000)
    expect(clock.asked).toBeGreaterThan(0)
    first.destroy()
    await expect.poll(() => front.connections).toBe(0)
    const { asked } = clock
    clock.advance(60_000)
    expect(clock.asked).toBe(asked)
  })

  test('closes a connection on which nothing ever came, when the time of a head is over', async () => {
    const { front, client, pass } = await open()
    const silent = await client()
    await pass(headTimeoutMs - 1_000)
    expect(front.connections).toBe(1)
    await pass(2_000)
    expect(await silent.untilEnded()).toBe('')
  })

  test('closes a kept connection when the time between requests is over, and begins anew with each', async () => {
    const { front, client, pass } = await open()
    const kept = await client()
    for (const round of [1, 2]) {
      kept.send(GET)
      await kept.until(new RegExp(`(?:[^]*ok){${String(round)}}`))
      await pass(idleTimeoutMs - 1_000)
      expect(front.connections).toBe(1)
    }
    await pass(2_000)
    expect(await kept.untilEnded()).not.toContain(' 408 ')
  })

  test('answers 408 to a head that does not end, on a new connection and on a kept one', async () => {
    const { client, pass } = await open()
    const fresh = await client()
    const kept = await client()
    kept.send(GET)
    await kept.until('ok')
    fresh.send('GET / HTT')
    await pass(headTimeoutMs - 1_000)
    kept.send('GET / HTT')
    await pass(2_000)
    expect(await fresh.untilEnded()).toMatch(/^HTTP\/1\.1 408 /)
    expect(kept.ending).toBeUndefined()
    await pass(headTimeoutMs - 3_000)
    expect(kept.ending).toBeUndefined()
    await pass(3_000)
    expect(await kept.untilEnded()).toMatch(/okHTTP\/1\.1 408 /)
  })

  test('fails a body that comes too slowly, and not one for which there is no room', async () => {
    const failures: unknown[] = []
    let hasRoom = true
    let makeRoom = (): void => undefined
    const { client, pass } = await open((exchange) => {
      exchange.body?.into({
        write: () => hasRoom,
        end: () => undefined,
        fail: (cause) => failures.push(cause),
        onDrain: (listener) => {
          makeRoom = listener
        },
      })
    })
    const sender = await client()
    hasRoom = false
    sender.send(`${POST}x`)
    await pass(10 * minBodyRateGraceMs)
    expect(failures).toEqual([])
    hasRoom = true
    makeRoom()
    // As many bytes as are asked for in the time that the grace is long, and then nothing more.
    sender.send('x'.repeat((2 * minBodyRateGraceMs * minBodyRate) / 1000))
    await pass(2 * minBodyRateGraceMs - 1_000)
    expect(failures).toEqual([])
    await pass(3_000)
    expect(failures).toMatchObject([expect.any(BodyTooSlow)])
  })

  test('cuts off a client that does not read its answer', async () => {
    const { front, clock, client, pass } = await open((exchange) => {
      exchange.reply.begin({ status: 200, reason: 'OK', headers: [] }).write(Buffer.alloc(16_000_000))
    })
    const reader = await client()
    reader.socket.pause()
    reader.send(GET)
    // What the system takes at first is progress.
    for (let time = 0; time < 10; time += 1) await pass(1_000)
    await pass(writeTimeoutMs / 2)
    expect(front.connections).toBe(1)
    await untilCutOff(front, clock)
  })
})
