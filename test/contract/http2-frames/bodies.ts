import {
  block,
  data,
  END_HEADERS,
  END_STREAM,
  headers,
  PADDED,
  request,
  reset,
  windowUpdate,
} from '../../support/http2/frames.ts'
import { type Field, type FrameCase, get, post } from './case.ts'

/** Bodies: DATA, lengths and trailers (RFC 9113 8.1). */
export const bodyCases: readonly FrameCase[] = [
  { name: 'a body', frames: [post(), data(1, 'abc')], reads: ['POST / a abc'] },
  { name: 'a body with its length', frames: [post(['content-length', '3']), data(1, 'abc')], reads: ['POST / a abc'] },
  {
    name: 'a body in pieces',
    frames: [post(), data(1, 'a', 0), data(1, '', 0), data(1, 'bc', 0), data(1, '')],
    reads: ['POST / a abc'],
  },
  {
    name: 'a body with padding',
    frames: [post(), data(1, Buffer.concat([Buffer.of(4), Buffer.from('abc'), Buffer.alloc(4)]), END_STREAM | PADDED)],
    reads: ['POST / a abc'],
  },
  {
    name: 'a body that looks like a request',
    frames: [post(), data(1, 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n')],
    reads: ['POST / a GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'],
  },
  {
    name: 'a body that looks like the end of chunks',
    frames: [post(), data(1, '0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n')],
    reads: ['POST / a 0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'],
  },
  {
    name: 'a GET with a body',
    frames: [headers(1, request('GET', '/'), END_HEADERS), data(1, 'GET /smuggled HTTP/1.1\r\n\r\n')],
    reads: ['GET / a GET /smuggled HTTP/1.1\r\n\r\n'],
  },
  {
    name: 'a length of 0 and an empty frame',
    frames: [post(['content-length', '0']), data(1, '')],
    reads: ['POST / a'],
  },
  {
    name: 'a length of 0 and no body',
    frames: [headers(1, request('POST', '/', ['content-length', '0']))],
    reads: ['POST / a'],
  },
  { name: 'a length and no body', frames: [headers(1, request('POST', '/', ['content-length', '5']))] },
  { name: 'two equal lengths', frames: [post(['content-length', '3'], ['content-length', '3']), data(1, 'abc')] },
  { name: 'two lengths', frames: [post(['content-length', '3'], ['content-length', '4']), data(1, 'abc')] },
  {
    name: 'a body that is shorter than its length',
    frames: [post(['content-length', '5']), data(1, 'abc')],
    isUnfinished: true,
  },
  {
    name: 'a body that is longer than its length',
    frames: [post(['content-length', '2']), data(1, 'abc')],
    isUnfinished: true,
  },
  {
    name: 'a body that is longer than its length in a second frame',
    frames: [post(['content-length', '3']), data(1, 'abc', 0), data(1, 'GET /smuggled')],
    isUnfinished: true,
  },
  ...['-1', '+5', '5,5', '5, 5', '0x5', '5.0', 'five', '99999999999999999999', '9007199254740993'].map(
    (length): FrameCase => ({
      name: `the length ${length}`,
      frames: [post(['content-length', length]), data(1, 'abc')],
      isUnfinished: true,
    }),
  ),
  { name: 'DATA on stream 0', frames: [data(0, 'abc')] },
  { name: 'DATA on an idle stream', frames: [data(3, 'abc')] },
  { name: 'DATA on an even stream', frames: [data(2, 'abc')] },
  {
    name: 'DATA behind the end of the request',
    frames: [get('/'), data(1, 'GET /smuggled')],
    reads: ['GET / a'],
    mayRefuse: true,
  },
  {
    name: 'DATA with more padding than bytes',
    frames: [post(), data(1, Buffer.of(200, 0), END_STREAM | PADDED)],
    isUnfinished: true,
  },
  { name: 'DATA with PADDED and no bytes', frames: [post(), data(1, '', END_STREAM | PADDED)], isUnfinished: true },
  {
    name: 'more than the window',
    frames: [post(), ...Array.from({ length: 5 }, () => data(1, Buffer.alloc(16_384), 0))],
    isUnfinished: true,
  },
  {
    name: 'WINDOW_UPDATE of 0 in the middle of a body',
    frames: [post(), windowUpdate(1, 0), data(1, 'abc')],
    isUnfinished: true,
  },
  {
    name: 'WINDOW_UPDATE beyond 2^31 in the middle of a body',
    frames: [post(), windowUpdate(1, 0x7fffffff), data(1, 'abc')],
    isUnfinished: true,
  },
  { name: 'a reset in the middle of a body', frames: [post(), data(1, 'abc', 0), reset(1)], isUnfinished: true },
  {
    name: 'a reset with NO_ERROR in the middle of a body',
    frames: [post(), data(1, 'abc', 0), reset(1, 0)],
    isUnfinished: true,
  },
  { name: 'an end of the connection in the middle of a body', frames: [post(), data(1, 'abc', 0)], isUnfinished: true },
  {
    name: 'a second head in the middle of a body, without an end',
    frames: [post(), data(1, 'abc', 0), headers(1, request('GET', '/smuggled'), END_HEADERS)],
    isUnfinished: true,
  },
  {
    name: 'pseudo-fields in trailers',
    frames: [post(), data(1, 'abc', 0), headers(1, request('GET', '/smuggled'))],
    isUnfinished: true,
  },
  {
    name: 'Content-Length in trailers',
    frames: [post(), data(1, 'abc', 0), headers(1, block(['content-length', '3']))],
    isUnfinished: true,
  },
  {
    name: 'Transfer-Encoding in trailers',
    frames: [post(), data(1, 'abc', 0), headers(1, block(['transfer-encoding', 'chunked']))],
    isUnfinished: true,
  },
  {
    name: 'too many trailers',
    frames: [post(), data(1, 'abc', 0), headers(1, block(...Array.from({ length: 101 }, (): Field => ['x', 'y'])))],
    isUnfinished: true,
  },
  ...['ms-aspnetcore-token', 'x-forwarded-for', 'host', 'authorization', 'te'].map(
    (name): FrameCase => ({
      name: `${name} in trailers`,
      frames: [post(), data(1, 'abc', 0), headers(1, block([name, 'forged']))],
      reads: ['POST / a abc'],
      mayRefuse: true,
    }),
  ),
]
