import { existsSync, readFileSync } from 'node:fs'
import { connect as connectSocket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { openFront as openFrontOf } from '../../src/listen/front.ts'
import { type FrontLimits, frontLimits } from '../../src/listen/limits.ts'
import { engines } from './engines.ts'
import { Exchanges, head, openFront, say } from './fixtures.ts'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
/** What the system lets a listener hold; 0 where it does not say. */
const mayQueue = existsSync('/proc/sys/net/core/somaxconn') ? Number(readFileSync('/proc/sys/net/core/somaxconn')) : 0
const nothing = { onExchange: () => undefined, onRefusal: () => undefined }

describe.each(engines)('connections of the front of $name', (engine) => {
  test('report at once that their client has disconnected, by an end or by a reset', async () => {
    const exchanges = new Exchanges()
    const { connect, front } = await openFront(engine, exchanges.take)
    for (const [index, leave] of (['end', 'reset', 'destroy'] as const).entries()) {
      const client = await connect()
      client.send(GET)
      const { reply } = await exchanges.next(index)
      const gone = new Promise<void>((resolve) => {
        reply.onGone(resolve)
      })
      if (index === 1) reply.begin(head(200)).write(Buffer.from('half'))
      client[leave]()
      await gone
      expect(reply.gone).toBe(true)
      // Speaking to somebody who has left does no harm.
      if (!reply.started) say({ ...(await exchanges.next(index)), reply }, 'to nobody')
    }
    await expect.poll(() => front.connections).toBe(0)
  })

  test('do not report a client that disconnects after its response is complete', async () => {
    const exchanges = new Exchanges()
    const { connect, front } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send(GET)
    const exchange = await exchanges.next()
    let gone = false
    exchange.reply.onGone(() => {
      gone = true
    })
    say(exchange, 'all there')
    await client.until('all there')
    client.destroy()
    await expect.poll(() => front.connections).toBe(0)
    expect(gone).toBe(false)
  })

  test.each<[string, Partial<FrontLimits>, string, RegExp]>([
    ['a head that does not end gets a 408', { headTimeoutMs: 60 }, 'GET / HTTP/1.1\r\nHost', /^HTTP\/1\.1 408 /],
    ['silence from the start is cut', { headTimeoutMs: 60 }, '', /^$/],
  ])('have a time limit: %s', async (_what, limits, bytes, expected) => {
    const { connect } = await openFront(engine, () => undefined, limits)
    const client = await connect()
    if (bytes !== '') client.send(bytes)
    expect(await client.untilEnded()).toMatch(expected)
  })

  test('have a time limit between requests, and a shorter one for a later head', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take, { idleTimeoutMs: 60, headTimeoutMs: 10_000 })
    const idle = await connect()
    idle.send(GET)
    say(await exchanges.next(), 'first')
    expect(await idle.untilEnded()).toMatch(/first$/)

    const other = await openFront(engine, exchanges.take, { headTimeoutMs: 60 })
    const slow = await other.connect()
    slow.send(GET)
    say(await exchanges.next(1), 'first')
    await slow.until('first')
    slow.send('GET / HT')
    expect(await slow.untilEnded()).toMatch(/first[^]*HTTP\/1\.1 408 /)
  })

  test('are closed when their client leaves the response unread', async () => {
    const exchanges = new Exchanges()
    const { connect, front } = await openFront(engine, exchanges.take, { writeTimeoutMs: 60 })
    const client = await connect()
    client.socket.pause()
    client.send(GET)
    const { reply } = await exchanges.next()
    const gone = new Promise<void>((resolve) => {
      reply.onGone(resolve)
    })
    const sink = reply.begin(head(200))
    for (let i = 0; i < 500; i++) sink.write(Buffer.alloc(65_536))
    await gone
    await expect.poll(() => front.connections).toBe(0)
  })

  test('are not closed while the application takes its time', async () => {
    const exchanges = new Exchanges()
    // The head has its limit before the application has anything: long enough for it to arrive on a busy machine.
    const limits = { headTimeoutMs: 1_000, idleTimeoutMs: 40, writeTimeoutMs: 40, minBodyRateGraceMs: 40 }
    const { connect } = await openFront(engine, exchanges.take, limits)
    const client = await connect()
    client.send(GET)
    const exchange = await exchanges.next()
    await new Promise((resolve) => setTimeout(resolve, 1_600))
    say(exchange, 'at last')
    await client.until('at last')
  })

  test('are refused above the limit, which is reported, and accepted again below it', async () => {
    const exchanges = new Exchanges()
    const { connect, front, refusals } = await openFront(engine, exchanges.take, { connections: 2 })
    const [first] = [await connect(), await connect()]
    await expect.poll(() => front.connections).toBe(2)
    const third = await connect()
    await third.untilEnded()
    expect(front.connections).toBe(2)
    const refused = { status: 0, failure: { kind: 'too-many-connections' }, remoteAddress: '127.0.0.1' }
    expect(refusals).toEqual([refused])
    first.destroy()
    await expect.poll(() => front.connections).toBe(1)
    const fourth = await connect()
    fourth.send(GET)
    say(await exchanges.next(), 'welcome')
    await fourth.until('welcome')
  })

  test('end on closeIdle when they are idle; the others finish their exchange and announce that they close', async () => {
    const exchanges = new Exchanges()
    const { connect, front } = await openFront(engine, exchanges.take)
    const [idle, busy] = [await connect(), await connect()]
    idle.send(GET)
    say(await exchanges.next(), 'done')
    await idle.until('done')
    busy.send(GET)
    const exchange = await exchanges.next(1)

    await front.stopAccepting()
    await front.closeIdle()
    await expect(connect()).rejects.toThrow(/ECONNREFUSED/)
    await idle.untilEnded()
    expect(front.connections).toBe(1)
    let closed = false
    const closing = front.closed().then(() => {
      closed = true
    })
    say(exchange, 'the last one')
    expect(await busy.untilEnded()).toMatch(/\r\nConnection: close\r\n[^]*the last one$/)
    busy.destroy()
    await closing
    expect(closed).toBe(true)
    expect(front.connections).toBe(0)
  })

  test('all end on destroy, which is idempotent', async () => {
    const exchanges = new Exchanges()
    const { connect, front } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send(GET)
    const { reply } = await exchanges.next()
    front.destroy()
    front.destroy()
    await client.untilEnded()
    await front.closed()
    expect(reply.gone).toBe(true)
  })

  test('leave nothing behind after 2,000 requests', async () => {
    const exchanges = (exchange: Parameters<typeof say>[0]): void => {
      say(exchange, 'ok')
    }
    const { front } = await openFront(engine, exchanges)
    let left = 2_000
    const client = async (): Promise<void> => {
      while (left > 0) {
        left -= 20
        const socket = connectSocket(front.port, '127.0.0.1')
        const ended = new Promise((resolve) => socket.on('close', resolve))
        let answers = 0
        socket.on('data', (chunk: Buffer) => {
          answers += chunk.toString('latin1').split('HTTP/1.1 200').length - 1
          if (answers === 20) socket.destroy()
        })
        socket.write(GET.repeat(20))
        await ended
        expect(answers).toBe(20)
      }
    }
    await Promise.all([client(), client(), client(), client()])
    await expect.poll(() => front.connections).toBe(0)
  })
})

describe.each(engines)('opening the front of $name', ({ openProtocol }) => {
  test.runIf(mayQueue >= 1_000)('queues a thousand clients that connect while the process is busy', async () => {
    const opening = await openFrontOf({ address: '127.0.0.1', port: 0 }, openProtocol, nothing, frontLimits)
    if (!opening.opened) throw opening.cause
    const { port } = opening.front
    const clients = Array.from({ length: 1_000 }, () => connectSocket(port, '127.0.0.1').on('error', () => undefined))
    // Node connects at the end of this turn; nobody has been accepted then.
    await new Promise<void>((resolve) => {
      process.nextTick(resolve)
    })
    const remote = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
    const lines = readFileSync('/proc/net/tcp', 'latin1')
      .split('\n')
      .filter((line) => line.includes(` ${remote} `))
    // 02: its SYN has no answer.
    expect(lines.filter((line) => line.includes(` ${remote} 02 `))).toEqual([])
    expect(lines.length).toBeGreaterThanOrEqual(1_000)
    for (const client of clients) client.destroy()
    opening.front.destroy()
  })

  test('returns a failure when the port is taken', async () => {
    const first = await openFrontOf({ address: '127.0.0.1', port: 0 }, openProtocol, nothing, frontLimits)
    if (!first.opened) throw first.cause
    const { port } = first.front
    const second = await openFrontOf({ address: '127.0.0.1', port }, openProtocol, nothing, frontLimits)
    expect(second).toMatchObject({ opened: false, code: 'port-taken' })
    first.front.destroy()
  })

  test('returns a failure when the machine does not have the address', async () => {
    const opening = await openFrontOf({ address: '192.0.2.1', port: 0 }, openProtocol, nothing, frontLimits)
    expect(opening).toMatchObject({ opened: false, code: 'bad-address' })
  })
})
