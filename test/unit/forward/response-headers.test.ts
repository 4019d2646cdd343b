import { describe, expect, test } from 'vitest'
import { cleanReason, interimHeaders, responseFault, responseHeaders } from '../../../src/forward/response-headers.ts'

describe('the fields that go to the client', () => {
  test('are those of the application, repeated ones in order', () => {
    const fields = [
      'Set-Cookie',
      'a',
      'Server',
      'Kestrel',
      'set-cookie',
      'b',
      'Vary',
      'x',
      'Vary',
      'y',
      'Content-Length',
      '5',
    ]
    expect(responseHeaders(fields, false)).toEqual(fields)
  })

  test.each([
    'Date',
    'Connection',
    'Keep-Alive',
    'Proxy-Connection',
    'Transfer-Encoding',
    'MS-ASPNETCORE-TOKEN',
    'ms_aspnetcore_x',
  ])('lack %s', (name) => {
    expect(responseHeaders([name, 'z', 'X', 'y', name.toLowerCase(), 'z'], false)).toEqual(['X', 'y'])
  })

  test('lack the fields that Connection names, but not the length of the body', () => {
    expect(
      responseHeaders(['Connection', 'x-hop, Content-Length', 'X-Hop', '1', 'Content-Length', '5'], false),
    ).toEqual(['Content-Length', '5'])
  })

  test('keep Connection, and the fields that it names, with forwardResponseConnectionHeader', () => {
    expect(responseHeaders(['Connection', 'close, x-hop', 'X-Hop', '1', 'Keep-Alive', '2'], true)).toEqual([
      'Connection',
      'close, x-hop',
      'X-Hop',
      '1',
    ])
  })

  test('have one of equal lengths', () => {
    expect(responseHeaders(['Content-Length', '5', 'X', 'y', 'content-length', '5'], false)).toEqual([
      'Content-Length',
      '5',
      'X',
      'y',
    ])
  })

  test('keep Upgrade in a 426, though Connection names it', () => {
    const fields = ['Connection', 'Upgrade, x', 'Upgrade', 'websocket', 'X', 'y']
    expect(responseHeaders(fields, false, { status: 426 })).toEqual(['Upgrade', 'websocket'])
    expect(responseHeaders(fields, false, { status: 400 })).toEqual([])
  })

  test('lack one more name when asked', () => {
    expect(responseHeaders(['Upgrade', 'websocket', 'X', 'y'], false, { without: 'upgrade' })).toEqual(['X', 'y'])
  })
})

test('a 1xx head has the fields of a response without Content-Length', () => {
  const fields = ['Link', 'a', 'Content-Length', '5', 'CONTENT-LENGTH', '6', 'Connection', 'x-hop', 'X-Hop', '1']
  expect(interimHeaders([...fields, 'Upgrade', 'u', 'Link', 'b'], 'upgrade')).toEqual(['Link', 'a', 'Link', 'b'])
})

describe('a response head', () => {
  const head = { status: 200, reason: 'OK', version: '1.1', fields: ['Content-Length', '5'] }

  test.each([
    [{}],
    [{ status: 999 }],
    [{ version: '1.0' }],
    [{ fields: [] }],
    [{ fields: ['transfer-encoding', 'CHUNKED'] }],
  ])('with %o is accepted', (part) => {
    expect(responseFault({ ...head, ...part })).toBeUndefined()
  })

  test.each([
    [{ status: 101 }],
    [{ status: 99 }],
    [{ status: 1000 }],
    [{ version: '2.0' }],
    [{ version: '0.9' }],
    [{ fields: ['Transfer-Encoding', 'gzip'] }],
    [{ fields: ['Transfer-Encoding', 'gzip, chunked'] }],
    [{ fields: ['Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked'] }],
    [{ fields: ['Transfer-Encoding', 'chunked', 'Content-Length', '5'] }],
    [{ version: '1.0', fields: ['Transfer-Encoding', 'chunked'] }],
  ])('with %o is refused', (part) => {
    expect(responseFault({ ...head, ...part })).toEqual(expect.any(String))
  })

  test('keeps a valid reason phrase, and loses any other', () => {
    expect(cleanReason('Gr\xfc\xdfe,\tihr')).toBe('Gr\xfc\xdfe,\tihr')
    expect(cleanReason('a\x01b')).toBe('')
    expect(cleanReason('a\u0100')).toBe('')
  })
})
