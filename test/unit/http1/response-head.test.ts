import { describe, expect, test } from 'vitest'
import { INCOMPLETE, REFUSED } from '../../../src/http1/refusal.ts'
import { hasNoBody, RawResponseHead } from '../../../src/http1/response-head.ts'
import { responseHead } from './heads.ts'

describe('a status line', () => {
  test.each([
    ['HTTP/1.1 200 OK', 200, 'OK'],
    ['HTTP/1.0 404 Not Found', 404, 'Not Found'],
    ['HTTP/1.1 299 ', 299, ''],
    ['HTTP/1.1 299', 299, ''],
    ['HTTP/1.1 500 \xe4\tx', 500, '\xe4\tx'],
  ])('%j is read', (line, status, reason) => {
    const head = responseHead('', line)
    expect([head.refusal, head.status]).toEqual([undefined, status])
    expect(head.bytes.toString('latin1', head.line.reasonStart, head.line.reasonEnd)).toBe(reason)
  })

  test.each([
    'HTTP/2.0 200 OK',
    'HTTP/1.2 200 OK',
    'http/1.1 200 OK',
    'HTTP/1.1  200 OK',
    'HTTP/1.1 20 OK',
    'HTTP/1.1 099 OK',
  ])('%j is refused', (line) => {
    expect(responseHead('', line).refusal).toBeDefined()
  })

  test('that cannot become valid is refused before it has ended', () => {
    const read = (text: string): number => {
      const head = new RawResponseHead({ headBytes: 100, headLines: 10 })
      head.begin(0)
      return head.read(Buffer.from(text), text.length)
    }
    expect([read('HTTP/1.'), read('SSH-'), read('HTTP/1.1\r\n')]).toEqual([INCOMPLETE, REFUSED, REFUSED])
  })
})

describe('the Date line that can be overwritten', () => {
  const date = 'Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n'

  test.each([
    [date, 0],
    [`X: y\r\n${date}`, 1],
    [date + date, -1],
    ['Date: Thursday, 01-Jan-70 00:00:00 GMT\r\n', -1],
    ['Date:\r\n', -1],
    ['', -1],
  ])('of %j is line %i', (lines, line) => {
    expect(responseHead(lines).dateLine).toBe(line)
  })
})

test.each([
  [200, false, false],
  [200, true, true],
  [103, false, true],
  [204, false, true],
  [304, false, true],
  [205, false, false],
])('the response %i to a HEAD (%s) has no body: %s', (status, toHead, none) => {
  expect(hasNoBody(status, toHead)).toBe(none)
})

test.each([
  ['Content-Length: 5\r\nContent-Length: 5\r\n', 5],
  ['Content-Length: 5\r\nX: y\r\ncontent-length: 005\r\n', 5],
  ['Content-Length: 0\r\nContent-Length: 0\r\n', 0],
  ['Content-Length: 5\r\nContent-Length: 6\r\n', undefined],
  ['Content-Length: 5\r\nContent-Length: 5\r\nContent-Length: 6\r\n', undefined],
  ['Content-Length: 5\r\nContent-Length: 5, 5\r\n', undefined],
  ['Content-Length: 5\r\nContent-Length: 5\t\r\n', undefined],
  ['Content-Length: 5, 5\r\n', undefined],
  ['Content-Length: 5\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n', undefined],
])('%j in a response is the length %s', (lines, length) => {
  const head = responseHead(lines)
  expect(head.refusal === undefined ? head.framing.length : undefined).toBe(length)
})

test('a response keeps its connection by the rules of HTTP/1.1', () => {
  expect([
    responseHead('').keepsAlive,
    responseHead('Connection: close\r\n').keepsAlive,
    responseHead('Connection: keep-alive\r\n', 'HTTP/1.0 200 OK').keepsAlive,
  ]).toEqual([true, false, false])
})
