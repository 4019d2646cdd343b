import { CRLF, get, lines, post, refusals, SMUGGLED, type SmugglingCase } from './case.ts'

const HANDSHAKE = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']

/** What concerns the connection: order, its end, other protocols, expectations, and who may take fields away. */
export const connectionCases: readonly SmugglingCase[] = [
  {
    name: 'three requests at once',
    bytes: get() + post(['Content-Length: 5'], 'hello') + SMUGGLED,
    reads: ['GET / a', 'POST / a hello', 'GET /smuggled a'],
  },
  { name: 'a request behind the last one', bytes: get('Connection: close') + SMUGGLED, reads: ['GET / a'] },
  {
    name: 'a request behind the last one, in other casing',
    bytes: get('cONNECTION: x, cLOSE') + SMUGGLED,
    reads: ['GET / a'],
  },
  {
    name: 'a request behind the body of the last one',
    bytes: post(['Connection: close', 'Content-Length: 5'], `hello${SMUGGLED}`),
    reads: ['POST / a hello'],
  },
  {
    name: 'a request behind one of HTTP/1.0',
    bytes: lines(['GET / HTTP/1.0', 'Host: a'], SMUGGLED),
    reads: ['GET / a'],
  },
  {
    name: 'a request behind one of HTTP/1.0 that keeps the connection',
    bytes: lines(['GET / HTTP/1.0', 'Host: a', 'Connection: keep-alive'], SMUGGLED),
    reads: ['GET / a', 'GET /smuggled a'],
  },
  { name: 'garbage behind a request', bytes: `${get()}garbage${CRLF}${CRLF}${SMUGGLED}`, reads: ['GET / a'] },
  { name: 'a refused request behind a request', bytes: `${get()}${get('Host: b')}${SMUGGLED}`, reads: ['GET / a'] },
  {
    name: 'one byte too many behind a body',
    bytes: post(['Content-Length: 5'], `hello(${SMUGGLED}`),
    reads: ['POST / a hello'],
  },

  {
    name: 'a WebSocket handshake with a request behind it',
    bytes: get(...HANDSHAKE) + SMUGGLED,
    reads: ['GET / a'],
  },
  {
    name: 'a WebSocket handshake with a body',
    bytes: get(...HANDSHAKE, `Content-Length: ${String(SMUGGLED.length)}`) + SMUGGLED,
    reads: [`GET / a ${SMUGGLED}`],
  },
  {
    name: 'a WebSocket handshake with a chunked body',
    bytes: `${get(...HANDSHAKE, 'Transfer-Encoding: chunked')}5${CRLF}hello${CRLF}0${CRLF}${CRLF}${SMUGGLED}`,
    reads: ['GET / a hello', 'GET /smuggled a'],
  },
  {
    name: 'a WebSocket handshake by POST',
    bytes: post([...HANDSHAKE, 'Content-Length: 5'], `hello${SMUGGLED}`),
    reads: ['POST / a hello', 'GET /smuggled a'],
  },
  {
    name: 'a WebSocket handshake with both framings',
    bytes: get(...HANDSHAKE, 'Content-Length: 5', 'Transfer-Encoding: chunked') + `0${CRLF}${CRLF}${SMUGGLED}`,
  },
  { name: 'a WebSocket handshake without Host', bytes: lines(['GET / HTTP/1.1', ...HANDSHAKE], SMUGGLED) },
  { name: 'a WebSocket handshake with two Hosts', bytes: get(...HANDSHAKE, 'Host: b') + SMUGGLED },
  {
    name: 'a WebSocket handshake above the root',
    bytes: lines(['GET /.. HTTP/1.1', 'Host: a', ...HANDSHAKE], SMUGGLED),
  },
  ...['h2c', 'HTTP/2.0', 'TLS/1.0', 'websocket, h2c', 'websockets', ' WebSocket2', ''].map(
    (protocol): SmugglingCase => ({
      name: `an upgrade to ${JSON.stringify(protocol)} with a request behind it`,
      bytes: get('Connection: Upgrade, HTTP2-Settings', `Upgrade: ${protocol}`, 'HTTP2-Settings: AAMAAABk') + SMUGGLED,
      reads: ['GET / a', 'GET /smuggled a'],
    }),
  ),
  {
    name: 'h2c by prior knowledge behind an upgrade',
    bytes: `${get('Connection: Upgrade', 'Upgrade: h2c')}PRI * HTTP/2.0${CRLF}${CRLF}SM${CRLF}${CRLF}`,
    reads: ['GET / a'],
  },

  {
    name: 'an expectation',
    bytes: post(['Expect: 100-continue', 'Content-Length: 5'], 'hello'),
    reads: ['POST / a hello'],
  },
  {
    name: 'an expectation without a body',
    bytes: get('Expect: 100-continue') + SMUGGLED,
    reads: ['GET / a', 'GET /smuggled a'],
  },
  {
    name: 'an expectation in HTTP/1.0',
    bytes: lines(['POST / HTTP/1.0', 'Host: a', 'Expect: x', 'Content-Length: 5'], 'hello'),
    reads: ['POST / a hello'],
  },
  ...refusals(
    'an expectation that is not known',
    ['', 'x', '100-continue, x', '100-continue;x', '100-continuee', '200-ok', '100-continue\r\nExpect: x'],
    (value) => post([`Expect: ${value}`, 'Content-Length: 5'], `hello${SMUGGLED}`),
  ),

  ...[
    'Content-Length',
    'Transfer-Encoding',
    'Host',
    'X-Forwarded-For',
    'MS-ASPNETCORE-TOKEN',
    'Connection',
    ',',
    '"x',
    'a b',
  ].map(
    (option): SmugglingCase => ({
      name: `a Connection field that names ${option}`,
      bytes: post([`Connection: keep-alive, ${option}`, `Content-Length: ${String(SMUGGLED.length)}`], SMUGGLED),
      reads: [`POST / a ${SMUGGLED}`],
    }),
  ),
  {
    name: 'a Connection field that names the coding of a chunked body',
    bytes: post(['Connection: Transfer-Encoding', 'Transfer-Encoding: chunked'], `5${CRLF}hello${CRLF}0${CRLF}${CRLF}`),
    reads: ['POST / a hello'],
  },
]
