import { once } from 'node:events'
import { connect, type IncomingHttpHeaders } from 'node:http2'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Exchange } from '../../src/http/exchange.ts'
import { prepareFields } from '../../src/http/response-fields.ts'
import { type Engine, engines } from './engines.ts'
import { head as responseHead, openFront } from './fixtures.ts'
import { http2Engine } from './http2-fixtures.ts'
import { fields, GET, openSite, ours, say } from './open-site.ts'

/** Without what the front adds of its own in an order that is its own. */
const head = (received: string): string =>
  received.replace(/Date: [^\r]*\r\n/, '').replace(/(?:Connection|Transfer-Encoding): [^\r]*\r\n/g, '')

describe.each(engines)('fields that a module adds, through $name', (engine) => {
  const responses: readonly (readonly [string, string, boolean, string])[] = [
    ['a length', 'X-One: app\r\nContent-Length: 5\r\n\r\nhello', false, 'hello'],
    ['a large body', `X-One: app\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`, false, 'x'.repeat(100_000)],
    [
      'chunks',
      'X-One: app\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
      false,
      '5\r\nhello\r\n0\r\n\r\n',
    ],
    [
      'fields of a hop',
      'X-One: app\r\nConnection: X-Hop\r\nX-Hop: 1\r\nContent-Length: 5\r\n\r\nhello',
      false,
      'hello',
    ],
    ['the end of the connection', 'X-One: app\r\n\r\nhello', true, '5\r\nhello\r\n0\r\n\r\n'],
  ]

  test.each(responses)('stand behind those of a response with %s', async (_what, rest, ends, body) => {
    const { client } = await openSite(engine, [{ responseFields: fields }], say(`HTTP/1.1 200 OK\r\n${rest}`, ends))
    client.send(GET)
    const received = head(await client.until((bytes) => bytes.endsWith(body)))
    const [lines] = received.split('\r\n\r\n') as [string]
    expect(lines).toMatch(/^HTTP\/1\.1 200 OK\r\nX-One: app\r\n/)
    expect(`${lines}\r\n`.split(ours)).toHaveLength(2)
    expect(`${lines}\r\n`.indexOf(ours)).toBeGreaterThan(lines.indexOf('X-One: app'))
    expect(lines).not.toContain('X-Hop')
    expect(received.slice(lines.length + 4)).toBe(body)
  })

  test.each([
    ['304', 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n', GET],
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n', GET],
    ['an answer to HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', GET.replace('GET', 'HEAD')],
    ['an answer to HTTP/1.0', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', GET.replace('1.1', '1.0')],
  ])('go out with %s, and the next response has its own', async (_what, bytes, request) => {
    const { client } = await openSite(engine, [{ responseFields: fields }], say(bytes))
    client.send(request)
    expect(head(await client.until('\r\n\r\n'))).toContain(ours)
    if (request.includes('HTTP/1.0')) return
    client.send(request)
    expect((await client.until((text) => text.split('\r\n\r\n').length === 3)).split(ours)).toHaveLength(3)
  })

  test('do not go out with a 1xx, but with what follows it', async () => {
    const bytes = 'HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
    const { client } = await openSite(engine, [{ responseFields: fields }], say(bytes))
    client.send(GET)
    const [early, final] = (await client.until('\r\n\r\nok')).split('\r\n\r\n')
    expect(early).toBe('HTTP/1.1 103 Early Hints\r\nLink: a')
    expect(`${String(final)}\r\n`).toContain(ours)
  })

  test('go out with an answer of ours, a failure, and the page of a bug', async () => {
    const gate = (exchange: Exchange) => {
      if (exchange.path === '/bug') throw new Error('a mistake')
      return exchange.path === '/no' ? ({ failure: { kind: 'not-handled' }, setting: '' } as const) : undefined
    }
    const { client, upstream, bugs } = await openSite(engine, [{ responseFields: fields, gate }])
    upstream.close()
    for (const [path, status] of [
      ['/no', 404],
      ['/', 502],
      ['/bug', 500],
    ] as const) {
      const before = client.received.length
      client.send(`GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`)
      const received = await client.until((text) => text.slice(before).includes('</html>'))
      expect(received.slice(before)).toMatch(new RegExp(`^HTTP/1\\.1 ${String(status)} `))
      expect(received.slice(before)).toContain(ours)
    }
    expect(bugs).toHaveLength(1)
  })

  test('go out with the 101 of a WebSocket, which then is one', async () => {
    const bytes =
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-One: app\r\n\r\nwelcome'
    const { client } = await openSite(engine, [{ responseFields: fields }], say(bytes))
    client.send('GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    expect(await client.until('welcome')).toBe(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-One: app\r\n${ours}\r\nwelcome`,
    )
  })

  test('are sent with the refusal of a WebSocket', async () => {
    const bytes = 'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno'
    const { client } = await openSite(engine, [{ responseFields: fields }], say(bytes))
    client.send('GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    expect(head(await client.until('\r\n\r\nno'))).toContain(ours)
  })
})

/** A module's field of which a response must have no more than one, and the value of the one that an application sends. */
const single = prepareFields(['X-One', '1'], ['X-Single', 'ours'])
const theirs = 'x-single: theirs'

describe.each(engines)('a field that a module adds where there is none, through $name', (engine) => {
  test.each([
    ['a short answer', 'Content-Length: 5\r\n\r\nhello'],
    ['a long answer', `Content-Length: 100000\r\n\r\n${'x'.repeat(99_995)}hello`],
    ['chunks', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'],
    ['fields of a hop', 'Connection: X-Hop\r\nX-Hop: 1\r\nContent-Length: 5\r\n\r\nhello'],
  ])('is left out of %s of an application that sends it', async (_what, rest) => {
    const answers = [`HTTP/1.1 200 OK\r\n${theirs}\r\n${rest}`, `HTTP/1.1 200 OK\r\nX-Not-Single: 1\r\n${rest}`]
    const { client } = await openSite(engine, [{ responseFields: single }], (_request, connection) => {
      connection.send(answers.shift() ?? '')
    })
    const body = rest.slice(rest.indexOf('\r\n\r\n'))
    const asked = async (): Promise<string> => {
      const before = client.received.length
      client.send(GET)
      const received = await client.until((bytes) => bytes.slice(before).endsWith(body))
      return `${received.slice(before).split('\r\n\r\n')[0] ?? ''}\r\n`
    }
    const withTheirs = await asked()
    expect(withTheirs.match(/^x-single: .*$/gim)).toEqual([theirs])
    expect(withTheirs).toContain('X-One: 1\r\n')
    expect((await asked()).match(/^x-single: .*$/gim)).toEqual(['X-Single: ours'])
  })

  test('goes out with an answer of ours, and when the application names it in a line of another field', async () => {
    const bytes = 'HTTP/1.1 200 X-Single: 1\r\nX-Note: X-Single: 2\r\nContent-Length: 2\r\n\r\nok'
    const gate = (exchange: Exchange) =>
      exchange.path === '/no' ? ({ failure: { kind: 'not-handled' }, setting: '' } as const) : undefined
    const { client } = await openSite(engine, [{ responseFields: single, gate }], say(bytes))
    client.send(GET)
    expect(await client.until('\r\n\r\nok')).toContain('\r\nX-Single: ours\r\n')
    client.send('GET /no HTTP/1.1\r\nHost: h\r\n\r\n')
    expect((await client.until('</html>')).match(/^X-Single: ours\r$/gm)).toHaveLength(2)
  })

  test.each([
    [theirs, theirs],
    ['X-Other: 1', 'X-Single: ours'],
  ])('is one field of a 101 whose application sends %s', async (sent, expected) => {
    const bytes = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${sent}\r\n\r\nwelcome`
    const { client } = await openSite(engine, [{ responseFields: single }], say(bytes))
    client.send('GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    expect((await client.until('welcome')).match(/^x-single: [^\r]*/gim)).toEqual([expected])
  })
})

describe('a field that a module adds where there is none, over HTTP/2', () => {
  test.each([
    [['X-Single', 'theirs'], 'theirs'],
    [['X-Other', '1'], 'ours'],
  ])('is one field when the application sends %j', async (sent, expected) => {
    const { front } = await openFront(http2Engine, ({ reply }) => {
      reply.responseFields = single
      reply.begin(responseHead(200, ...sent)).end()
    })
    const session = connect(`http://127.0.0.1:${String(front.port)}`)
    onTestFinished(() => {
      session.destroy()
    })
    const stream = session.request({ ':path': '/' })
    const [fields] = (await once(stream, 'response')) as [IncomingHttpHeaders]
    expect(fields).toMatchObject({ 'x-single': expected, 'x-one': '1' })
  })
})

test('fields that a module adds leave a response on the path without copying, where both sides are ours', async () => {
  const gate = ({ reply }: Exchange): undefined => {
    reply.begin = () => {
      throw new Error('the response is copied')
    }
  }
  const bytes = `HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n${'x'.repeat(20_000)}`
  const { client, bugs } = await openSite(engines[0] as Engine, [{ responseFields: fields, gate }], say(bytes))
  client.send(GET)
  expect(await client.until((text) => text.endsWith('x'.repeat(20_000)))).toContain(ours)
  expect(bugs).toEqual([])
})
