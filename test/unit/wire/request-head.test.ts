import { describe, expect, test } from 'vitest'
import { HeadFields } from '../../../src/wire/head-fields.ts'
import { INCOMPLETE, REFUSED, refusals } from '../../../src/wire/refusal.ts'
import { RequestHead } from '../../../src/wire/request-head.ts'
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
  ])('the target %s needs no second look: %s', (target, plain) => {
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
  const read = (head: RequestHead, text: string): number => {
    const bytes = Buffer.from(text, 'latin1')
    return head.read(bytes, bytes.length)
  }

  test('waits for the rest, and is refused as soon as a line breaks a rule', () => {
    const head = new RequestHead({ headBytes: 1_000, headLines: 10 })
    head.begin(0)
    expect(read(head, 'GET / HT')).toBe(INCOMPLETE)
    expect(read(head, 'GET / HTTP/1.1\r\nHost: a\r\nX')).toBe(INCOMPLETE)
    expect(read(head, 'GET / HTTP/1.1\r\nHost: a\r\nX: y\n')).toBe(REFUSED)
    expect(head.refusal).toBe(refusals.fieldValue)
  })

  test('is refused when it is too large, though it has not ended', () => {
    const head = new RequestHead({ headBytes: 100, headLines: 10 })
    head.begin(0)
    expect(read(head, `GET /${'a'.repeat(94)}`)).toBe(INCOMPLETE)
    expect(read(head, `GET /${'a'.repeat(95)}`)).toBe(REFUSED)
    expect(head.refusal).toBe(refusals.headTooLarge)
  })

  test('can be followed by others, each from its own place', () => {
    const head = new RequestHead({ headBytes: 100, headLines: 10 })
    const bytes = Buffer.from('GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: b\r\n\r\n')
    head.begin(0)
    const second = head.read(bytes, bytes.length)
    head.begin(second)
    expect([second, head.read(bytes, bytes.length)]).toEqual([bytes.length / 2, bytes.length])
    expect(bytes.toString('latin1', head.line.targetStart, head.line.targetEnd)).toBe('/2')
  })
})
