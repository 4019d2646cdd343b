import { expect, test } from 'vitest'
import { cutResponse } from '../../../../src/forward/http1/response-cuts.ts'
import { Cuts } from '../../../../src/http1/cuts.ts'
import { responseHead } from '../../http1/heads.ts'

function left(lines: string, { status = '200 OK', chunked = false, keep = false } = {}): string {
  const head = responseHead(lines, `HTTP/1.1 ${status}`)
  const cuts = new Cuts()
  cutResponse(head, chunked, keep, cuts)
  return cuts.text(head.bytes, head.fieldsStart, head.fields.end)
}

const HOP = 'Connection: close, X-Hop\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\n'

test('fields of our connection to the app, and what it names, stay behind', () => {
  expect(left(`A: 1\r\n${HOP}X-Hop: 1\r\nB: 2\r\n`)).toBe('A: 1\r\nB: 2\r\n')
  expect(left('Connection: Upgrade\r\nUpgrade: h2c\r\nA: 1\r\n')).toBe('A: 1\r\n')
})

test('with forwardResponseConnectionHeader what Connection names stays; the reply says close by itself', () => {
  expect(left(`${HOP}X-Hop: 1\r\n`, { keep: true })).toBe('X-Hop: 1\r\n')
})

test('Connection cannot name the framing away', () => {
  expect(left('Connection: content-length\r\nContent-Length: 5\r\n')).toBe('Content-Length: 5\r\n')
  const lines = 'Transfer-Encoding: chunked\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n'
  expect(left(`Connection: Transfer-Encoding, date\r\n${lines}`, { chunked: true })).toBe(lines)
})

test('of equal lengths one goes on', () => {
  expect(left('Content-Length: 5\r\nA: 1\r\ncontent-length: 05\r\nContent-Length: 5\r\n')).toBe(
    'Content-Length: 5\r\nA: 1\r\n',
  )
})

test('a 426 says what to switch to, though Connection names it', () => {
  const lines = 'Connection: Upgrade, X-Hop\r\nUpgrade: websocket\r\nX-Hop: 1\r\n'
  expect([left(lines, { status: '426 Upgrade Required' }), left(lines)]).toEqual(['Upgrade: websocket\r\n', ''])
})

test('the pairing token of an app that echoes its request stays behind', () => {
  expect(left('MS-ASPNETCORE-TOKEN: t\r\nms_aspnetcore_x: y\r\nServer: Kestrel\r\n')).toBe('Server: Kestrel\r\n')
})

test('chunked is said only where chunks go on', () => {
  const lines = 'Transfer-Encoding: chunked\r\nTrailer: X\r\n'
  expect([left(lines, { chunked: true }), left(lines)]).toEqual([lines, ''])
})

test('a 204 has no Content-Length', () => {
  expect([
    left('Content-Length: 5\r\n', { status: '204 No' }),
    left('Content-Length: 5\r\n', { status: '304 Not' }),
  ]).toEqual(['', 'Content-Length: 5\r\n'])
})

test('one Date stays, to be written over; any other goes', () => {
  const date = 'Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n'
  expect([left(date), left(date + date), left('Date: today\r\n')]).toEqual([date, '', ''])
})
