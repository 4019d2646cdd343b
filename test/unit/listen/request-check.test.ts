import { describe, expect, test } from 'vitest'
import { checkRequest, type CheckedHead } from '../../../src/listen/request-check.ts'

const limits = { headBytes: 16_384, headLines: 200 }

function check(head: Partial<CheckedHead> & { readonly fields?: readonly string[] }): unknown {
  const whole = { method: 'GET', target: '/', version: '1.1', fields: ['Host', 'a'], ...head }
  const result = checkRequest(whole, '192.0.2.1:80', limits)
  return result.ok ? result.value : result.failure
}

const withHost = (...fields: string[]): { readonly fields: string[] } => ({ fields: ['Host', 'a', ...fields] })

describe('a request head', () => {
  test('that is plain says where it goes and that it has no body', () => {
    expect(check({ target: '/a/../b?c' })).toEqual({
      httpVersion: '1.1',
      target: '/b?c',
      path: '/b',
      host: 'a',
      body: undefined,
      expectsContinue: false,
      websocket: undefined,
    })
  })

  test.each([
    [withHost('Content-Length', '5'), 5],
    [withHost('content-length', '05'), 5],
    [withHost('Content-Length', '9007199254740991'), 9_007_199_254_740_991],
    [withHost('Content-Length', '0'), undefined],
    [withHost('Transfer-Encoding', 'Chunked'), 'chunked'],
    [withHost('Content_Length', '5'), undefined],
  ])('%o has a body of %s', (head, body) => {
    expect(check({ method: 'POST', ...head })).toMatchObject({ body })
  })

  test.each([
    [{ fields: [] }],
    [{ fields: ['Host', '', 'Host', 'a'] }],
    [{ fields: ['Host', ':80'] }],
    [{ fields: ['Host', 'a b'] }],
    [withHost('Host', 'a')],
    [withHost('hOST', 'b')],
    [{ version: '1.0', fields: ['Host', 'a', 'Host', 'a'] }],
    [withHost('Content-Length', '5', 'Content-Length', '5')],
    [withHost('Content-Length', '5', 'Transfer-Encoding', 'chunked')],
    [withHost('Content-Length', '+5')],
    [withHost('Content-Length', '5, 5')],
    [withHost('Content-Length', '')],
    [withHost('Content-Length', '9007199254740992')],
    [withHost('Content-Length', '00000000000000005')],
    [withHost('Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked')],
    [withHost('Transfer-Encoding', 'chunked, chunked')],
    [withHost('Transfer-Encoding', 'chunked, gzip')],
    [withHost('Transfer-Encoding', 'gzip')],
    [withHost('Transfer-Encoding', 'xchunked')],
    [{ version: '0.9', fields: [] }],
    [withHost('Transfer-Encoding', ',chunked')],
    [withHost('Transfer-Encoding', 'chunked;q=1')],
    [withHost('Transfer-Encoding', '')],
    [withHost('Transfer-Encoding', '\xa0chunked')],
    [withHost('Transfer-Encoding', 'gzip,\xa0chunked')],
    [{ version: '1.0', fields: ['Transfer-Encoding', 'chunked'] }],
    [withHost('X Y', 'z')],
    [withHost('', 'z')],
    [withHost('X', 'a\0b')],
    [withHost('X', 'a\rb')],
    [withHost('X', 'a\nb')],
    [withHost('X', '\x7f')],
    [withHost('X', '\u0100')],
    [{ target: '*' }],
    [{ target: '/..' }],
    [{ target: 'http://u@a/' }],
  ])('%o is a bad request', (head) => {
    expect(check(head)).toMatchObject({ kind: 'bad-request', why: expect.any(String) as string })
  })

  test.each([
    [withHost('Transfer-Encoding', 'gzip, chunked'), 'unknown-coding'],
    [withHost('Expect', 'x'), 'unknown-expectation'],
    [withHost('Expect', '100-continue', 'Expect', '100-continue'), 'unknown-expectation'],
    [{ method: 'TRACE' }, 'method-not-served'],
    [{ method: 'CONNECT', target: 'a:80' }, 'method-not-served'],
    [{ version: '2.0' }, 'unknown-version'],
    [{ version: '1.2' }, 'unknown-version'],
    [withHost(...Array<string>(400).fill('X')), 'head-too-large'],
    [withHost('X', 'y'.repeat(16_384)), 'head-too-large'],
    [{ target: `/${'y'.repeat(16_384)}` }, 'head-too-large'],
  ])('%o is refused: %s', (head, kind) => {
    expect(check(head)).toEqual({ kind })
  })

  test('may have exactly the limits', () => {
    expect(check(withHost(...Array<string>(398).fill('X')))).toHaveProperty('host')
    // GET SP / SP HTTP/1.1 CRLF, Host: a CRLF, X: … CRLF, CRLF
    const rest = 16_384 - (16 + 9 + 5 + 2)
    expect(check(withHost('X', 'y'.repeat(rest)))).toHaveProperty('host')
    expect(check(withHost('X', 'y'.repeat(rest + 1)))).toEqual({ kind: 'head-too-large' })
  })

  test('takes its host from the target before the field, and in HTTP/1.0 from the address it came to', () => {
    expect(check({ target: 'http://b:1/' })).toMatchObject({ host: 'b:1' })
    expect(check({ version: '1.0', fields: [] })).toMatchObject({ host: '192.0.2.1:80', httpVersion: '1.0' })
    expect(check({ version: '1.0' })).toMatchObject({ host: 'a' })
    expect(check({ fields: ['Host', ''] })).toMatchObject({ host: '192.0.2.1:80' })
    expect(check({ fields: ['Host', 'a:'] })).toMatchObject({ host: 'a' })
    expect(check({ target: 'http://b:/' })).toMatchObject({ host: 'b' })
  })

  test('expects a 100 in HTTP/1.1 only', () => {
    expect(check(withHost('Expect', '100-Continue'))).toMatchObject({ expectsContinue: true })
    expect(check({ version: '1.0', ...withHost('Expect', 'x') })).toMatchObject({ expectsContinue: false })
  })

  test.each([
    [withHost('Upgrade', 'WebSocket'), 'WebSocket'],
    [withHost('Upgrade', 'websocket', 'Content-Length', '0'), 'websocket'],
    [withHost('Upgrade', 'websocket, h2c'), undefined],
    [withHost('Upgrade', 'websocket', 'Upgrade', 'websocket'), undefined],
    [withHost('Upgrade', 'h2c'), undefined],
    [{ method: 'POST', ...withHost('Upgrade', 'websocket') }, undefined],
    [{ version: '1.0', ...withHost('Upgrade', 'websocket') }, undefined],
    [withHost('Upgrade', 'websocket', 'Content-Length', '1'), undefined],
    [withHost('Upgrade', 'websocket', 'Transfer-Encoding', 'chunked'), undefined],
  ])('%o is a WebSocket handshake: %s', (head, websocket) => {
    expect(check(head)).toMatchObject({ websocket })
  })
})
