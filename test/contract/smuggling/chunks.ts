import { chunked, CRLF, refusals, SMUGGLED, type SmugglingCase } from './case.ts'

const LAST = `0${CRLF}${CRLF}`
const SMUGGLED_SIZE = SMUGGLED.length.toString(16)

/** Inside a chunked body: sizes, extensions, the ends of lines, trailers. */
export const chunkCases: readonly SmugglingCase[] = [
  ...refusals(
    'a chunk size that is none',
    [
      '+5',
      '-5',
      '0x5',
      ' 5',
      '\t5',
      '5 5',
      '5 x',
      '5;a b',
      '5 ;',
      '5;a =',
      'g',
      '',
      '5h',
      '5.',
      '5,',
      '\xb5',
      '5\0',
      '5\x0b',
    ],
    (size) => chunked(`${size}${CRLF}hello${CRLF}${LAST}${SMUGGLED}`),
  ),
  ...refusals(
    'a chunk size that overflows',
    ['FFFFFFFFFFFFFFFFF', '10000000000000005', '100000000000000000000000000005'],
    (size) => chunked(`${size}${CRLF}hello${CRLF}${LAST}${SMUGGLED}`),
  ),
  ...refusals(
    'a size line that does not end in CRLF',
    [
      '5\n',
      '5\r',
      '5\r\r\n',
      '5\n\r',
      '5;a\n',
      '5;\n',
      '5;a\r',
      '5;a\rb\r\n',
      '5;a=b\nc\r\n',
      '5;a="b\r\nc"\r\n',
      '5;a="b\nc"\r\n',
      '5;\0\r\n',
    ],
    (line) => chunked(`${line}hello${CRLF}${LAST}${SMUGGLED}`),
  ),
  ...refusals(
    'chunk data that does not end in CRLF',
    ['hello\n', 'hello\r', 'hello', 'helloXX', 'hello\r\r', 'hello\n\r', 'hello ', 'hello\0\0'],
    (data) => chunked(`5${CRLF}${data}${LAST}${SMUGGLED}`),
  ),
  ...refusals('a chunk that is larger than it says', ['helloo\r\n', `hello${SMUGGLED}`], (data) =>
    chunked(`5${CRLF}${data}${LAST}${SMUGGLED}`),
  ),
  ...refusals(
    'a last chunk that does not end the body',
    ['0\n\n', '0\r\n\n', '0\n\r\n', '0\r\n\rX', '-0\r\n\r\n', '0 0\r\n\r\n', '0x0\r\n\r\n', '\r\n'],
    (last) => chunked(`5${CRLF}hello${CRLF}${last}${SMUGGLED}`),
  ),
  ...refusals(
    'a trailer that is no field',
    [
      'X : y',
      'X',
      ': y',
      'X: \0',
      'X: a\rb',
      'X: a\nY: b',
      ' X: y',
      'X: y\r\n z',
      'X\xa0: y',
      'Content-Length: 5',
      'Transfer-Encoding: chunked',
      'Connection: close',
      'Proxy-Connection: x',
      Array<string>(101).fill('X: y').join(CRLF),
    ],
    (trailer) => chunked(`5${CRLF}hello${CRLF}0${CRLF}${trailer}${CRLF}${CRLF}${SMUGGLED}`),
  ),
  { name: 'extensions without end', bytes: chunked(`5;${'x'.repeat(40_000)}${CRLF}hello${CRLF}${LAST}`) },
  { name: 'trailers of 40 KB', bytes: chunked(`5${CRLF}hello${CRLF}0${CRLF}X: ${'y'.repeat(40_000)}${CRLF}${CRLF}`) },
  { name: 'a body without its last chunk', bytes: chunked(`5${CRLF}hello${CRLF}`), unfinished: true },
  { name: 'a body without its last CRLF', bytes: chunked(`5${CRLF}hello${CRLF}0${CRLF}`), unfinished: true },
  { name: 'a body that ends in mid-chunk', bytes: chunked(`ff${CRLF}${SMUGGLED}`), unfinished: true },
  { name: 'a chunk of 2^63 bytes', bytes: chunked(`8000000000000000${CRLF}${SMUGGLED}`), unfinished: true },

  {
    name: 'sizes with leading zeros',
    bytes: chunked(`0005${CRLF}hello${CRLF}000${CRLF}${CRLF}`),
    reads: ['POST / a hello'],
  },
  {
    name: 'sizes in either case',
    bytes: chunked(`a${CRLF}0123456789${CRLF}A${CRLF}0123456789${CRLF}${LAST}`),
    reads: ['POST / a 01234567890123456789'],
  },
  {
    name: 'extensions, which go no further',
    bytes: chunked(`5;a=b;c="d"${CRLF}hello${CRLF}0;e${CRLF}${CRLF}${SMUGGLED}`),
    reads: ['POST / a hello', 'GET /smuggled a'],
  },
  ...['5 ', '5\t', '5 ;x', '5; x', '5;x =y', '5;x= "y"', '5;x=y ', '5;x="y"\t;z'].map((line) => ({
    name: `blanks in a size line, which go no further: ${JSON.stringify(line)}`,
    bytes: chunked(`${line}${CRLF}hello${CRLF}0 ${CRLF}${CRLF}`),
    reads: ['POST / a hello'],
    // node's parser reads none of them (see the table in src/listen/README.md).
    mayRefuse: true as const,
  })),
  {
    name: 'a request in a chunk',
    bytes: chunked(`${SMUGGLED_SIZE}${CRLF}${SMUGGLED}${CRLF}${LAST}`),
    reads: [`POST / a ${SMUGGLED}`],
  },
  {
    name: 'the end of a body in a chunk',
    bytes: chunked(`5${CRLF}0\r\n\r\n${CRLF}${LAST}`),
    reads: ['POST / a 0\r\n\r\n'],
  },
  {
    name: 'a trailer that forges who asks',
    bytes: chunked(
      `5${CRLF}hello${CRLF}0${CRLF}MS-ASPNETCORE-TOKEN: f${CRLF}X-Forwarded-For: 1${CRLF}Host: b${CRLF}Cookie: c${CRLF}${CRLF}`,
    ),
    reads: ['POST / a hello'],
  },
]
