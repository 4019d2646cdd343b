import { chunked, refused, type Sample, smuggled, taken } from './sample.ts'

const last = '0\r\n\r\n'
/** A chunk with a request in it. */
const hidden = `${smuggled.length.toString(16)}\r\n${smuggled}\r\n`

/**
 * Chunks whose lines somebody ends elsewhere than we do (CVE-2025-55315 and its kin). One of two readers sees `smuggled` as a
 * request, the other as data.
 */
export const funkyChunks: readonly Sample[] = [
  // The end of a size line: seen in the extension by one, not by the other.
  ...['\n', '\r', '\n\r', '\r\r\n', '\n\r\n', '\rX', '\x0b\r\n', '\x85', '\0\r\n'].flatMap((end) => [
    refused(`a size that ends in ${JSON.stringify(end)}`, chunked(`2${end}xx\r\n${hidden}${last}`)),
    refused(`an extension that ends in ${JSON.stringify(end)}`, chunked(`2;a${end}xx\r\n${hidden}${last}`)),
    refused(`an extension without a name that ends in ${JSON.stringify(end)}`, chunked(`2;${end}xx\r\n${hidden}${last}`)),
    refused(`an extension's value that ends in ${JSON.stringify(end)}`, chunked(`2;a=b${end}xx\r\n${hidden}${last}`)),
    refused(`a last chunk that ends in ${JSON.stringify(end)}`, chunked(`0${end}\r\n${smuggled}`)),
    refused(`a last chunk whose extension ends in ${JSON.stringify(end)}`, chunked(`0;a${end}\r\n${smuggled}`)),
  ]),
  ...['\n', '\r', '\r\n', '\r\r', '\0', '\x7f'].flatMap((within) => [
    refused(`${JSON.stringify(within)} within a quoted extension`, chunked(`2;a="b${within}"\r\nxx\r\n${last}`)),
    refused(`${JSON.stringify(within)} behind a backslash`, chunked(`2;a="\\${within}"\r\nxx\r\n${last}`)),
  ]),
  // The end of data: one takes any two bytes for it, another one or none.
  ...['', '\n', '\r', 'XX', '\n\n', '\r\r', '\n\r', ' \r\n', '\r\n\r\n', '\0\0'].map((end) =>
    refused(`data that ends in ${JSON.stringify(end)}`, chunked(`5\r\nhello${end}${hidden}${last}`)),
  ),
  refused('a size in place of the end of data', chunked(`5\r\nhello5\r\nhello\r\n${last}`)),
  refused('data one byte shorter than its size', chunked(`6\r\nhello\r\n${last}`)),
  refused('data one byte longer than its size', chunked(`4\r\nhello\r\n${last}`)),
  // Blanks, which the grammar calls bad and tells everybody to read.
  ...['5 ;a', '5; a', '5;a =b', '5;a= b', '5;a=b ', '5;a ;b', '5\t;a', '5 ; a = "b" ; c ', '5;a\t', '5;a= "b"'].map((line) =>
    taken(`the size line ${JSON.stringify(line)}`, chunked(`${line}\r\nhello\r\n${last}`)),
  ),
  ...[
    '5;;a', '5;=b', '5;a=', '5;a="b"c', '5;a=b"c"', '5 a', '5 5', '5; ', '5 ;', '5;a b', '5;a= ', '5;a = = b', '5;a=b c',
    '5;a="b" c', '5; =b', '5;a= ;b', '5 =b', '5;a="b"="c"',
  ].map((line) =>
    refused(`the size line ${JSON.stringify(line)}`, chunked(`${line}\r\nhello\r\n${last}`)),
  ),
  // Sizes that overflow somewhere.
  ...[
    '0000000005', '100000005', '10000000000000005', 'ffffffffffffffff', '8000000000000000', '7fffffffffffffff',
    'fffffffffffffffffffffffffffffffb', '-1', '+0', '0x0', '0X5', '5L', '5.0', '\xb5', '5_0',
  ].map((size) => refused(`the size ${JSON.stringify(size)}`, chunked(`${size}\r\nhello\r\n${last}`))),
  taken('a size of 4 GiB less 1 of which little has come', chunked(`ffffffff\r\nhello`), 0),
  taken('a size of 2 GiB of which little has come', chunked(`80000000\r\nhello`), 0),
  taken('many last zeros', chunked(`5\r\nhello\r\n00000000\r\n\r\n`)),
  taken('the end of a body as data', chunked(`5\r\n${last}\r\n${last}${smuggled}`), 2),
  taken('a request as data', chunked(`${hidden}${last}`)),
  taken('a request in an extension', chunked(`5;a="GET /smuggled HTTP/1.1"\r\nhello\r\n${last}`)),
  taken('every byte that a quoted extension may have', chunked(`5;a="\t !#~\x80\xff\\"\\\\"\r\nhello\r\n${last}`)),
  // Trailers.
  ...[
    'Content-Length: 5', 'Transfer-Encoding: chunked', 'Connection: close', 'Proxy-Connection: close', 'X : a', ' X: a', 'X: a\r b',
    'X: a\nHost: b', 'X: \0', ': a', 'X', '\n',
  ].map((trailer) => refused(`the trailer ${JSON.stringify(trailer)}`, chunked(`0\r\n${trailer}\r\n\r\n${smuggled}`))),
  taken('trailers that go no further', chunked('0\r\nHost: b\r\nCookie: a\r\nMS-ASPNETCORE-TOKEN: f\r\nX_Forwarded_For: b\r\n\r\n')),
  taken('a trailer that looks like a size', chunked(`0\r\n5: hello\r\n\r\n${smuggled}`), 2),
  taken('an empty trailer', chunked('0\r\nX:\r\n\r\n')),
] // biome-ignore format: tables
