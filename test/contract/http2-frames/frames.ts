import {
  ACK, block, END_HEADERS, END_STREAM, FrameType, frame, headers, PADDED, PRIORITY, request, reset, settings,
  uint32, windowUpdate,
} from '../../support/http2/frames.ts' // biome-ignore format: a table
import { type Field, type FrameCase, get, post } from './case.ts'

/** A head in pieces: HEADERS and so many CONTINUATION frames. */
function inPieces(stream: number, fields: Buffer, pieces: number, flags: number = END_STREAM): Buffer[] {
  const size = Math.ceil(fields.length / pieces)
  return Array.from({ length: pieces }, (_none, i) => {
    const part = fields.subarray(i * size, (i + 1) * size)
    const last = i === pieces - 1 ? END_HEADERS : 0
    return i === 0 ? headers(stream, part, flags | last) : frame(FrameType.continuation, last, stream, part)
  })
}

const LARGE: readonly Field[] = ['a', 'b', 'c', 'd', 'e'].map((name) => [name, 'y'.repeat(4_000)] as const)

/** Frames that are malformed, or on a stream where they may not be (RFC 9113 4, 5, 6). */
export const frameCases: readonly FrameCase[] = [
  { name: 'a preface of HTTP/1.1', preface: Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'), frames: [] },
  { name: 'half a preface', preface: Buffer.from('PRI * HTTP/2.0\r\n'), frames: [], isUnfinished: true },
  {
    name: 'a preface with another version',
    preface: Buffer.from('PRI * HTTP/3.0\r\n\r\nSM\r\n\r\n'),
    frames: [get('/')],
  },
  { name: 'a request before SETTINGS', preface: Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frames: [get('/')] },
  { name: 'a head in two frames', frames: inPieces(1, request('GET', '/'), 2), reads: ['GET / a'] },
  { name: 'a head in five frames', frames: inPieces(1, request('GET', '/'), 5), reads: ['GET / a'] },
  { name: 'a head in forty frames', frames: inPieces(1, request('GET', '/'), 40) },
  { name: 'a head of 20 KB', frames: inPieces(1, request('GET', '/', ...LARGE), 2) },
  { name: 'a head of 40 KB', frames: inPieces(1, request('GET', '/', ...LARGE, ...LARGE), 3) },
  { name: 'a head that never ends', frames: [headers(1, request('GET', '/'), END_STREAM)], isUnfinished: true },
  {
    name: 'another frame in the middle of a head',
    frames: [headers(1, request('GET', '/'), END_STREAM), frame(FrameType.ping, 0, 0, Buffer.alloc(8))],
  },
  {
    name: 'another request in the middle of a head',
    frames: [headers(1, request('GET', '/'), END_STREAM), headers(3, request('GET', '/smuggled'))],
  },
  {
    name: 'the rest of a head on another stream',
    frames: [
      headers(1, request('GET', '/'), END_STREAM),
      frame(FrameType.continuation, END_HEADERS, 3, block(['x', 'y'])),
    ],
  },
  { name: 'CONTINUATION without a head', frames: [frame(FrameType.continuation, END_HEADERS, 1, request('GET', '/'))] },
  { name: 'HEADERS on stream 0', frames: [headers(0, request('GET', '/'))] },
  { name: 'HEADERS on an even stream', frames: [headers(2, request('GET', '/'))] },
  {
    name: 'HEADERS with padding',
    frames: [
      headers(
        1,
        Buffer.concat([Buffer.of(3), request('GET', '/'), Buffer.alloc(3)]),
        END_STREAM | END_HEADERS | PADDED,
      ),
    ],
    reads: ['GET / a'],
  },
  {
    name: 'HEADERS with more padding than bytes',
    frames: [headers(1, Buffer.of(200, 0), END_STREAM | END_HEADERS | PADDED)],
  },
  {
    name: 'HEADERS with PADDED and no bytes',
    frames: [headers(1, Buffer.alloc(0), END_STREAM | END_HEADERS | PADDED)],
  },
  {
    name: 'HEADERS with a priority',
    frames: [
      headers(1, Buffer.concat([uint32(0), Buffer.of(15), request('GET', '/')]), END_STREAM | END_HEADERS | PRIORITY),
    ],
    reads: ['GET / a'],
  },
  { name: 'HEADERS with half a priority', frames: [headers(1, Buffer.of(0, 0), END_STREAM | END_HEADERS | PRIORITY)] },
  {
    name: 'HEADERS that depend on themselves',
    frames: [
      headers(1, Buffer.concat([uint32(1), Buffer.of(15), request('GET', '/')]), END_STREAM | END_HEADERS | PRIORITY),
    ],
    reads: ['GET / a'],
    mayRefuse: true,
  },
  {
    name: 'streams in falling order',
    frames: [headers(5, request('GET', '/5')), headers(3, request('GET', '/smuggled'))],
    reads: ['GET /5 a'],
    mayRefuse: true,
  },
  {
    name: 'a stream twice',
    frames: [get('/1'), headers(1, request('GET', '/smuggled'))],
    reads: ['GET /1 a'],
    mayRefuse: true,
  },
  {
    name: 'a frame of 16,385 bytes',
    frames: [frame(FrameType.headers, END_STREAM | END_HEADERS, 1, Buffer.alloc(16_385))],
  },
  {
    name: 'a frame that is longer than it says',
    frames: [frame(FrameType.headers, END_STREAM | END_HEADERS, 1, request('GET', '/'), 10)],
  },
  { name: 'a frame that says 16 MiB', frames: [frame(FrameType.data, 0, 1, '', 0xffffff)] },
  {
    name: 'the bytes of HTTP/1.1 behind the preface',
    frames: [Buffer.from('GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n')],
  },
  {
    name: 'PUSH_PROMISE',
    frames: [frame(FrameType.push, END_HEADERS, 1, Buffer.concat([uint32(2), request('GET', '/smuggled')]))],
  },
  { name: 'an unknown frame', frames: [frame(0xee, 0xff, 0, 'anything'), get('/')], reads: ['GET / a'] },
  {
    name: 'an unknown frame on a stream',
    frames: [frame(0x20, 0, 1, 'anything'), get('/')],
    reads: ['GET / a'],
    mayRefuse: true,
  },
  {
    name: 'PRIORITY on an idle stream',
    frames: [frame(FrameType.priority, 0, 9, Buffer.alloc(5)), get('/')],
    reads: ['GET / a'],
  },
  { name: 'PRIORITY of four bytes', frames: [frame(FrameType.priority, 0, 1, Buffer.alloc(4))] },
  { name: 'PRIORITY on stream 0', frames: [frame(FrameType.priority, 0, 0, Buffer.alloc(5))] },
  { name: 'SETTINGS on a stream', frames: [frame(FrameType.settings, 0, 1)] },
  { name: 'SETTINGS of five bytes', frames: [frame(FrameType.settings, 0, 0, Buffer.alloc(5))] },
  { name: 'SETTINGS ACK with bytes', frames: [frame(FrameType.settings, ACK, 0, Buffer.alloc(6))] },
  {
    name: 'a SETTINGS ACK too many',
    frames: [
      frame(FrameType.settings, ACK, 0),
      frame(FrameType.settings, ACK, 0),
      frame(FrameType.settings, ACK, 0),
      get('/'),
    ],
    reads: ['GET / a'],
    mayRefuse: true,
  },
  { name: 'an initial window of 2^31', frames: [settings([4, 2 ** 31])] },
  { name: 'a largest frame of 100 bytes', frames: [settings([5, 100])] },
  { name: 'a largest frame of 2^24', frames: [settings([5, 2 ** 24])] },
  { name: 'ENABLE_PUSH of 2', frames: [settings([2, 2])] },
  { name: 'an unknown setting', frames: [settings([0xfafa, 7]), get('/')], reads: ['GET / a'] },
  { name: 'PING on a stream', frames: [frame(FrameType.ping, 0, 1, Buffer.alloc(8))] },
  { name: 'PING of seven bytes', frames: [frame(FrameType.ping, 0, 0, Buffer.alloc(7))] },
  {
    name: 'an answer to a PING that nobody sent',
    frames: [frame(FrameType.ping, ACK, 0, Buffer.alloc(8)), get('/')],
    reads: ['GET / a'],
    mayRefuse: true,
  },
  { name: 'RST_STREAM on stream 0', frames: [reset(0)] },
  { name: 'RST_STREAM of three bytes', frames: [frame(FrameType.rst, 0, 1, Buffer.alloc(3))] },
  { name: 'RST_STREAM on an idle stream', frames: [reset(7)] },
  { name: 'WINDOW_UPDATE of 0 on the connection', frames: [windowUpdate(0, 0)] },
  { name: 'WINDOW_UPDATE beyond 2^31 on the connection', frames: [windowUpdate(0, 0x7fffffff)] },
  { name: 'WINDOW_UPDATE of three bytes', frames: [frame(FrameType.windowUpdate, 0, 0, Buffer.alloc(3))] },
  { name: 'WINDOW_UPDATE on an idle stream', frames: [windowUpdate(7, 1)] },
  { name: 'GOAWAY on a stream', frames: [frame(FrameType.goaway, 0, 1, Buffer.alloc(8))] },
  { name: 'GOAWAY of four bytes', frames: [frame(FrameType.goaway, 0, 0, Buffer.alloc(4))] },
  {
    name: 'a request behind GOAWAY',
    frames: [frame(FrameType.goaway, 0, 0, Buffer.alloc(8)), get('/after')],
    reads: ['GET /after a'],
    mayRefuse: true,
  },
  { name: 'a request that is reset at once', frames: [post(), reset(1)], isUnfinished: true },
]
