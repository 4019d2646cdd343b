import { chunked, get, post, taken, type Sample } from './sample.ts'

/** Requests that everybody may send. */
export const honest: readonly Sample[] = [
  taken('a plain GET', get('')),
  taken('a GET with many fields', get('Accept: */*\r\nAccept-Encoding: gzip, br\r\nCookie: a=b; c=d\r\nX-Empty:\r\n')),
  taken('two pipelined GETs', get('') + get('X: y\r\n'), 2),
  taken('HTTP/1.0 without Host', 'GET / HTTP/1.0\r\n\r\n'),
  taken('an empty line before the request line', `\r\n${get('')}`),
  taken('a POST with a length', post('Content-Length: 5\r\n', 'hello')),
  taken('a POST of nothing', post('Content-Length: 0\r\n')),
  taken('the longest length that is counted exactly', post('Content-Length: 9007199254740991\r\n', 'hello'), 0),
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
]
