/** Requests that have been read in two ways by somebody, and their honest neighbours. `takes`: how many requests we read. */
export interface Sample {
  readonly name: string
  readonly bytes: string
  /** Requests that are read to their end; a refusal comes after them when `refused`. */
  readonly takes: number
  readonly refused: boolean
}

const host = 'Host: a\r\n'
const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'

const taken = (name: string, bytes: string, takes = 1): Sample => ({ name, bytes, takes, refused: false })
const refused = (name: string, bytes: string, takes = 0): Sample => ({ name, bytes, takes, refused: true })
const post = (fields: string, body = ''): string => `POST / HTTP/1.1\r\n${host}${fields}\r\n${body}`
const get = (fields: string): string => `GET / HTTP/1.1\r\n${host}${fields}\r\n`
const chunked = (body: string): string => post('Transfer-Encoding: chunked\r\n', body)

export const corpus: readonly Sample[] = [
  // Honest requests.
  taken('a plain GET', get('')),
  taken('a GET with many fields', get('Accept: */*\r\nAccept-Encoding: gzip, br\r\nCookie: a=b; c=d\r\nX-Empty:\r\n')),
  taken('two pipelined GETs', get('') + get('X: y\r\n'), 2),
  taken('HTTP/1.0 without Host', 'GET / HTTP/1.0\r\n\r\n'),
  taken('an empty line before the request line', `\r\n${get('')}`),
  taken('a POST with a length', post('Content-Length: 5\r\n', 'hello')),
  taken('a POST of nothing', post('Content-Length: 0\r\n')),
  taken('a POST with a length, then a GET', post('Content-Length: 5\r\n', 'hello') + get(''), 2),
  taken('a chunked POST', chunked('5\r\nhello\r\n0\r\n\r\n')),
  taken('a chunked POST, then a GET', chunked('5\r\nhello\r\n0\r\n\r\n') + get(''), 2),
  taken('a chunked POST of nothing', chunked('0\r\n\r\n')),
  taken('Chunked in capitals', post('Transfer-Encoding: CHUNKED\r\n', '1\r\na\r\n0\r\n\r\n')),
  taken('sizes with leading zeros and letters', chunked('000A\r\n0123456789\r\n00\r\n\r\n')),
  taken('a chunk extension', chunked('5;name=value;flag;quoted="a;b\\"c"\r\nhello\r\n0;last\r\n\r\n')),
  taken('trailers', chunked('5\r\nhello\r\n0\r\nX-Sum: 17\r\nX-Other: y\r\n\r\n')),
  taken('obs-text in a value', get('X-Latin: \xa3\xff\r\n')),
  taken('tabs and spaces around a value', get('X:  \t a b \t \r\n')),
  taken('any token as a method', 'X-ANY!TOKEN / HTTP/1.1\r\nHost: a\r\n\r\n'),
  taken('every byte that a target may have', "GET /a!$&'()*+,-./09:;=?@AZ[]_az{|}~%20 HTTP/1.1\r\nHost: a\r\n\r\n"),
  taken('an absolute form', 'GET http://a/b HTTP/1.1\r\nHost: a\r\n\r\n'),

  // Two framings.
  refused('CL.TE', post('Content-Length: 6\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\nG`)),
  refused('TE.CL', post('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', `5c\r\n${smuggled}0\r\n\r\n`)),
  refused('TE.0', post('Transfer-Encoding: chunked, identity\r\n', `0\r\n\r\n${smuggled}`)),
  refused('two lengths', post('Content-Length: 5\r\nContent-Length: 6\r\n', 'hello!')),
  refused('two equal lengths', post('Content-Length: 5\r\nContent-Length: 5\r\n', 'hello')),
  refused('a list of lengths', post('Content-Length: 5, 5\r\n', 'hello')),
  refused('chunked twice on one line', post('Transfer-Encoding: chunked, chunked\r\n', '0\r\n\r\n')),
  refused('chunked on two lines', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n')),
  refused(
    'identity besides chunked',
    post('Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
  ),
  refused('chunked before gzip', post('Transfer-Encoding: chunked, gzip\r\n', '0\r\n\r\n')),
  refused('gzip before chunked', post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n')),
  refused('an empty Transfer-Encoding', post('Transfer-Encoding:\r\n', '0\r\n\r\n')),
  refused('an empty Transfer-Encoding and a length', post('Transfer-Encoding:\r\nContent-Length: 1\r\n', 'a')),
  refused('chunked in quotes', post('Transfer-Encoding: "chunked"\r\n', '0\r\n\r\n')),
  refused('a comma before chunked', post('Transfer-Encoding: ,chunked\r\n', '0\r\n\r\n')),
  refused('a semicolon behind chunked', post('Transfer-Encoding: chunked;q=1\r\n', '0\r\n\r\n')),
  refused('a tab behind chunked', post('Transfer-Encoding: chunked\t\r\n', '0\r\n\r\n')),
  refused('a tab behind a length', post('Content-Length: 5\t\r\n', 'hello')),
  refused('vertical tab before chunked', post('Transfer-Encoding: \x0bchunked\r\n', '0\r\n\r\n')),
  refused('form feed behind chunked', post('Transfer-Encoding: chunked\x0c\r\n', '0\r\n\r\n')),
  refused(
    'a control before chunked that case folding could hide',
    post('Transfer-Encoding: \x03hunked\r\n', '0\r\n\r\n'),
  ),
  refused('a space before the colon', post('Transfer-Encoding : chunked\r\n', '0\r\n\r\n')),
  refused('a tab before the colon', post('Transfer-Encoding\t: chunked\r\n', '0\r\n\r\n')),
  refused(
    'a space before Content-Length as the first field',
    'POST / HTTP/1.1\r\n Content-Length: 5\r\nHost: a\r\n\r\nhello',
  ),
  refused('a folded Transfer-Encoding', post('Transfer-Encoding:\r\n chunked\r\n', '0\r\n\r\n')),
  refused('a folded line', get('X: a\r\n b\r\n')),
  refused('a line folded with a tab', get('X: a\r\n\tTransfer-Encoding: chunked\r\n')),
  refused('Transfer-Encoding in HTTP/1.0', 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
  ...['+5', '-5', '0x5', '5 5', '5.0', '5e0', '', ' ', '5\0', '\xb2', '9'.repeat(16), '9'.repeat(40)].map((length) =>
    refused(`Content-Length ${JSON.stringify(length)}`, post(`Content-Length: ${length}\r\n`, 'hello')),
  ),

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
  refused('an expectation that nobody meets', post('Expect: 200-ok\r\nContent-Length: 1\r\n', 'a')),

  // Chunks.
  ...['', ' 5', '+5', '-5', '0x5', '5 ', '5\t', 'g', '5\0', '123456789', 'fffffffff'].map((size) =>
    refused(`the chunk size ${JSON.stringify(size)}`, chunked(`${size}\r\nhello\r\n0\r\n\r\n`)),
  ),
  refused('bare LF behind a chunk size', chunked('5\nhello\r\n0\r\n\r\n')),
  refused('bare LF in a chunk extension', chunked(`5;\nhello\r\n0\r\n\r\n`)),
  refused('bare LF behind a chunk extension', chunked(`5;a=b\nhello\r\n0\r\n\r\n`)),
  refused('bare CR in a chunk extension', chunked(`5;a=b\rc\r\nhello\r\n0\r\n\r\n`)),
  refused('CR CR LF behind a chunk extension', chunked(`5;a=b\r\r\nhello\r\n0\r\n\r\n`)),
  refused('an empty chunk extension', chunked(`5;\r\nhello\r\n0\r\n\r\n`)),
  refused('a quoted extension that does not end', chunked(`5;a="b\r\nhello\r\n0\r\n\r\n`)),
  refused('a long chunk extension', chunked(`5;${'a'.repeat(300)}\r\nhello\r\n0\r\n\r\n`)),
  refused('a flood of chunk extensions', chunked(`${`1;${'a'.repeat(200)}\r\nx\r\n`.repeat(100)}0\r\n\r\n`)),
  refused('chunk data longer than its size', chunked('5\r\nhello!\r\n0\r\n\r\n')),
  refused('chunk data without CRLF', chunked('5\r\nhello0\r\n\r\n')),
  refused('bare LF behind chunk data', chunked('5\r\nhello\n0\r\n\r\n')),
  refused('CR and another byte behind chunk data', chunked('5\r\nhello\rX0\r\n\r\n')),
  refused('bare LF behind the last chunk', chunked('0\n\r\n')),
  refused('bare LF as the end of the message', chunked('0\r\n\n')),
  refused('a trailer that is no field', chunked('0\r\nno colon\r\n\r\n')),
  refused('a folded trailer', chunked('0\r\nX: a\r\n b\r\n\r\n')),
  refused('bare LF behind a trailer', chunked('0\r\nX: a\n\r\n')),
  refused('too many trailers', chunked(`0\r\n${'X: a\r\n'.repeat(200)}\r\n`)),
  refused('too large a trailer section', chunked(`0\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`)),

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
