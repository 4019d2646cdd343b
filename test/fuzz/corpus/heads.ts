import { get, host, post, refused, taken, type Sample } from './sample.ts'

/** Line ends, controls, the request line, Host; sizes. */
export const heads: readonly Sample[] = [
  // Line ends and controls.
  refused('bare LF behind the request line', 'GET / HTTP/1.1\nHost: a\r\n\r\n'),
  refused('bare LF behind a field', 'GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n'),
  refused('bare LF as the empty line', 'GET / HTTP/1.1\r\nHost: a\r\n\n'),
  refused('bare CR in a value', get('X: a\rb\r\n')),
  refused('bare CR behind a value', get('X: a\rTransfer-Encoding: chunked\r\n')),
  refused('CR CR LF behind a value', get('X: a\r\r\n')),
  refused('CR and another byte for the empty line', 'GET / HTTP/1.1\r\nHost: a\r\n\rX'),
  refused('NUL in a value', get('X: a\0b\r\n')),
  refused('NUL in a name', get('X\0: a\r\n')),
  refused('DEL in a value', get('X: a\x7fb\r\n')),
  refused('a name that is no token', get('X(Y): a\r\n')),
  refused('a name with obs-text', get('X\xe9: a\r\n')),
  refused('a line without a colon', get('X\r\n')),
  refused('a line with no name', get(': a\r\n')),

  // The request line and Host.
  refused('HTTP/0.9', 'GET /\r\n\r\n'),
  refused('HTTP/2.0', 'GET / HTTP/2.0\r\nHost: a\r\n\r\n'),
  refused('HTTP/1.2', 'GET / HTTP/1.2\r\nHost: a\r\n\r\n'),
  refused('http/1.1 in small letters', 'GET / http/1.1\r\nHost: a\r\n\r\n'),
  refused('HTTP/1.10', 'GET / HTTP/1.10\r\nHost: a\r\n\r\n'),
  refused('two spaces before the target', 'GET  / HTTP/1.1\r\nHost: a\r\n\r\n'),
  refused('two spaces before the version', 'GET /  HTTP/1.1\r\nHost: a\r\n\r\n'),
  refused('a space behind the version', 'GET / HTTP/1.1 \r\nHost: a\r\n\r\n'),
  refused('a space in the target', 'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n'),
  refused('a tab in the target', 'GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n'),
  refused('a fragment in the target', 'GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n'),
  refused('a byte above ASCII in the target', 'GET /\xe9 HTTP/1.1\r\nHost: a\r\n\r\n'),
  refused('a space before the method', ' GET / HTTP/1.1\r\nHost: a\r\n\r\n'),
  refused('a method with a colon', 'G:T / HTTP/1.1\r\nHost: a\r\n\r\n'),
  refused('two empty lines before the request line', `\r\n\r\n${get('')}`),
  refused('no Host', 'GET / HTTP/1.1\r\n\r\n'),
  refused('two Hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'),
  refused('two equal Hosts', 'GET / HTTP/1.1\r\nHost: a\r\nhOST: a\r\n\r\n'),
  taken('a Host with an empty port', 'GET / HTTP/1.1\r\nHost: a:\r\n\r\n'),
  taken('an empty Host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n'),
  taken('a Host with sub-delimiters', "GET / HTTP/1.1\r\nHost: !$&'()\r\n\r\n"),
  refused('a Host with a comma', 'GET / HTTP/1.1\r\nHost: a,b\r\n\r\n'),
  refused('a Host with a semicolon', 'GET / HTTP/1.1\r\nHost: a;b\r\n\r\n'),
  refused('an expectation that nobody meets', post('Expect: 200-ok\r\nContent-Length: 1\r\n', 'a')),

  // Sizes.
  taken('200 field lines', `GET / HTTP/1.1\r\n${host}${'X: a\r\n'.repeat(199)}\r\n`),
  refused('201 field lines', `GET / HTTP/1.1\r\n${host}${'X: a\r\n'.repeat(200)}\r\n`),
  refused('a head above 16 KiB', get(`X: ${'a'.repeat(16_400)}\r\n`)),
  refused('a request line above 16 KiB', `GET /${'a'.repeat(16_400)} HTTP/1.1\r\n${host}\r\n`),
  refused(
    'a head that never ends',
    `GET / HTTP/1.1\r\n${host}${'X: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n'.repeat(400)}`,
  ),

  // What stands behind a good request is judged by itself.
  refused('garbage behind a good request', `${get('')}\0\0\0`, 1),
  refused('a bad request behind a good one', get('') + post('Content-Length: x\r\n'), 1),
]
