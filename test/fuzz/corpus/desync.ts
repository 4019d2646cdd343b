import { chunked, get, post, refused, type Sample, smuggled, taken } from './sample.ts'

const body = '5\r\nhello\r\n0\r\n\r\n'
const length = String(smuggled.length)
const two = (name: string, fields: string): Sample => refused(name, post(fields, `${body}${smuggled}`))

/** The classes of request smuggling by their names: the first framing is the front's, the second the application's. */
export const desync: readonly Sample[] = [
  two('CL.TE with a small length', 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n'),
  two('TE.CL with a length of 0', 'Transfer-Encoding: chunked\r\nContent-Length: 0\r\n'),
  two('CL.TE in other casing', 'cONTENT-lENGTH: 4\r\ntRANSFER-eNCODING: cHUNKED\r\n'),
  two('CL.TE in which the coding is unknown', 'Content-Length: 5\r\nTransfer-Encoding: x\r\n'),
  ...['xchunked', 'chunkedx', 'x, chunked', 'chunked, x', 'chunked chunked', "'chunked'", 'chunked\0', 'chun\tked', '\xa0chunked',
    'chunked\x1f', 'cow', 'chunked,', ', chunked', 'chunked;', 'chunked ,', '[chunked]', 'chunk\u00e9d', 'chunke\x64\r',
  ].flatMap((coding) => [
    two(`TE.TE with ${JSON.stringify(coding)}`, `Transfer-Encoding: chunked\r\nTransfer-Encoding: ${coding}\r\n`),
    two(`TE.CL with ${JSON.stringify(coding)}`, `Transfer-Encoding: ${coding}\r\nContent-Length: 5\r\n`),
    two(`TE.0 with ${JSON.stringify(coding)}`, `Transfer-Encoding: ${coding}\r\n`),
  ]),
  ...['Transfer-Encoding ', 'Transfer-Encoding\t', ' Transfer-Encoding', '\tTransfer-Encoding', 'Transfer-Encoding\x0b', 'Transfer-Encoding\0',
    'Transfer-Encoding\n', 'Transfer-Encoding\r', 'Transfer-Encoding\r\n', 'X: y\nTransfer-Encoding', 'X: y\rTransfer-Encoding',
    'X: y\r\n Transfer-Encoding', 'Transfer Encoding', 'Transfer-Encoding\xa0', '\x00Transfer-Encoding', '"Transfer-Encoding"',
  ].flatMap((name) => [
    two(`the name ${JSON.stringify(name)} alone`, `${name}: chunked\r\n`),
    two(`the name ${JSON.stringify(name)} and a length`, `Content-Length: 5\r\n${name}: chunked\r\n`),
  ]),
  ...['Content-Length ', 'Content-Length\t', ' Content-Length', 'X: y\nContent-Length', 'X: y\rContent-Length', 'Content-Length\0', 'Content Length',
  ].map((name) => two(`the name ${JSON.stringify(name)}`, `${name}: 5\r\n`)),
  ...['Transfer-Encoding: \r\n chunked', 'Transfer-Encoding:\r\n\tchunked', 'Content-Length: 1\r\n 5', 'Content-Length:\r\n 5'].map((field) =>
    two(`the fold ${JSON.stringify(field)}`, `${field}\r\n`),
  ),
  ...['5\x0b', '\x0b5', '5,', ',5', '5;5', "'5'", '5\xa0', '\xb5', '5 ,5', '1e0', '0b1', '0o5', '5_0', '18446744073709551621', '4294967301x',
    '-0', '+0', '00x5', '5\r', '99999999999999999',
  ].map((value) => two(`the length ${JSON.stringify(value)}`, `Content-Length: ${value}\r\n`)),

  taken('CL.0: a request behind a length of 0', post('Content-Length: 0\r\n', smuggled), 2),
  taken('CL.0: a request as a body', post(`Content-Length: ${length}\r\n`, smuggled)),
  taken('0.CL: a GET with a request as its body', `${get(`Content-Length: ${length}\r\n`)}${smuggled}`),
  taken('0.CL: a HEAD with a request as its body', `HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n${smuggled}`),
  taken('TE.0: a chunked GET', `${get('Transfer-Encoding: chunked\r\n')}${body}${smuggled}`, 2),
  taken('TE.0: a chunked OPTIONS', `OPTIONS / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${body}${smuggled}`, 2),
  taken('underscores: Content_Length', post('Content_Length: 5\r\n', smuggled), 2),
  taken('underscores: Transfer_Encoding and a length', post('Transfer_Encoding: chunked\r\nContent-Length: 5\r\n', `hello${smuggled}`), 2),
  taken('underscores: MS_ASPNETCORE_TOKEN', get('MS_ASPNETCORE_TOKEN: forged\r\nX_Forwarded_For: 1.1.1.1\r\n')),
  taken('blanks before chunked', post('Transfer-Encoding: \t chunked\r\n', `${body}${smuggled}`), 2),
  taken('a length between spaces', post('Content-Length:  5  \r\n', `hello${smuggled}`), 2),

  // Which host is meant.
  ...['Host: u@a', 'Host: a@b', 'Host: a, b', 'Host: a/b', 'Host: a:b', 'Host: a b', 'Host: :80', 'Host: a\\b', 'Host: [::1', 'Host : a', 'Host: a\r\nHost: a',
    'Host: a\r\nhost: b', 'Host: a\r\n Host: b', 'Host: a\tb', 'Host: \x01', 'Host: a#b', 'Host: a?b', 'X: y',
  ].map((field) => refused(`the field ${JSON.stringify(field)}`, `GET / HTTP/1.1\r\n${field}\r\n\r\n${smuggled}`)),
  ...['http://u@a/', 'http://a:b@c/', 'http://a\\@b/', 'http:/a', 'http:///a', 'a:80', 'ftp://a/', '//', 'http://a/..', '/..', '/%2e%2e/', '/a#b', '?a',
    '/%0d%0a', '/%00', '/a%zz', 'http://a b/',
  ].filter((target) => target !== '//').map((target) => refused(`the target ${JSON.stringify(target)}`, `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n${smuggled}`)),
  taken('an absolute form and another Host', 'GET http://b/x HTTP/1.1\r\nHost: a\r\n\r\n'),

  // Other protocols, and the end of this one.
  refused('HTTP/0.9 with a request behind it', `GET /\r\n${smuggled}`),
  refused('HTTP/0.9 without a line end of its own', `GET /\n${smuggled}`),
  refused('the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  refused('the preface of HTTP/2 behind a request', `${get('')}PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`, 1),
  refused('CONNECT', `CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n${smuggled}`),
  refused('TRACE', `TRACE / HTTP/1.1\r\nHost: a\r\n\r\n${smuggled}`),
  refused('a version that is a line end', 'GET / HTTP/\n.1\r\nHost: a\r\n\r\n'),
  refused('a minor version that is a line end', 'GET / HTTP/1.\n\r\nHost: a\r\n\r\n'),
  taken('h2c with a request behind it', get('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n') + smuggled, 2),
  taken('a WebSocket handshake with a request behind it', get('Connection: Upgrade\r\nUpgrade: websocket\r\n') + smuggled),
  taken('a WebSocket handshake with a body', get('Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 5\r\n') + `hello${smuggled}`, 2),
  taken('a request behind the last one', get('Connection: close\r\n') + smuggled),
  taken('a request behind the last one, said among others', get('Connection: x, ,CLOSE \r\n') + smuggled),
  taken('a request behind one of HTTP/1.0', `GET / HTTP/1.0\r\n\r\n${smuggled}`),
  taken('a request behind a body of HTTP/1.0', `POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello${smuggled}`),
  taken('HTTP/1.0 that keeps the connection', `GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n${smuggled}`, 2),
  ...['Host', 'Content-Length', 'Transfer-Encoding', 'X-Forwarded-For', 'MS-ASPNETCORE-TOKEN', 'Connection', 'Expect'].map((name) =>
    taken(`a Connection that names ${name}`, post(`Connection: ${name}\r\nContent-Length: 5\r\n`, `hello${smuggled}`), 2),
  ),
  taken('an expectation', post('Expect: 100-continue\r\nContent-Length: 5\r\n', `hello${smuggled}`), 2),
  taken('an expectation without a body', get('Expect: 100-continue\r\n') + smuggled, 2),
  taken('an expectation of nothing', post('Expect: 100-continue\r\nContent-Length: 0\r\n', smuggled), 2),
  ...['', 'x', '100-continue, x', '100-continue\r\nExpect: 100-continue', ' 100-continue x', '100-contin\xfce'].map((value) =>
    two(`the expectation ${JSON.stringify(value)}`, `Expect: ${value}\r\nContent-Length: 5\r\n`),
  ),
  refused('one byte too many behind a body', post('Content-Length: 5\r\n', `hello(${smuggled}`), 1),
  refused('a NUL behind a chunked body', `${chunked(body)}\0${smuggled}`, 1),
  taken('an empty line behind a body', `${chunked(body)}\r\n${smuggled}`, 2),
  refused('two empty lines behind a body', `${chunked(body)}\r\n\r\n${smuggled}`, 1),
] // biome-ignore format: tables
