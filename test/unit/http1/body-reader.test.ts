import { describe, expect, test } from 'vitest'
import { BodyKind, BodyReader, trailerText } from '../../../src/http1/body-reader.ts'
import { REFUSED } from '../../../src/http1/refusal.ts'
import { readRequests } from '../../support/strict-reader.ts'

interface Read {
  readonly given: string
  readonly rest: string
  readonly done: boolean
  readonly total: number
  readonly trailers: readonly string[] | undefined
}

/** Reads a body that comes in these pieces; the end of a framed one with trailers is put behind it, as a forwarder does. */
function read(kind: number, length: number, keepsFraming: boolean, pieces: readonly string[]): Read | 'refused' {
  const reader = new BodyReader()
  reader.begin(kind, length, 0, keepsFraming)
  let given = ''
  let rest = ''
  for (const piece of pieces) {
    const bytes = Buffer.from(piece, 'latin1')
    let at = 0
    while (at < bytes.length && !reader.done) {
      at = reader.read(bytes, at, bytes.length)
      if (at === REFUSED) return 'refused'
      given += bytes.toString('latin1', reader.from, reader.to)
    }
    rest += bytes.toString('latin1', at)
  }
  if (keepsFraming && reader.done && reader.trailers !== undefined) given += trailerText(reader.trailers)
  return { given, rest, done: reader.done, total: reader.total, trailers: reader.trailers }
}

const onePiece = (text: string): string[] => [text]
const byteByByte = (text: string): string[] => Array.from(text)
const inTwo = (text: string, at: number): string[] => [text.slice(0, at), text.slice(at)]

describe('a body of known length', () => {
  test('ends where its length says', () => {
    expect(read(BodyKind.length, 5, false, ['hel', 'lo', 'next'])).toEqual({
      given: 'hello',
      rest: 'next',
      done: true,
      total: 5,
      trailers: undefined,
    })
  })

  test('of length 0 is complete at once', () => {
    expect(read(BodyKind.length, 0, false, ['next'])).toMatchObject({ given: '', rest: 'next', done: true })
  })
})

test('a body without length or chunks ends only with its connection', () => {
  expect(read(BodyKind.untilClose, -1, true, ['a', 'b'])).toMatchObject({ given: 'ab', done: false, total: 2 })
})

describe('a trailer section', () => {
  const trailers = (lines: string): ReturnType<typeof read> => read(BodyKind.chunked, -1, false, [`0\r\n${lines}\r\n`])

  test('has 100 lines at most', () => {
    expect(trailers('A: b\r\n'.repeat(100))).toMatchObject({ done: true, rest: '' })
    expect(trailers('A: b\r\n'.repeat(101))).toBe('refused')
  })

  test('has 16 KiB at most', () => {
    const field = (bytes: number): string => `A: ${'x'.repeat(bytes - 'A: \r\n\r\n'.length)}\r\n`
    expect(trailers(field(16_384))).toMatchObject({ done: true, rest: '' })
    expect(trailers(field(16_385))).toBe('refused')
  })
})

describe('a chunked body', () => {
  const plain = '5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n'
  const odd =
    '005;a=b;c="d\\";"\r\nhello\r\n1 \t; a = b \r\n!\r\n000 \r\nX-Sum: 1\r\nMS-ASPNETCORE-TOKEN: no\r\nHost: no\r\n\r\n'

  test.each([
    ['plain', plain, undefined],
    ['with extensions and trailers', odd, ['X-Sum', '1']],
  ])('%s: its data is the same in whatever pieces it comes', (_what, text, trailers) => {
    const whole = { given: 'hello!', rest: 'next', done: true, total: 6, trailers }
    expect(read(BodyKind.chunked, -1, false, onePiece(`${text}next`))).toEqual(whole)
    expect(read(BodyKind.chunked, -1, false, byteByByte(`${text}next`))).toEqual(whole)
    for (let at = 1; at < text.length; at++) {
      expect(read(BodyKind.chunked, -1, false, inTwo(`${text}next`, at)), `split at ${String(at)}`).toEqual(whole)
    }
  })

  test('without extensions and trailers is forwarded byte for byte', () => {
    for (const pieces of [onePiece(plain), byteByByte(plain)]) {
      expect(read(BodyKind.chunked, -1, true, pieces)).toMatchObject({ given: plain, done: true })
    }
  })

  test('is forwarded without its extensions and without forbidden trailers', () => {
    const clean = '005\r\nhello\r\n1\r\n!\r\n000\r\nX-Sum: 1\r\n\r\n'
    for (let at = 1; at < odd.length; at++) {
      expect(read(BodyKind.chunked, -1, true, inTwo(odd, at)), `split at ${String(at)}`).toMatchObject({ given: clean })
    }
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'
    expect(readRequests(head + clean)).toMatchObject({ requests: [{ body: 'hello!' }], rest: '' })
  })

  test.each([
    'Content-Length: 1',
    'Transfer-Encoding: chunked',
    'Connection: close',
  ])('with %s behind it is refused', (field) => {
    expect(read(BodyKind.chunked, -1, false, onePiece(`0\r\n${field}\r\n\r\n`))).toBe('refused')
  })

  test('with endless extensions is refused at the limit', () => {
    const line = `1;${'a'.repeat(200)}\r\nx\r\n`
    expect(read(BodyKind.chunked, -1, false, onePiece(line.repeat(80)))).toMatchObject({ done: false })
    expect(read(BodyKind.chunked, -1, false, onePiece(line.repeat(90)))).toBe('refused')
  })
})

test('a reader keeps nothing of the body before', () => {
  const reader = new BodyReader()
  const take = (kind: number, length: number, text: string): readonly string[] | undefined => {
    const bytes = Buffer.from(text, 'latin1')
    reader.begin(kind, length, 0, false)
    for (let at = 0; at < bytes.length && !reader.done; ) {
      at = reader.read(bytes, at, bytes.length)
      if (at === REFUSED) throw new Error(reader.refusal?.why)
    }
    expect([reader.done, reader.total]).toEqual([true, 5])
    return reader.trailers
  }
  // More extensions than one message may have.
  const extended = `5;${'a'.repeat(200)}\r\nhello\r\n0\r\n`
  for (let i = 0; i < 100; i++) expect(take(BodyKind.chunked, -1, `${extended}X: 1\r\n\r\n`)).toEqual(['X', '1'])
  expect(take(BodyKind.chunked, -1, `${extended}\r\n`)).toBeUndefined()
  expect(take(BodyKind.chunked, -1, `${extended}X: 1\r\n\r\n`)).toEqual(['X', '1'])
  expect(take(BodyKind.length, 5, 'hello')).toBeUndefined()
})

test.each([
  'Authorization',
  'Cookie',
  'Set-Cookie',
  'Host',
  'Content-Type',
  'Content-Encoding',
  'Forwarded',
  'X-Forwarded-For',
  'X_Forwarded_For',
  'X-Forwarded-Prefix',
  'x-original-for',
  'MS-ASPNETCORE-TOKEN',
  'ms_aspnetcore_token',
  'TE',
  'Trailer',
  'Upgrade',
  'Expect',
  'Range',
  'If-Match',
  'Cache-Control',
  'Date',
  'Location',
  'Vary',
  'WWW-Authenticate',
  'Proxy-Authorization',
  'Keep-Alive',
  'Max-Forwards',
])('a trailer %s is not forwarded', (name) => {
  const whole = read(BodyKind.chunked, -1, false, [`0\r\nX-Sum: 1\r\n${name}: f\r\n\r\n`])
  expect(whole).toMatchObject({ trailers: ['X-Sum', '1'], done: true })
})

test.each([
  ['5;a="b\\"c"', true],
  ['5;a="b\\\\"', true],
  ['5;a="\\\x01"', false],
  ['5;a="\\', false],
  ['5;a=b=c', false],
  ['5;', false],
  ['', false],
  [';a', false],
  ['00000005', true],
  ['000000005', false],
])('a size line %j is accepted: %s', (line, isOne) => {
  const found = read(BodyKind.chunked, -1, false, [`${line}\r\nhello\r\n0\r\n\r\n`])
  expect(found === 'refused' ? found : found.given).toBe(isOne ? 'hello' : 'refused')
})

test.each([
  ['a size line without a size', '\r\n\r\n'],
  ['an extension without a size', ';a\r\n\r\n'],
  ['a size line of 257 bytes behind the size', `5;${'a'.repeat(256)}\r\nhello\r\n0\r\n\r\n`],
  ['a trailer section above 16 KiB', `0\r\nX: ${'a'.repeat(16_384)}`],
  ['101 trailers', `0\r\n${'X: a\r\n'.repeat(101)}\r\n`],
])('a chunked body with %s is refused', (_what, text) => {
  expect([read(BodyKind.chunked, -1, false, [text]), read(BodyKind.chunked, -1, true, Array.from(text))]).toEqual([
    'refused',
    'refused',
  ])
})

test('a size line may have 256 bytes behind the size', () => {
  const line = `5;${'a'.repeat(255)}`
  expect(read(BodyKind.chunked, -1, false, [`${line}\r\nhello\r\n0\r\n\r\n`])).toMatchObject({ given: 'hello' })
})
