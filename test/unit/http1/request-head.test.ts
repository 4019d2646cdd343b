import { describe, expect, test } from 'vitest'
import { HeadFields } from '../../../src/http1/head-fields.ts'
import { INCOMPLETE, REFUSED, refusals } from '../../../src/http1/refusal.ts'
import { RawRequestHead } from '../../../src/http1/request-head.ts'
import { requestHead } from './heads.ts'

const HOST = 'Host: a\r\n'

describe('what a request head asks for', () => {
  test.each([
    ['', 'HTTP/1.1', true],
    ['Connection: close\r\n', 'HTTP/1.1', false],
    ['Connection: keep-alive, CLOSE\r\n', 'HTTP/1.1', false],
    ['Connection: x\r\nConnection: close\r\n', 'HTTP/1.1', false],
    ['', 'HTTP/1.0', false],
    ['Connection: keep-alive\r\n', 'HTTP/1.0', true],
  ])('%j in %s: keeps the connection %s', (lines, version, keeps) => {
    expect(requestHead(HOST + lines, `GET / ${version}`).keepsAlive).toBe(keeps)
  })

  test.each([
    ['Expect: 100-continue\r\nContent-Length: 1\r\n', 'HTTP/1.1', true],
    ['Expect: 100-Continue\r\nTransfer-Encoding: chunked\r\n', 'HTTP/1.1', true],
    ['Expect: 100-continue\r\n', 'HTTP/1.1', false],
    ['Expect: anything\r\nContent-Length: 1\r\n', 'HTTP/1.0', false],
  ])('%j in %s: waits for a 100 %s', (lines, version, expects) => {
    const head = requestHead(HOST + lines, `POST / ${version}`)
    expect([head.refusal, head.expectsContinue]).toEqual([undefined, expects])
  })

  test.each([
    ['GET / HTTP/1.1', 'Connection: Upgrade\r\nUpgrade: websocket\r\n', true],
    ['GET / HTTP/1.1', 'Connection: keep-alive, upgrade\r\nUpgrade: WebSocket\r\nContent-Length: 0\r\n', true],
    ['GET / HTTP/1.1', 'Upgrade: websocket\r\n', false],
    ['GET / HTTP/1.1', 'Connection: Upgrade\r\nUpgrade: h2c\r\n', false],
    ['GET / HTTP/1.1', 'Connection: Upgrade\r\nUpgrade: websocket, h2c\r\n', false],
    ['GET / HTTP/1.1', 'Connection: Upgrade\r\nUpgrade: websocket\r\nUpgrade: websocket\r\n', false],
    ['GET / HTTP/1.1', 'Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 1\r\n', false],
    ['POST / HTTP/1.1', 'Connection: Upgrade\r\nUpgrade: websocket\r\n', false],
    ['GET / HTTP/1.0', 'Connection: Upgrade\r\nUpgrade: websocket\r\n', false],
  ])('%s with %j: a WebSocket handshake %s', (requestLine, lines, asks) => {
    expect(requestHead(HOST + lines, requestLine).asksWebSocket).toBe(asks)
  })

  test.each([
    ['/a/b?c=%20&d=../x', true],
    ['/a.b/c', true],
    ['/', true],
    ['//a', true],
    ['/a%20', false],
    ['/a\\b', false],
    ['/.a', false],
    ['/a/../b', false],
    ['*', false],
    ['http://a/', false],
  ])('the target %s is plain: %s', (target, plain) => {
    expect(requestHead(HOST, `OPTIONS ${target} HTTP/1.1`).line.isPlain).toBe(plain)
  })
})

describe('the fields of a head', () => {
  const head = requestHead(`${HOST}Cookie: a\r\nX-Empty:\r\ncookie: \xe4 \r\n`)
  const fields = new HeadFields(() => head)

  test('are found by name, repeated lines joined', () => {
    expect([fields.get('cookie'), fields.get('x-empty'), fields.get('host'), fields.get('absent')]).toEqual([
      'a, \xe4',
      '',
      'a',
      undefined,
    ])
  })

  test('are visited in their order and casing', () => {
    const visited: string[] = []
    fields.each((name, value) => visited.push(`${name}=${value}`))
    expect([fields.count, ...visited]).toEqual([4, 'Host=a', 'Cookie=a', 'X-Empty=', 'cookie=\xe4'])
  })
})

describe('a head that comes in pieces', () => {
  const read = (head: RawRequestHead, text: string): number => {
    const bytes = Buffer.from(text, 'latin1')
    return head.read(bytes, bytes.length)
  }

  test('is incomplete until the rest comes, and refused as soon as a line breaks a rule', () => {
    const head = new RawRequestHead({ headBytes: 1_000, headLines: 10 })
    head.begin(0)
    expect(read(head, 'GET / HT')).toBe(INCOMPLETE)
    expect(read(head, 'GET / HTTP/1.1\r\nHost: a\r\nX')).toBe(INCOMPLETE)
    expect(read(head, 'GET / HTTP/1.1\r\nHost: a\r\nX: y\n')).toBe(REFUSED)
    expect(head.refusal).toBe(refusals.fieldValue)
  })

  test('is refused when it is too large, though it has not ended', () => {
    const head = new RawRequestHead({ headBytes: 100, headLines: 10 })
    head.begin(0)
    expect(read(head, `GET /${'a'.repeat(94)}`)).toBe(INCOMPLETE)
    expect(read(head, `GET /${'a'.repeat(95)}`)).toBe(REFUSED)
    expect(head.refusal).toBe(refusals.headTooLarge)
  })

  test('can be followed by others, each read from its own offset', () => {
    const head = new RawRequestHead({ headBytes: 100, headLines: 10 })
    const bytes = Buffer.from('GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: b\r\n\r\n')
    head.begin(0)
    const second = head.read(bytes, bytes.length)
    head.begin(second)
    expect([second, head.read(bytes, bytes.length)]).toEqual([bytes.length / 2, bytes.length])
    expect(bytes.toString('latin1', head.line.targetStart, head.line.targetEnd)).toBe('/2')
  })
})

describe('one reader for many heads', () => {
  const read = (head: RawRequestHead, lines: string, requestLine = 'GET / HTTP/1.1'): RawRequestHead => {
    const bytes = Buffer.from(`${requestLine}\r\n${HOST}${lines}\r\n`, 'latin1')
    head.begin(0)
    head.read(bytes, bytes.length)
    return head
  }

  test('keeps nothing of the head before', () => {
    const head = new RawRequestHead({ headBytes: 1_000, headLines: 10 })
    read(head, 'Connection: close, upgrade, keep-alive, X-Hop\r\nExpect: 100-continue\r\nContent-Length: 7\r\n')
    expect(head.options).toMatchObject({ close: true, upgrade: true, keepAlive: true, namesFields: true })
    expect([head.expectsContinue, head.hasBody, head.keepsAlive]).toEqual([true, true, false])
    read(head, 'X: y\r\n')
    expect(head.options).toMatchObject({ close: false, upgrade: false, keepAlive: false, namesFields: false })
    expect([head.expectsContinue, head.hasBody, head.keepsAlive, head.refusal]).toEqual([false, false, true, undefined])
    read(head, 'Transfer-Encoding: chunked\r\n', 'POST / HTTP/1.1')
    read(head, 'Content-Length: 5\r\n', 'POST / HTTP/1.1')
    expect([head.framing.chunked, head.framing.length, head.expectsContinue]).toEqual([false, 5, false])
  })

  test('counts the size of each by itself', () => {
    const head = new RawRequestHead({ headBytes: 60, headLines: 10 })
    const one = `GET /${'x'.repeat(20)} HTTP/1.1\r\n${HOST}\r\n`
    const bytes = Buffer.from(one.repeat(4))
    for (let at = 0; at < bytes.length; at += one.length) {
      head.begin(at)
      expect(head.read(bytes, bytes.length)).toBe(at + one.length)
    }
  })

  test('finds every interpreted field among many', () => {
    const head = new RawRequestHead({ headBytes: 16_384, headLines: 200 })
    read(head, `${'Connection: a\r\n'.repeat(60)}Connection: close\r\nX: y\r\nContent-Length: 5\r\n`, 'POST / HTTP/1.1')
    expect([head.options.close, head.framing.length, head.fields.count]).toEqual([true, 5, 64])
    const twice = `${'Connection: a\r\n'.repeat(60)}Content-Length: 5\r\nContent-Length: 5\r\n`
    expect(read(head, twice).refusal).toBe(refusals.severalLengths)
  })
})

test.each([
  ['Connection: close , x\r\n', { close: true, namesFields: true }],
  ['Connection: \tclose\t,\r\n', { close: true, namesFields: false }],
  ['Connection: closed\r\n', { close: false, namesFields: true }],
  ['Connection: clos\r\n', { close: false, namesFields: true }],
  ['Connection: ,, ,\r\n', { close: false, namesFields: false }],
])('%j has the options %o', (lines, options) => {
  expect(requestHead(HOST + lines).options).toMatchObject(options)
})

test.each([
  ['GET / HTTP/1.2', '', refusals.version],
  ['GET / HTTP/2.0', '', refusals.version],
  ['GET / HTTP/0.9', '', refusals.requestLine],
  ['GET / HTTP/1.10', '', refusals.requestLine],
  ['GET / HTTP/1.1 ', '', refusals.requestLine],
  ['GET / HTTP/1.1X', '', refusals.requestLine],
  ['GET /', '', refusals.requestLine],
  ['\rGET / HTTP/1.1', '', refusals.lineEnd],
  ['GET / HTTP/1.1', 'Expect: 100-continue\r\nExpect: 100-continue\r\n', refusals.expectation],
  ['GET / HTTP/1.1', 'Expect: 100-continue, x\r\n', refusals.expectation],
  ['GET / HTTP/1.1', 'X: \x7f\r\n', refusals.fieldValue],
  ['GET / HTTP/1.1', 'X: abc\x7fabc\r\n', refusals.fieldValue],
  ['GET / HTTP/1.1', 'X: ab\x01abcde\r\n', refusals.fieldValue],
  ['GET / HTTP/1.1', 'Transfer-Encoding: gzip\r\n', refusals.coding],
  ['GET / HTTP/1.1', 'Transfer-Encoding: chunked, gzip\r\n', refusals.coding],
  ['GET / HTTP/1.1', 'Transfer-Encoding: gzip, chunked\r\n', refusals.unknownCoding],
  ['GET / HTTP/1.1', 'Transfer-Encoding: gzip, chunked\r\nContent-Length: 5\r\n', refusals.lengthAndCoding],
  ['GET / HTTP/1.1', 'Transfer-Encoding: gzip, chunked\r\nTransfer-Encoding: chunked\r\n', refusals.severalCodings],
  ['GET / HTTP/1.0', 'Transfer-Encoding: gzip, chunked\r\n', refusals.codingInHttp10],
  ['GET / HTTP/1.1', 'Content-Length: 5\r\nContent-Length: 5\r\n', refusals.severalLengths],
  ['GET / HTTP/1.1', 'Content-Length: 5\t\r\n', refusals.contentLength],
  ['GET / HTTP/1.1', 'Content-Length: 9007199254740992\r\n', refusals.contentLength],
])('%j with %j is refused for its own reason', (requestLine, lines, refusal) => {
  expect(requestHead(HOST + lines, requestLine).refusal).toBe(refusal)
})
