import { describe, expect, test } from 'vitest'
import { answerFailure } from '../../src/http/answer.ts'
import { engines, tlsEngines } from './engines.ts'
import { Exchanges, head, openFront, say } from './fixtures.ts'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

describe.each([...engines, ...tlsEngines])('responses through the front of $name', (engine) => {
  test('keep their fields in order and casing, get one Date and no Server', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send(GET)
    const exchange = await exchanges.next()
    const fields = ['set-cookie', 'a=1', 'X-Late', '\xe4', 'Set-Cookie', 'b=2', 'Content-Length', '2', 'VARY', 'x']
    const sink = exchange.reply.begin({ status: 299, reason: 'Sonderfall \xe4', headers: fields })
    sink.write(Buffer.from('ok'))
    sink.end()
    const received = await client.until('\r\n\r\nok')
    expect(received).toMatch(
      /^HTTP\/1\.1 299 Sonderfall \xe4\r\nset-cookie: a=1\r\nX-Late: \xe4\r\nSet-Cookie: b=2\r\nContent-Length: 2\r\nVARY: x\r\n/,
    )
    expect(received.match(/\r\nDate: /g)).toHaveLength(1)
    expect(received).not.toMatch(/\r\n(Server|Connection|Keep-Alive|Transfer-Encoding):/i)
    expect(exchange.reply).toMatchObject({ started: true, status: 299 })
  })

  test('without a length are chunked, with their trailers', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send(GET)
    const { reply } = await exchanges.next()
    const sink = reply.begin(head(200))
    sink.write(Buffer.from('hello'))
    sink.end(['X-End', 'yes'])
    expect(await client.until('\r\nX-End: yes\r\n\r\n')).toMatch(
      /\r\nTransfer-Encoding: chunked\r\n[^]*\r\n5\r\nhello\r\n0\r\nX-End: yes\r\n\r\n$/,
    )
    expect(reply.bytes).toBe(5)
  })

  test('for HTTP/1.0 last until the end of the connection when they have no length', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
    const sink = (await exchanges.next()).reply.begin(head(200))
    sink.write(Buffer.from('hello'))
    sink.end(['X-End', 'yes'])
    expect(await client.untilEnded()).toMatch(/\r\nConnection: close\r\n[^]*\r\n\r\nhello$/)
    expect(client.received).not.toMatch(/chunked|X-End/)
    expect(client.ending).toBe('end')
  })

  test('for HTTP/1.0 keep the connection when it was asked for and the length is known', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
    say(await exchanges.next(), 'first')
    expect(await client.until('first')).toMatch(/\r\nConnection: keep-alive\r\n/)
    client.send('GET / HTTP/1.0\r\n\r\n')
    say(await exchanges.next(1), 'second')
    expect(await client.untilEnded()).toContain('second')
  })

  test.each([
    ['HEAD', 'HEAD', 200, /Content-Length: 5\r\n/],
    ['204', 'GET', 204, /^(?![^]*Content-Length)/],
    ['304', 'GET', 304, /Content-Length: 5\r\n/],
  ])('for %s have no body, and the next one follows', async (_what, method, status, fields) => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`)
    const sink = (await exchanges.next()).reply.begin(head(status, 'Content-Length', '5'))
    expect(sink.write(Buffer.from('hello'))).toBe(true)
    sink.end()
    expect(await client.until('\r\n\r\n')).toMatch(fields)
    expect(client.received).toMatch(/\r\n\r\n$/)
    client.send(GET)
    say(await exchanges.next(1), 'next')
    expect(await client.until('next')).toMatch(/\r\n\r\nHTTP\/1\.1 200 [^]*next$/)
  })

  test('send their head at once, before there is a body', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send(GET)
    const sink = (await exchanges.next()).reply.begin(head(200, 'Content-Type', 'text/event-stream'))
    await client.until('text/event-stream\r\n')
    sink.write(Buffer.from('data: 1\n\n'))
    await client.until('data: 1')
    sink.end()
    await client.until('\r\n0\r\n\r\n')
  })

  test('can be preceded by interim heads, but not for HTTP/1.0', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const [client, old] = [await connect(), await connect()]
    client.send(GET)
    old.send('GET / HTTP/1.0\r\n\r\n')
    for (const index of [0, 1]) {
      const exchange = await exchanges.next(index)
      exchange.reply.inform({ status: 103, reason: 'Early Hints', headers: ['Link', '</a>; rel=preload'] })
      say(exchange, 'final')
    }
    expect(await client.until('final')).toMatch(
      /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a>; rel=preload\r\n\r\nHTTP\/1\.1 200 /,
    )
    expect(await old.untilEnded()).toMatch(/^HTTP\/1\.1 200 /)
  })

  test('push back when the client does not read, and drain when it does', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.socket.pause()
    client.send(GET)
    const { reply } = await exchanges.next()
    const sink = reply.begin(head(200))
    const chunk = Buffer.alloc(65_536)
    const drained = new Promise<void>((resolve) => {
      sink.onDrain(resolve)
    })
    let written = 1
    while (sink.write(chunk)) {
      written += 1
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(written * chunk.length).toBeLessThan(32 * 1024 * 1024)
    client.socket.resume()
    await drained
    sink.end()
    await client.until('\r\n0\r\n\r\n')
  })

  test('that are aborted end in a reset, or in TLS without a close_notify, never as if they were whole', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    for (const [index, version] of ['1.1', '1.0'].entries()) {
      const client = await connect()
      client.send(`GET / HTTP/${version}\r\nHost: a\r\n\r\n`)
      const { reply } = await exchanges.next(index)
      reply.begin(head(200)).write(Buffer.from('half of'))
      await client.until('half of')
      reply.abort()
      reply.abort()
      expect(await client.untilEnded()).not.toContain('\r\n0\r\n')
      // Node's client does not tell whether a close_notify came.
      expect(client.ending).toBe(engine.isTls === true ? 'end' : 'reset')
    }
  })

  test('of our own are whole ones, without a body for HEAD', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    const answer = answerFailure({ kind: 'no-application' })
    client.send(GET)
    const { reply } = await exchanges.next()
    reply.answer(answer)
    expect(await client.until('</html>\r\n')).toContain(`\r\nContent-Length: ${String(answer.body.length)}\r\n`)
    expect(reply).toMatchObject({ started: true, status: 404, bytes: answer.body.length })
    client.send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n')
    ;(await exchanges.next(1)).reply.answer(answer)
    const both = await client.until(/<\/html>\r\n[^]*\r\n\r\n/)
    expect(both.match(/<\/html>/g)).toHaveLength(1)
    expect(both.match(/Content-Length/g)).toHaveLength(2)
  })

  test('of our own that end the connection say so', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send(GET)
    ;(await exchanges.next()).reply.answer(answerFailure({ kind: 'body-too-large' }))
    expect(await client.untilEnded()).toMatch(/^HTTP\/1\.1 413 [^]*Connection: close\r\n/)
  })
})
