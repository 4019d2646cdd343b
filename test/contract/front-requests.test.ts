import { describe, expect, test } from 'vitest'
import { engines, tlsEngines } from './engines.ts'
import { CollectingSink, Exchanges, head, openFront, say } from './fixtures.ts'

describe.each([...engines, ...tlsEngines])('requests through the front of $name', (engine) => {
  test('come with their fields in order and casing, target, path and host', async () => {
    const exchanges = new Exchanges()
    const { connect, front } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send(
      'GET /a/%2e%2e/B%2Fc?q=1?&%zz HTTP/1.1\r\nhOST: Example.org:81\r\nX-B: 2\r\nx-a:\t1 \r\nX-B: \xfc\r\n\r\n',
    )
    const exchange = await exchanges.next()
    const fields: string[] = []
    exchange.headers.each((name, value) => fields.push(name, value))
    expect(fields).toEqual(['hOST', 'Example.org:81', 'X-B', '2', 'x-a', '1', 'X-B', '\xfc'])
    expect(exchange.headers.get('x-b')).toBe('2, \xfc')
    expect(exchange).toMatchObject({
      method: 'GET',
      target: '/B%2Fc?q=1?&%zz',
      path: '/B/c',
      host: 'Example.org:81',
      httpVersion: '1.1',
      body: undefined,
      upgrade: undefined,
    })
    expect(exchange.connection).toMatchObject({
      scheme: engine.isTls === true ? 'https' : 'http',
      localAddress: '127.0.0.1',
      localPort: front.port,
      remoteAddress: '127.0.0.1',
      remotePort: client.socket.localPort,
    })
    say(exchange, 'seen')
    expect(await client.until('seen')).toMatch(/^HTTP\/1\.1 200 As Told\r\n/)
  })

  test('of an IPv4 client on a dual-stack socket show its plain address', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take, {}, undefined)
    const client = await connect()
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    expect((await exchanges.next()).connection.remoteAddress).toBe('127.0.0.1')
  })

  test('with an absolute target take their host from it', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send('GET http://Real.example:8080/x?y HTTP/1.1\r\nHost: other\r\n\r\n')
    expect(await exchanges.next()).toMatchObject({ target: '/x?y', host: 'Real.example:8080' })
  })

  test('of HTTP/1.0 without Host take the address they were sent to', async () => {
    const exchanges = new Exchanges()
    const { connect, front } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send('GET / HTTP/1.0\r\n\r\n')
    const exchange = await exchanges.next()
    expect(exchange).toMatchObject({ host: `127.0.0.1:${String(front.port)}`, httpVersion: '1.0' })
    say(exchange, 'old')
    expect(await client.untilEnded()).toContain('old')
  })

  test('are answered in the order in which they came, one at a time', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send(['/1', '/2', '/3'].map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''))
    for (const index of [0, 1, 2]) {
      const exchange = await exchanges.next(index)
      expect(exchanges.all).toHaveLength(index + 1)
      say(exchange, `answer ${String(index + 1)}`)
      await client.until(`answer ${String(index + 1)}`)
    }
    expect(client.received.match(/answer \d/g)).toEqual(['answer 1', 'answer 2', 'answer 3'])
  })

  test('after Connection: close are ignored, and the response before them is sent', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send('GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\nGARBAGE')
    const exchange = await exchanges.next()
    say(exchange, 'the only answer')
    const received = await client.untilEnded()
    expect(received).toContain('the only answer')
    expect(received).toContain('Connection: close')
    expect(received.match(/HTTP\/1\.1 /g)).toHaveLength(1)
    expect(exchanges.all).toHaveLength(1)
    expect(client.ending).toBe('end')
  })

  test('before malformed bytes are answered; the malformed bytes get a 400', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send('GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGARBAGE\r\n\r\n')
    const exchange = await exchanges.next()
    say(exchange, 'an answer')
    expect(await client.untilEnded()).toMatch(/^HTTP\/1\.1 200 [^]*an answerHTTP\/1\.1 400 /)
    expect(exchanges.all).toHaveLength(1)
  })

  test.each([
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['two Hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n', 400],
    ['HTTP/2.0', 'GET / HTTP/2.0\r\nHost: a\r\n\r\n', 505],
    ['HTTP/1.2', 'GET / HTTP/1.2\r\nHost: a\r\n\r\n', 505],
    ['HTTP/1.10', 'GET / HTTP/1.10\r\nHost: a\r\n\r\n', 400],
    ['HTTP/0.9 as a version', 'GET / HTTP/0.9\r\nHost: a\r\n\r\n', 400],
    ['no version', 'GET /\r\n\r\n', 400],
    ['a coding that is not chunked', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n', 400],
    ['an unknown coding', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n', 501],
    ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n', 501],
    ['TRACE', 'TRACE / HTTP/1.1\r\nHost: a\r\n\r\n', 501],
    ['an unknown expectation', 'POST / HTTP/1.1\r\nHost: a\r\nExpect: x\r\nContent-Length: 1\r\n\r\n', 417],
    ['a path above the root', 'GET /../x HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['a NUL', 'GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n', 400],
    ['201 lines', `GET / HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(200)}\r\n`, 431],
    ['17 KiB of fields', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(17_000)}\r\n\r\n`, 431],
    ['17 KiB of target', `GET /${'y'.repeat(17_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431],
  ])('with %s are refused, and the connection ends', async (_what, bytes, status) => {
    const exchanges = new Exchanges()
    const { connect, refusals } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send(bytes)
    const received = await client.untilEnded()
    expect(received).toMatch(new RegExp(`^HTTP/1\\.1 ${String(status)} `))
    expect(received).toMatch(/\r\nConnection: close\r\n/)
    expect(received).not.toMatch(/\r\nServer:/i)
    expect(refusals).toMatchObject([{ status, remoteAddress: '127.0.0.1' }])
    expect(exchanges.all).toHaveLength(0)
  })

  // A Host that was found valid before is not looked at again: that must vouch for nothing else.
  test.each([
    ['TRACE', 'TRACE /2 HTTP/1.1\r\nHost: known.one\r\n\r\n', 501],
    ['CONNECT', 'CONNECT /2 HTTP/1.1\r\nHost: known.one\r\n\r\n', /^(?:400|501)$/],
    ['no valid Host of the same length', 'GET /2 HTTP/1.1\r\nHost: known,one\r\n\r\n', 400],
    ['the beginning of the known Host and what is none', 'GET /2 HTTP/1.1\r\nHost: known.on@\r\n\r\n', 400],
    ['a longer Host that is none', 'GET /2 HTTP/1.1\r\nHost: known.one,\r\n\r\n', 400],
    ['no Host', 'GET /2 HTTP/1.1\r\n\r\n', 400],
    ['a path above the root', 'GET /../2 HTTP/1.1\r\nHost: known.one\r\n\r\n', 400],
  ])('with %s are refused where the Host of the request before is known', async (_what, bytes, status) => {
    const exchanges = new Exchanges()
    const { connect, refusals } = await openFront(engine, exchanges.take)
    const known = await connect()
    known.send('GET /1 HTTP/1.1\r\nHost: known.one\r\n\r\n')
    say(await exchanges.next(), 'known')
    await known.until('known')
    for (const client of [known, await connect()]) {
      client.send(bytes)
      const statuses = Array.from((await client.untilEnded()).matchAll(/HTTP\/1\.1 (\d+) /g), ([, each]) => each)
      expect(statuses.at(-1)).toMatch(status instanceof RegExp ? status : String(status))
    }
    expect(refusals).toHaveLength(2)
    expect(exchanges.all).toHaveLength(1)
  })

  test('have their own Host and method, whatever the Host of the request before was', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    const asked = [
      'GET one.a',
      'GET one.b',
      'GET one.b',
      'PUT one.b',
      'GET ONE.B',
      'GET one.bb',
      'TRACK one.a',
      'COPY one.a',
    ]
    let taken = 0
    for (const [index, each] of asked.entries()) {
      // node's parser knows a list of methods.
      if (engine.name !== 'wire' && each.startsWith('TRACK')) continue
      const [method = '', host = ''] = each.split(' ')
      client.send(`${method} /x HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
      const exchange = await exchanges.next(taken++)
      expect(exchange).toMatchObject({ method, host, path: '/x', target: '/x' })
      say(exchange, `${String(index)}!`)
      await client.until(`${String(index)}!`)
    }
  })

  test('with an empty port have their Host without it, however often it comes', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    for (const index of [0, 1, 2]) {
      client.send('GET / HTTP/1.1\r\nHost: one.a:\r\n\r\n')
      const exchange = await exchanges.next(index)
      expect(exchange.host).toBe('one.a')
      say(exchange, `${String(index)}!`)
      await client.until(`${String(index)}!`)
    }
  })

  test('with 200 lines are taken, and none of them is lost', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    const lines = Array.from({ length: 199 }, (_each, index) => `X-${String(index)}: ${String(index)}\r\n`)
    client.send(`GET / HTTP/1.1\r\nHost: a\r\n${lines.join('')}\r\n`)
    const exchange = await exchanges.next()
    expect(exchange.headers.count).toBe(200)
    expect(exchange.headers.get('x-198')).toBe('198')
  })

  test('that ask for another protocol than WebSocket are ordinary ones, with their body and what follows', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const client = await connect()
    client.send(
      'POST /h2c HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 5\r\n\r\nhello' +
        'GET /next HTTP/1.1\r\nHost: a\r\n\r\n',
    )
    const first = await exchanges.next()
    expect(first).toMatchObject({ target: '/h2c', upgrade: undefined })
    const sink = new CollectingSink()
    first.body?.into(sink)
    expect(await sink.over).toBe('end')
    expect(sink.received).toBe('hello')
    say(first, 'no upgrade')
    const second = await exchanges.next(1)
    expect(second.target).toBe('/next')
    second.reply.begin(head(204)).end()
    await client.until('HTTP/1.1 204')
  })

  test('with an invalid WebSocket handshake are ordinary ones', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const handshakes = [
      'POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 1\r\n\r\nx',
      'GET / HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket, h2c\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n',
    ]
    for (const [index, bytes] of handshakes.entries()) {
      const client = await connect()
      client.send(bytes)
      expect((await exchanges.next(index)).upgrade).toBeUndefined()
    }
  })
})
