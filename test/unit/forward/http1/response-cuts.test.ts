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

test('hop-by-hop fields, and those that Connection names, are cut', () => {
  expect(left(`A: 1\r\n${HOP}X-Hop: 1\r\nB: 2\r\n`)).toBe('A: 1\r\nB: 2\r\n')
  expect(left('Connection: Upgrade\r\nUpgrade: h2c\r\nA: 1\r\n')).toBe('A: 1\r\n')
})

test('with forwardResponseConnectionHeader the fields that Connection names stay, and the reply writes close itself', () => {
  expect(left(`${HOP}X-Hop: 1\r\n`, { keep: true })).toBe('X-Hop: 1\r\n')
})

test('Connection cannot remove the framing', () => {
  expect(left('Connection: content-length\r\nContent-Length: 5\r\n')).toBe('Content-Length: 5\r\n')
  const lines = 'Transfer-Encoding: chunked\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n'
  expect(left(`Connection: Transfer-Encoding, date\r\n${lines}`, { chunked: true })).toBe(lines)
})

test('of equal lengths one is forwarded', () => {
  expect(left('Content-Length: 5\r\nA: 1\r\ncontent-length: 05\r\nContent-Length: 5\r\n')).toBe(
    'Content-Length: 5\r\nA: 1\r\n',
  )
})

test('a 426 keeps its Upgrade field, though Connection names it', () => {
  const lines = 'Connection: Upgrade, X-Hop\r\nUpgrade: websocket\r\nX-Hop: 1\r\n'
  expect([left(lines, { status: '426 Upgrade Required' }), left(lines)]).toEqual(['Upgrade: websocket\r\n', ''])
})

test('the pairing token of an app that echoes its request is cut', () => {
  expect(left('MS-ASPNETCORE-TOKEN: t\r\nms_aspnetcore_x: y\r\nServer: Kestrel\r\n')).toBe('Server: Kestrel\r\n')
})

test('Transfer-Encoding stays only if chunks are forwarded', () => {
  const lines = 'Transfer-Encoding: chunked\r\nTrailer: X\r\n'
  expect([left(lines, { chunked: true }), left(lines)]).toEqual([lines, ''])
})

test('a 204 has no Content-Length', () => {
  expect([
    left('Content-Length: 5\r\n', { status: '204 No' }),
    left('Content-Length: 5\r\n', { status: '304 Not' }),
  ]).toEqual(['', 'Content-Length: 5\r\n'])
})

test('a single Date stays, to be overwritten; others are cut', () => {
  const date = 'Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n'
  expect([left(date), left(date + date), left('Date: today\r\n')]).toEqual([date, '', ''])
})
