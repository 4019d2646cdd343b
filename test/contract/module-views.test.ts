import { describe, expect, test } from 'vitest'
import { ExchangeView, ReplyView, withTarget } from '../../src/http/exchange-view.ts'
import type { ByteSink, Exchange, ResponseHead } from '../../src/http/exchange.ts'
import { RawHeaders } from '../../src/http/headers.ts'
import { valuesOf } from '../support/strict-reader.ts'
import { engines } from './engines.ts'
import { TOKEN } from './fixtures.ts'
import { fields, GET, openSite, ours, say } from './open-site.ts'

/** Another target for /old, without the field that is nobody's business, and what was asked for in a field of its own. */
const rewrite = (exchange: Exchange): Exchange => {
  const moved = withTarget(exchange, exchange.target.replace('/old', '/new%20place'))
  if (!moved.ok) throw new Error(moved.failure)
  const kept: string[] = ['X-Original-URL', exchange.target]
  exchange.headers.each((name, value) => {
    if (name !== 'X-Secret') kept.push(name, value)
  })
  return new ExchangeView(moved.value, { headers: new RawHeaders(kept) })
}

/** A reply in capitals, of the same length. */
class Capitals extends ReplyView {
  override begin(given: ResponseHead): ByteSink {
    const sink = this.behind.begin({ ...given, headers: [...given.headers, 'X-Case', 'upper'] })
    return {
      write: (chunk) => sink.write(Buffer.from(Buffer.from(chunk).toString('latin1').toUpperCase(), 'latin1')),
      end: (trailers) => {
        sink.end(trailers)
      },
      fail: (cause) => {
        sink.fail(cause)
      },
      onDrain: (listener) => {
        sink.onDrain(listener)
      },
    }
  }
}

describe.each(engines)('a module that changes what others see, through $name', (engine) => {
  test.each([
    ['without a body', GET, ''],
    ['with a length', GET.replace('GET', 'POST').replace('\r\n\r\n', '\r\nContent-Length: 5\r\n\r\nhello'), 'hello'],
    [
      'with chunks and trailers',
      GET.replace('GET', 'POST').replace(
        '\r\n\r\n',
        '\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 7\r\n\r\n',
      ),
      'hello',
    ],
  ])('rewrites a request %s', async (_what, request, body) => {
    const paths: string[] = []
    const gate = ({ path }: Exchange): undefined => void paths.push(path)
    const { app, client } = await openSite(engine, [{ gate }, { rewrite }, { gate }])
    client.send(request)
    await client.until('\r\n\r\nok')
    // The connection goes on: what was hidden is not left behind on it.
    client.send(GET)
    await client.until((text) => text.split('\r\n\r\nok').length === 3)
    expect(paths).toEqual(['/old', '/new place', '/old', '/new place'])
    const [first, second] = app.requests
    expect([first?.target, first?.body, second?.target]).toEqual(['/new%20place?q', body, '/new%20place?q'])
    const sent = first?.fields ?? []
    expect(valuesOf(sent, 'X-Original-URL')).toEqual(['/old?q'])
    expect(valuesOf(sent, 'X-Secret')).toEqual([])
    expect(valuesOf(sent, 'Host')).toEqual(['h'])
    expect(valuesOf(sent, 'MS-ASPNETCORE-TOKEN')).toEqual([TOKEN])
  })

  test.each([
    ['a length', 'Content-Length: 5\r\n\r\nhello', false, 'HELLO'],
    ['chunks', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n', false, '5\r\nHELLO\r\n0\r\n\r\n'],
    ['the end of the connection', '\r\nhello', true, '5\r\nHELLO\r\n0\r\n\r\n'],
    ['a large body', `Content-Length: 300000\r\n\r\n${'x'.repeat(300_000)}`, false, 'X'.repeat(300_000)],
  ] as const)('wraps a reply with %s', async (_what, rest, ends, body) => {
    const wrapReply = (_exchange: Exchange, reply: Exchange['reply']) => new Capitals(reply)
    const { client } = await openSite(
      engine,
      [{ wrapReply }, { responseFields: fields }],
      say(`HTTP/1.1 200 OK\r\n${rest}`, ends),
    )
    client.send(GET)
    const received = await client.until((bytes) => bytes.endsWith(body))
    expect(received).toContain('X-Case: upper\r\n')
    expect(received).toContain(ours)
    expect(received.slice(received.indexOf('\r\n\r\n') + 4)).toBe(body)
  })

  test('lets the client see that a response breaks off, and the app that the client has disconnected', async () => {
    const wrapReply = (_exchange: Exchange, reply: Exchange['reply']) => new Capitals(reply)
    const cut = await openSite(
      engine,
      [{ rewrite, wrapReply }],
      say('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello', true),
    )
    cut.client.send(GET)
    expect(await cut.client.ended).toBe('reset')
    const left = await openSite(engine, [{ rewrite, wrapReply }], () => undefined)
    left.client.send(GET)
    const connection = await left.app.connection()
    await connection.requests()
    left.client.destroy()
    await connection.ended
  })

  test('may end an exchange after a while', async () => {
    const gate = async ({ path }: Exchange) => {
      await new Promise((resolve) => setImmediate(resolve))
      return path === '/old' ? ({ failure: { kind: 'not-handled' }, setting: '' } as const) : undefined
    }
    const { app, client } = await openSite(engine, [{ gate }])
    client.send(GET)
    await client.until('</html>')
    client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello')
    await client.until('\r\n\r\nok')
    expect(client.received).toMatch(/^HTTP\/1\.1 404 /)
    expect(app.requests).toMatchObject([{ target: '/', body: 'hello' }])
  })
})
