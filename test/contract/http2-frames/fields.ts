import { block, headers, integer, request, text } from '../../support/http2/frames.ts'
import { each, type Field, type FrameCase, get } from './case.ts'

/** Fields (RFC 9113 8.2). */
export const fieldCases: readonly FrameCase[] = [
  { name: 'cookies in pieces', frames: [get('/', ['cookie', 'a=1'], ['cookie', 'b=2'])], reads: ['GET / a'] },
  { name: 'te: trailers', frames: [get('/', ['te', 'trailers'])], reads: ['GET / a'] },
  {
    name: 'two Authorization fields',
    frames: [get('/', ['authorization', 'Basic YTph'], ['authorization', 'Basic YTpi'])],
  },
  {
    name: 'two Proxy-Authorization fields',
    frames: [get('/', ['proxy-authorization', 'x'], ['proxy-authorization', 'y'])],
  },
  { name: 'two Content-Type fields', frames: [get('/', ['content-type', 'a/b'], ['content-type', 'c/d'])] },
  { name: 'an expectation that nobody knows', frames: [get('/', ['expect', 'a miracle'])] },
  { name: 'two expectations', frames: [get('/', ['expect', '100-continue'], ['expect', '100-continue'])] },
  { name: '201 fields', frames: [get('/', ...Array.from({ length: 201 }, (): Field => ['x', 'y']))] },
  { name: '300 fields', frames: [get('/', ...Array.from({ length: 300 }, (): Field => ['x', 'y']))] },
  ...each(
    'a field of a connection',
    ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'http2-settings'],
    (name) => [
      get('/', [name, name === 'transfer-encoding' ? 'chunked' : name === 'connection' ? 'ms-aspnetcore-token' : 'x']),
    ],
  ),
  ...each('te', ['gzip', 'trailers, gzip', 'chunked', ''], (value) => [get('/', ['te', value])]),
  ...each('a name with capitals', ['X-Y', 'Content-Length', 'HOST', 'x-Y'], (name) => [get('/', [name, '1'])]),
  // Node's library drops such fields without a word, so the request may go on without them.
  ...each(
    'a name',
    ['', ' x', 'x y', 'x:', 'x\0', 'x\r\nx', 'x\xe9', 'x\x7f', '(x)', 'x/y', 'ms-aspnetcore-token\0'],
    (name) => [get('/dropped', [name, 'forged'])],
  ).map((each): FrameCase => ({ ...each, mayRefuse: true, reads: ['GET /dropped a'] })),
  ...each(
    'a value',
    [
      'a\rb',
      'a\nb',
      'a\0b',
      ' a',
      'a ',
      '\ta',
      'a\r\nms-aspnetcore-token: x',
      'a\x01b',
      'a\x7fb',
      'x\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n',
    ],
    (value) => [get('/dropped', ['x-forged', value])],
  ).map((each): FrameCase => ({ ...each, mayRefuse: true, reads: ['GET /dropped a'] })),
  ...each('a length with forbidden bytes', ['5\0', '5\r\nx: y', ' 5', '5 '], (value) => [
    get('/dropped', ['content-length', value]),
  ]).map((each): FrameCase => ({ ...each, mayRefuse: true, reads: ['GET /dropped a'] })),
  ...each(
    'a pairing field',
    [
      'ms-aspnetcore-token',
      'ms_aspnetcore_token',
      'ms-aspnetcore-clientcert',
      'ms-aspnetcore-event',
      'ms-aspnetcore-winauthtoken',
    ],
    (name) => [get('/', [name, 'forged'])],
  ).map((each): FrameCase => ({ ...each, reads: ['GET / a'] })),
]

/** Header blocks that are not HPACK (RFC 7541), or bombs of it. */
export const hpackCases: readonly FrameCase[] = [
  { name: 'index 0', frames: [headers(1, Buffer.of(0x80))] },
  { name: 'an index beyond the tables', frames: [headers(1, Buffer.of(0xff, 0x80, 0x01))] },
  { name: 'an index of 2^31', frames: [headers(1, integer(2 ** 31, 7, 0x80))] },
  { name: 'an index that never ends', frames: [headers(1, Buffer.alloc(40, 0xff))] },
  {
    name: 'a table larger than allowed',
    frames: [headers(1, Buffer.concat([integer(1_000_000, 5, 0x20), request('GET', '/')]))],
  },
  {
    name: 'a change of the table behind a field',
    frames: [headers(1, Buffer.concat([request('GET', '/'), Buffer.of(0x20)]))],
  },
  { name: 'a literal that ends early', frames: [headers(1, Buffer.of(0, 10, 0x61))] },
  {
    name: 'a literal without a value',
    frames: [headers(1, Buffer.concat([request('GET', '/'), Buffer.of(0), text('x')]))],
  },
  { name: 'a literal longer than memory', frames: [headers(1, Buffer.concat([Buffer.of(0), integer(2 ** 40, 7, 0)]))] },
  {
    name: 'Huffman code with the end symbol',
    frames: [headers(1, Buffer.of(0, 0x84, 0xff, 0xff, 0xff, 0xff, 1, 0x61))],
  },
  { name: 'Huffman code with wrong padding', frames: [headers(1, Buffer.of(0, 0x81, 0x00, 1, 0x61))] },
  { name: 'an empty block', frames: [headers(1, Buffer.alloc(0))] },
  {
    name: 'a name of the dynamic table that was evicted',
    frames: [headers(1, Buffer.concat([Buffer.of(0x20), Buffer.of(0xbe)]))],
  },
  {
    name: 'four thousand references to one large field',
    frames: [
      headers(
        1,
        Buffer.concat([
          block([':method', 'GET']),
          Buffer.of(0x40),
          text('x'),
          text('y'.repeat(4_000)),
          Buffer.alloc(4_000, 0xbe),
        ]),
      ),
    ],
  },
]
