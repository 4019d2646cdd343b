import { chunked, refused, type Sample, taken } from './sample.ts'

/** The chunked coding. */
export const chunks: readonly Sample[] = [
  ...['', ' 5', '+5', '-5', '0x5', '5 5', '5\tx', 'g', '5\0', '123456789', 'fffffffff'].map((size) =>
    refused(`the chunk size ${JSON.stringify(size)}`, chunked(`${size}\r\nhello\r\n0\r\n\r\n`)),
  ),
  ...['5 ', '5\t', '5 \t '].map((size) =>
    taken(`the chunk size ${JSON.stringify(size)}`, chunked(`${size}\r\nhello\r\n0 \r\n\r\n`)),
  ),
  refused('bare LF behind a blank behind a chunk size', chunked('5 \nhello\r\n0\r\n\r\n')),
  refused('bare CR behind a blank behind a chunk size', chunked('5 \rhello\r\n0\r\n\r\n')),
  refused('a flood of blanks behind a chunk size', chunked(`5${' '.repeat(300)}\r\nhello\r\n0\r\n\r\n`)),
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
]
