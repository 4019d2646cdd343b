import { describe, expect, test } from 'vitest'
import { answerFailure } from '../../src/http/answer.ts'
import type { Exchange, Tunnel } from '../../src/http/exchange.ts'
import { engines } from './engines.ts'
import { CollectingSink, Exchanges, head, openFront, say } from './fixtures.ts'

const HANDSHAKE = 'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n\r\n'

function accept(exchange: Exchange): Tunnel {
  const tunnel = exchange.upgrade?.accept({ status: 101, reason: 'Switching Protocols', headers: ['Sec-X', 'y'] })
  if (tunnel === undefined) throw new Error('no upgrade was offered')
  return tunnel
}

describe.each(engines)('WebSocket handshakes through the front of $name', (engine) => {
  test('become a tunnel, which begins with the bytes that came early', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send(`${HANDSHAKE}EARLY`)
    const exchange = await exchanges.next()
    expect(exchange).toMatchObject({ target: '/ws', upgrade: { protocol: 'WebSocket' }, body: undefined })
    client.send(' MORE')
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(client.received).toBe('')

    const tunnel = accept(exchange)
    const sink = new CollectingSink()
    tunnel.source.into(sink)
    expect(exchange.reply).toMatchObject({ started: true, status: 101 })
    await client.until('Sec-X: y\r\n\r\n')
    expect(client.received).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n[^]*Connection: Upgrade\r\n/)
    await expect.poll(() => sink.received).toBe('EARLY MORE')
    tunnel.sink.write(Buffer.from('\x00\xff back', 'latin1'))
    await client.until('\x00\xff back')
  })

  test('may end one direction at a time', async () => {
    const exchanges = new Exchanges()
    const { connect, front } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send(HANDSHAKE)
    const exchange = await exchanges.next()
    const tunnel = accept(exchange)
    const sink = new CollectingSink()
    tunnel.source.into(sink)
    client.end()
    expect(await sink.over).toBe('end')
    tunnel.sink.write(Buffer.from('the last frame'))
    tunnel.sink.end()
    expect(await client.untilEnded()).toContain('the last frame')
    expect(client.ending).toBe('end')
    await expect.poll(() => front.connections).toBe(0)
    expect(exchange.reply.gone).toBe(false)
  })

  test('fail their source when the client resets, and reset the client when their sink fails', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const [leaving, staying] = [await connect(), await connect()]
    leaving.send(HANDSHAKE)
    const sink = new CollectingSink()
    accept(await exchanges.next()).source.into(sink)
    await leaving.until('\r\n\r\n')
    leaving.reset()
    expect(await sink.over).toBeInstanceOf(Error)

    staying.send(HANDSHAKE)
    const tunnel = accept(await exchanges.next(1))
    await staying.until('\r\n\r\n')
    tunnel.sink.fail(new Error('broken'))
    await staying.untilEnded()
    expect(staying.ending).toBe('reset')
  })

  test('have back-pressure in both directions', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send(HANDSHAKE)
    const tunnel = accept(await exchanges.next())
    await client.until('\r\n\r\n')
    const sink = new CollectingSink()
    sink.full = true
    tunnel.source.into(sink)
    client.socket.write(Buffer.alloc(16 * 1024 * 1024))
    await expect.poll(() => sink.bytes).toBeGreaterThan(0)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(sink.bytes).toBeLessThan(1024 * 1024)
    sink.drain()
    await expect.poll(() => sink.bytes).toBe(16 * 1024 * 1024)

    client.socket.pause()
    const drained = new Promise<void>((resolve) => {
      tunnel.sink.onDrain(resolve)
    })
    while (tunnel.sink.write(Buffer.alloc(65_536))) await new Promise((resolve) => setImmediate(resolve))
    client.socket.resume()
    await drained
  })

  test('have no time limit after the upgrade', async () => {
    const exchanges = new Exchanges()
    const limits = { idleTimeoutMs: 40, headTimeoutMs: 40, writeTimeoutMs: 40 }
    const { connect } = await openFront(engine, exchanges.take, limits)
    const client = await connect()
    client.send(HANDSHAKE)
    const tunnel = accept(await exchanges.next())
    await client.until('\r\n\r\n')
    await new Promise((resolve) => setTimeout(resolve, 250))
    tunnel.sink.write(Buffer.from('still here'))
    await client.until('still here')
  })

  test('can be answered with any other response, after which the connection ends', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const [first, second] = [await connect(), await connect()]
    first.send(HANDSHAKE)
    say(await exchanges.next(), 'not here')
    expect(await first.untilEnded()).toMatch(/^HTTP\/1\.1 200 [^]*Connection: close\r\n[^]*not here$/)
    second.send(`${HANDSHAKE}EARLY`)
    ;(await exchanges.next(1)).reply.answer(answerFailure({ kind: 'forward-failed' }))
    expect(await second.untilEnded()).toMatch(/^HTTP\/1\.1 502 /)
    expect(exchanges.all).toHaveLength(2)
  })

  test('of a client that leaves before the response are ended', async () => {
    const exchanges = new Exchanges()
    const { connect, front } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send(HANDSHAKE)
    const { reply } = await exchanges.next()
    const gone = new Promise<void>((resolve) => {
      reply.onGone(resolve)
    })
    client.end()
    await gone
    await expect.poll(() => front.connections).toBe(0)
  })

  test('wait for the answers before them, however large', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.socket.pause()
    client.send(`GET /big HTTP/1.1\r\nHost: a\r\n\r\n${HANDSHAKE}`)
    const size = 8 * 1024 * 1024
    const sink = (await exchanges.next()).reply.begin(head(200, 'Content-Length', String(size)))
    let left = size
    const write = (): void => {
      while (left > 0) {
        left -= 65_536
        if (!sink.write(Buffer.alloc(65_536))) return
      }
      sink.end()
    }
    sink.onDrain(write)
    write()
    client.socket.resume()
    const tunnel = accept(await exchanges.next(1))
    tunnel.sink.write(Buffer.from('tunnelled'))
    const received = await client.until('tunnelled')
    expect(received.indexOf('101 Switching')).toBeGreaterThan(size)
  })
})
