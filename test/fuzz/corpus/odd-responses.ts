/** What an app may send in answer to `GET /odd`, and what becomes of it. Latin-1; more than one piece when it comes in turns. */
export interface OddSample {
  readonly name: string
  readonly pieces: readonly string[]
  /** Said when the client has its answer. */
  readonly late: string
  readonly then: 'stays' | 'ends' | 'resets'
  /** Only a time limit ends it. */
  readonly hangs: boolean
  readonly method: 'GET' | 'HEAD'
  /** The body that the client gets with status 200, 204 or 304; undefined: it learns that there is no whole response. */
  readonly body: string | undefined
  /** The connection may carry the next request. */
  readonly keeps: boolean
}

type More = Partial<Omit<OddSample, 'name' | 'pieces' | 'body'>>

const ok = 'HTTP/1.1 200 OK\r\n'
const last = '0\r\n\r\n'
const hello = `${ok}Content-Length: 5\r\n\r\nhello`
const second = `${ok}Content-Length: 8\r\n\r\nsmuggled`
const inChunks = (bytes: string): string => `${ok}Transfer-Encoding: chunked\r\n\r\n${bytes}`
const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'

function sample(name: string, pieces: string | readonly string[], body: string | undefined, more: More): OddSample {
  const all = typeof pieces === 'string' ? [pieces] : pieces
  return { name, pieces: all, late: '', then: 'stays', hangs: false, method: 'GET', body, keeps: true, ...more }
}
const kept = (name: string, pieces: string | readonly string[], body = 'hello', more: More = {}): OddSample =>
  sample(name, pieces, body, more)
const whole = (name: string, pieces: string | readonly string[], body = 'hello', more: More = {}): OddSample =>
  sample(name, pieces, body, { keeps: false, ...more })
const broken = (name: string, pieces: string | readonly string[], more: More = {}): OddSample =>
  sample(name, pieces, undefined, { keeps: false, ...more })

export const oddResponses: readonly OddSample[] = [
  kept('a length', hello),
  kept('chunks', inChunks(`5\r\nhello\r\n${last}`)),
  kept('a byte at a time', [...hello]),
  kept('chunks a byte at a time', [...inChunks(`2;a="b;c"\r\nhe\r\n3\r\nllo\r\n0\r\nX-Sum: 1\r\n\r\n`)]),
  kept('a 204', 'HTTP/1.1 204 No Content\r\n\r\n', ''),
  kept('a 304 with the length of what is not sent', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', ''),
  kept('a HEAD with the length of what is not sent', `${ok}Content-Length: 5\r\n\r\n`, '', { method: 'HEAD' }),
  kept('a HEAD with chunks that are not sent', `${ok}Transfer-Encoding: chunked\r\n\r\n`, '', { method: 'HEAD' }),
  kept('two equal lengths', `${ok}Content-Length: 5\r\nX: a\r\ncontent-length: 5\r\n\r\nhello`),
  kept('a length with a zero before it, and without', `${ok}Content-Length: 05\r\nContent-Length: 5\r\n\r\nhello`),
  kept('blanks behind a chunk size', inChunks(`5 \r\nhello\r\n0\t\r\n\r\n`)),
  kept('blanks in a chunk extension', inChunks(`5 ; a = b\r\nhello\r\n${last}`)),
  kept('early hints', hints + hello),
  kept('as many early hints as may be', hints.repeat(32) + hello),
  kept('a 100 that nobody waited for', `HTTP/1.1 100 Continue\r\n\r\n${hello}`),

  whole('the last one on its connection', `${ok}Connection: close\r\nContent-Length: 5\r\n\r\nhello`),
  whole('HTTP/1.0', `HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello`),
  whole('HTTP/1.0 that would stay', `HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello`),
  whole('HTTP/1.0 up to its end', 'HTTP/1.0 200 OK\r\n\r\nhello', 'hello', { then: 'ends' }),
  whole('HTTP/1.1 up to its end', `${ok}\r\nhello`, 'hello', { then: 'ends' }),
  whole('HTTP/1.1 up to its end, with a response in it', `${ok}\r\n${second}`, second, { then: 'ends' }),

  // Bytes that belong to nothing.
  whole('a byte behind a length', `${hello}X`),
  whole('a line end behind a length', `${hello}\r\n`),
  whole('a line end behind chunks', `${inChunks(`5\r\nhello\r\n${last}`)}\r\n`),
  whole('a second response', hello + second),
  whole('a second response in a turn of its own', [hello, second]),
  ...[second, hints, 'HTTP/1.1 2', '\r\n', '\0'].map((late) =>
    whole(`${JSON.stringify(late)} on a connection that rests`, hello, 'hello', { late }),
  ),
  whole('a second response behind chunks', inChunks(`5\r\nhello\r\n${last}`) + second),
  whole('a second response behind a 204', `HTTP/1.1 204 No Content\r\n\r\n${second}`, ''),
  whole('a 204 with a body', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello', ''),
  whole('a 204 with chunks', `HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n${last}`, ''),
  whole('a 304 with a body', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello', ''),
  whole('a HEAD with a body', hello, '', { method: 'HEAD' }),
  whole('a HEAD with chunks', inChunks(`5\r\nhello\r\n${last}`), '', { method: 'HEAD' }),
  whole('early hints behind the response', hello + hints),

  // Two ways to find the end of the body.
  ...[
    'Content-Length: 5\r\nContent-Length: 6', 'Content-Length: 5\r\nContent-Length: x', 'Content-Length: 5\r\nContent-Length: 5, 5',
    'Content-Length: 5\r\nContent-Length: 5\r\nContent-Length: 6', 'Content-Length: 5, 5', 'Content-Length: -5',
    'Content-Length: +5', 'Content-Length: 0x5', 'Content-Length: 5 5', 'Content-Length: ', 'Content-Length: 99999999999999999',
    'Content-Length: 5\0', 'Content-Length : 5', 'Content-Length:\r\n 5', 'Content-Length: 5\t', 'Content-Length: 5.0',
  ].map((fields) => broken(JSON.stringify(fields), `${ok}${fields}\r\n\r\nhello`)),
  ...[
    'Content-Length: 5\r\nTransfer-Encoding: chunked', 'Transfer-Encoding: chunked\r\nContent-Length: 5', 'Transfer-Encoding: gzip',
    'Transfer-Encoding: gzip, chunked', 'Transfer-Encoding: chunked, gzip', 'Transfer-Encoding: identity', 'Transfer-Encoding: xchunked',
    'Transfer-Encoding: chunked, chunked', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', 'Transfer-Encoding:',
    'Transfer-Encoding: \x0bchunked', 'Transfer-Encoding : chunked', 'Transfer-Encoding:\r\n chunked', 'Transfer-Encoding: chunked\t',
  ].map((fields) => broken(JSON.stringify(fields), `${ok}${fields}\r\n\r\n5\r\nhello\r\n${last}`)),
  broken('chunks in HTTP/1.0', `HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n${last}`),

  // Heads that are none.
  ...[
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n', 'HTTP/1.1 101\r\n\r\n', `\r\n${hello}`,
    `X${hello}`, 'HTTP/2.0 200 OK\r\n\r\n', 'HTTP/1.2 200 OK\r\n\r\n', 'http/1.1 200 OK\r\n\r\n', 'HTTP/1.1 099 X\r\n\r\n', 'HTTP/1.1 20 X\r\n\r\n',
    'HTTP/1.1 2000 X\r\n\r\n', 'HTTP/1.1  200 OK\r\n\r\n', 'HTTP/1.1 abc OK\r\n\r\n', 'HTTP/1.1 200 O\0K\r\n\r\n', 'HTTP/1.1 200 OK\n\r\n',
    'HTTP/1.1 200 OK\r\r\n\r\n', `${ok}X: a\nContent-Length: 0\r\n\r\n`, `${ok}X: a\r\n\n`, `${ok}X: a\rb\r\n\r\n`, `${ok}X: a\0\r\n\r\n`,
    `${ok}X\0: a\r\n\r\n`, `${ok}X : a\r\n\r\n`, `${ok}X: a\r\n b\r\n\r\n`, `${ok}X\r\n\r\n`, `${ok}: a\r\n\r\n`, `${ok} X: a\r\n\r\n`, `${ok}X: a\r\n\rX`,
    'GET / HTTP/1.1\r\nHost: a\r\n\r\n', '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03', 'hello', '\0',
  ].map((bytes) => broken(JSON.stringify(bytes), [bytes, '\n'])),

  // Too much of something.
  broken('one early hint too many', hints.repeat(33) + hello),
  broken('early hints that end the connection', `HTTP/1.1 103 Early Hints\r\nConnection: close\r\n\r\n${hello}`),
  broken('early hints in HTTP/1.0', `HTTP/1.0 103 Early Hints\r\n\r\n${hello}`),
  broken('early hints without end', hints.repeat(5_000)),
  broken('a head of 1,001 lines', `${ok}${'X: a\r\n'.repeat(1_001)}\r\n`),
  broken('a head above 64 KiB', `${ok}X: ${'a'.repeat(70_000)}\r\n\r\n`),
  broken('a name that does not end', `${ok}${'X'.repeat(200_000)}`),
  broken('a status line that does not end', `HTTP/1.1 200 ${'O'.repeat(200_000)}`),
  broken('a chunk extension that does not end', inChunks(`5;${'a'.repeat(200_000)}`)),
  broken('a flood of chunk extensions', inChunks(`1;${'a'.repeat(200)}\r\nx\r\n`.repeat(200))),
  broken('trailers that do not end', inChunks(`0\r\n${'X: a\r\n'.repeat(10_000)}`)),

  // Chunks that are none.
  ...['5\nhello\r\n', '5;\nhello\r\n', '5;a\nhello\r\n', '5;a=b\rhello\r\n', '5\rhello\r\n', '5\r\r\nhello\r\n', '5 5\r\nhello\r\n', '5 \nhello\r\n', ' 5\r\nhello\r\n', '+5\r\nhello\r\n',
    '0x5\r\nhello\r\n', 'g\r\nhello\r\n', '\r\nhello\r\n', '123456789\r\nhello\r\n', 'ffffffffffffffff\r\nhello\r\n', '5\r\nhello\n', '5\r\nhello', '5\r\nhelloXX',
    '4\r\nhello\r\n', '6\r\nhello\r\n', '5\r\nhello\r\n0\n\r\n', '5\r\nhello\r\n0\r\n\n', '5\r\nhello\r\n0\r\nX\r\n\r\n',
    '5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n', '5\r\nhello\r\n0\r\nConnection: close\r\n\r\n',
  ].map((bytes) => broken(JSON.stringify(bytes), inChunks(`${bytes}${last}`))),

  // Ends before the end.
  ...(['ends', 'resets', 'stays'] as const).flatMap((then) => [
    broken(`nothing, and it ${then}`, [], { then, hangs: then === 'stays' }),
    broken(`half a status line, and it ${then}`, 'HTTP/1.1 2', { then, hangs: then === 'stays' }),
    broken(`half a head, and it ${then}`, `${ok}Content-Len`, { then, hangs: then === 'stays' }),
    broken(`a head without its last byte, and it ${then}`, hello.slice(0, -6), { then, hangs: then === 'stays' }),
    broken(`early hints, and it ${then}`, hints, { then, hangs: then === 'stays' }),
    broken(`half a body, and it ${then}`, hello.slice(0, -2), { then, hangs: then === 'stays' }),
    broken(`half a chunk, and it ${then}`, inChunks('5\r\nhel'), { then, hangs: then === 'stays' }),
    broken(`no last chunk, and it ${then}`, inChunks('5\r\nhello\r\n'), { then, hangs: then === 'stays' }),
    broken(`no last line end, and it ${then}`, inChunks('5\r\nhello\r\n0\r\n'), { then, hangs: then === 'stays' }),
    broken(`half a trailer, and it ${then}`, inChunks('5\r\nhello\r\n0\r\nX: '), { then, hangs: then === 'stays' }),
  ]),
] // biome-ignore format: tables
