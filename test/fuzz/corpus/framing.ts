import { get, post, refused, smuggled, type Sample } from './sample.ts'

/** Two ways to find the end of a body. */
export const framing: readonly Sample[] = [
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
]
