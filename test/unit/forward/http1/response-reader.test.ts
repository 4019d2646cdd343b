import { describe, expect, test } from 'vitest'
import { ReadOutcome, type ResponseParts, ResponseReader } from '../../../../src/forward/http1/response-reader.ts'
import type { BodyReader } from '../../../../src/http1/body-reader.ts'
import type { RawResponseHead } from '../../../../src/http1/response-head.ts'

class Parts implements ResponseParts {
  wanted = true
  toHead = false
  keepsFraming = false
  readonly told: string[] = []
  /** The statuses behind which nothing is wanted any more. */
  readonly enough: number[] = []

  informed({ status }: RawResponseHead): void {
    this.told.push(String(status))
    if (this.enough.includes(status)) this.wanted = false
  }

  began(head: RawResponseHead, body: BodyReader): void {
    this.told.push(String(head.status))
    this.gave(head.bytes, body.from, body.to)
  }

  gave(bytes: Buffer, from: number, to: number): void {
    if (to > from) this.told.push(bytes.toString('latin1', from, to))
  }
}

function open(): { readonly parts: Parts; readonly reader: ResponseReader; take(text: string): number } {
  const parts = new Parts()
  const reader = new ResponseReader(parts)
  reader.begin()
  const take = (text: string): number => reader.read(Buffer.from(text, 'latin1'), text.length)
  return { parts, reader, take }
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const HINTS = 'HTTP/1.1 103 Early Hints\r\n\r\n'

describe('the limits of a response', () => {
  test('32 informational heads for each response', () => {
    const { reader, take, parts } = open()
    expect(take(HINTS.repeat(32) + OK)).toBe(ReadOutcome.whole)
    reader.begin()
    expect(take(HINTS.repeat(31) + OK)).toBe(ReadOutcome.whole)
    expect(parts.told.filter((told) => told === '103')).toHaveLength(63)
    reader.begin()
    expect(take(HINTS.repeat(33))).toBe(ReadOutcome.broken)
  })

  test('1,000 field lines', () => {
    expect(open().take(OK.replace('\r\n', `\r\n${'A: b\r\n'.repeat(999)}`))).toBe(ReadOutcome.whole)
    expect(open().take(OK.replace('\r\n', `\r\n${'A: b\r\n'.repeat(1_000)}`))).toBe(ReadOutcome.broken)
  })

  test('64 KiB of head, as in ANCM', () => {
    const head = (bytes: number): string => {
      const rest = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nA: \r\n\r\n'
      return rest.replace('A: ', `A: ${'x'.repeat(bytes - rest.length)}`)
    }
    expect(open().take(head(65_536))).toBe(ReadOutcome.whole)
    expect(open().take(head(65_537))).toBe(ReadOutcome.broken)
  })
})

test.each([
  ['HTTP/1.1 101 Switching Protocols\r\n\r\n', 'protocols'],
  [`HTTP/1.1 103 Early Hints\r\nConnection: close\r\n\r\n${OK}`, 'ends the connection'],
  [`HTTP/1.0 103 Early Hints\r\n\r\n${OK}`, 'ends the connection'],
])('%j is refused', (text, why) => {
  const { reader, take } = open()
  expect(take(text)).toBe(ReadOutcome.broken)
  expect(reader.fault).toContain(why)
})

test('after an informational head nothing more is passed on if the response is not wanted', () => {
  const { parts, take } = open()
  parts.enough.push(103)
  expect(take(HINTS + OK)).toBe(ReadOutcome.part)
  expect(parts.told).toEqual(['103'])
})

test('heads in pieces are read, and leave nothing for the next response', () => {
  const { reader, take, parts } = open()
  for (let round = 0; round < 3; round++) {
    for (const byte of HINTS + OK.slice(0, -1)) expect(take(byte)).toBe(ReadOutcome.part)
    expect(take('k')).toBe(ReadOutcome.whole)
    reader.begin()
  }
  expect(parts.told).toEqual(['103', '200', 'o', 'k', '103', '200', 'o', 'k', '103', '200', 'o', 'k'])
  expect(take('ok')).toBe(ReadOutcome.broken)
})

test('a body that ends with its connection lets no connection be kept', () => {
  const { reader, take } = open()
  expect(take('HTTP/1.1 200 OK\r\n\r\nrest')).toBe(ReadOutcome.part)
  expect([reader.endsWithConnection, reader.keepsAlive]).toEqual([true, false])
  reader.begin()
  expect(reader.endsWithConnection).toBe(false)
  expect(take(OK.replace('OK\r\n', 'OK\r\nConnection: Close\r\n'))).toBe(ReadOutcome.whole)
  expect(reader.keepsAlive).toBe(false)
  reader.begin()
  expect(take(OK.replace('1.1', '1.0'))).toBe(ReadOutcome.whole)
  expect(reader.keepsAlive).toBe(false)
})
