import { chunked, CRLF, get, lines, post, refusals, SMUGGLED, type SmugglingCase } from './case.ts'

const LAST = `0${CRLF}${CRLF}`
const HELLO = `5${CRLF}hello${CRLF}${LAST}`

/** Where does the body end? Content-Length, Transfer-Encoding and the two together. */
export const framingCases: readonly SmugglingCase[] = [
  ...refusals(
    'a Content-Length that is no number of bytes',
    [
      '+5',
      '-5',
      '0x5',
      '5,5',
      '5, 5',
      ' 5 5',
      '5 5',
      '5;',
      '5.0',
      '1e1',
      '',
      '"5"',
      'five',
      '\x0b5',
      '5\x0b',
      '5\0',
      '\xb2',
    ],
    (value) => post([`Content-Length: ${value}`], `hello${SMUGGLED}`),
  ),
  ...refusals(
    'a Content-Length of too many digits',
    ['9007199254740993', '9223372036854775808', '18446744073709551621', '99999999999999999999', `${'0'.repeat(20)}5`],
    (value) => post([`Content-Length: ${value}`], `hello${SMUGGLED}`),
  ),
  { name: 'two equal lengths', bytes: post(['Content-Length: 5', 'Content-Length: 5'], `hello${SMUGGLED}`) },
  { name: 'two lengths', bytes: post(['Content-Length: 0', 'Content-Length: 5'], `hello${SMUGGLED}`) },
  {
    name: 'two lengths, one without a body',
    bytes: post(['Content-Length: 5', 'content-length: 0'], `hello${SMUGGLED}`),
  },
  { name: 'a blank before the colon', bytes: post(['Content-Length : 5'], `hello${SMUGGLED}`) },
  { name: 'a tab before the colon', bytes: post(['Content-Length\t: 5'], `hello${SMUGGLED}`) },
  { name: 'a folded length', bytes: post(['Content-Length:', ' 5'], `hello${SMUGGLED}`) },
  { name: 'a length with a leading zero', bytes: post(['Content-Length: 05'], 'hello'), reads: ['POST / a hello'] },
  {
    name: 'a length between blanks',
    bytes: post(['cOnTeNt-LeNgTh: \t5 \t'], 'hello'),
    reads: ['POST / a hello'],
    mayRefuse: true,
  },
  { name: 'a length of 0', bytes: post(['Content-Length: 0'], ''), reads: ['POST / a'] },
  {
    name: 'a request behind a body of length 0',
    bytes: post(['Content-Length: 0'], SMUGGLED),
    reads: ['POST / a', 'GET /smuggled a'],
  },
  {
    name: 'a GET with a request as its body',
    bytes: `${get(`Content-Length: ${String(SMUGGLED.length)}`)}${SMUGGLED}`,
    reads: [`GET / a ${SMUGGLED}`],
  },
  { name: 'a length behind an underscore', bytes: post(['Content_Length: 5'], '(hello)'), reads: ['POST / a'] },
  { name: 'a body that does not end', bytes: post(['Content-Length: 500'], SMUGGLED), unfinished: true },

  {
    name: 'a length, then chunked',
    bytes: post(['Content-Length: 4', 'Transfer-Encoding: chunked'], `${HELLO}${SMUGGLED}`),
  },
  {
    name: 'chunked, then a length',
    bytes: post(['Transfer-Encoding: chunked', 'Content-Length: 4'], `${HELLO}${SMUGGLED}`),
  },
  {
    name: 'a length and a coding of blanks',
    bytes: post(['Content-Length: 5', 'Transfer-Encoding: '], `hello${SMUGGLED}`),
  },
  {
    name: 'a length and identity',
    bytes: post(['Content-Length: 5', 'Transfer-Encoding: identity'], `hello${SMUGGLED}`),
  },
  ...refusals(
    'a coding that is not chunked',
    [
      'xchunked',
      'chunkedx',
      'chunked;q=1',
      'chunked, chunked',
      'chunked,chunked',
      'gzip, chunked',
      'chunked, gzip',
      'gzip',
      'identity',
      'identity, chunked',
      'chunked, identity',
      ',chunked',
      'chunked,',
      '"chunked"',
      "'chunked'",
      'chunked\0',
      '\x0bchunked',
      'chunked\x0c',
      'chunk\xe9d',
      '',
    ],
    (value) => post([`Transfer-Encoding: ${value}`], `${HELLO}${SMUGGLED}`),
  ),
  ...refusals(
    'a name that is not quite Transfer-Encoding',
    [
      'Transfer-Encoding ',
      'Transfer-Encoding\t',
      'Transfer-Encoding\x0b',
      'Transfer\0-Encoding',
      'Transfer-Encoding\xa0',
    ],
    (name) => post(['Content-Length: 5', `${name}: chunked`], `${HELLO}${SMUGGLED}`),
  ),
  {
    name: 'two codings',
    bytes: post(['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], `${HELLO}${SMUGGLED}`),
  },
  {
    name: 'two codings, one unknown',
    bytes: post(['Transfer-Encoding: x', 'Transfer-Encoding: chunked'], `${HELLO}${SMUGGLED}`),
  },
  { name: 'a folded coding', bytes: post(['Transfer-Encoding:', ' chunked'], `${HELLO}${SMUGGLED}`) },
  {
    name: 'a coding in the fold of another field',
    bytes: post(['X: y', ' Transfer-Encoding: chunked'], `${HELLO}${SMUGGLED}`),
  },
  {
    name: 'a coding behind a bare LF',
    bytes: post(['Content-Length: 5', 'X: y\nTransfer-Encoding: chunked'], `hello${SMUGGLED}`),
  },
  {
    name: 'a coding behind a bare CR',
    bytes: post(['Content-Length: 5', 'X: y\rTransfer-Encoding: chunked'], `hello${SMUGGLED}`),
  },
  {
    name: 'a coding in HTTP/1.0',
    bytes: lines(['POST / HTTP/1.0', 'Transfer-Encoding: chunked'], `${HELLO}${SMUGGLED}`),
  },
  {
    name: 'a coding and a length in HTTP/1.0',
    bytes: lines(['POST / HTTP/1.0', 'Content-Length: 5', 'Transfer-Encoding: chunked'], `${HELLO}${SMUGGLED}`),
  },
  { name: 'a coding behind an underscore', bytes: post(['Transfer_Encoding: chunked'], HELLO), reads: ['POST / a'] },
  { name: 'a coding in other casing', bytes: post(['tRANSFER-eNCODING: cHUNKED'], HELLO), reads: ['POST / a hello'] },
  {
    name: 'TE is not Transfer-Encoding',
    bytes: post(['TE: chunked', 'Content-Length: 5'], 'hello'),
    reads: ['POST / a hello'],
  },
  {
    name: 'a request behind a chunked body',
    bytes: chunked(`${HELLO}${SMUGGLED}`),
    reads: ['POST / a hello', 'GET /smuggled a'],
  },
  { name: 'a chunked GET', bytes: get('Transfer-Encoding: chunked') + HELLO, reads: ['GET / a hello'] },
  {
    name: 'a chunked DELETE with a request as its body (CVE-2026-29057)',
    bytes: lines(
      ['DELETE / HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked'],
      `${SMUGGLED.length.toString(16)}${CRLF}${SMUGGLED}${CRLF}${LAST}`,
    ),
    reads: [`DELETE / a ${SMUGGLED}`],
  },
  {
    name: 'a chunked OPTIONS with a request as its body (CVE-2026-29057)',
    bytes: lines(
      ['OPTIONS / HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked'],
      `${SMUGGLED.length.toString(16)}${CRLF}${SMUGGLED}${CRLF}${LAST}`,
    ),
    reads: [`OPTIONS / a ${SMUGGLED}`],
  },
]
