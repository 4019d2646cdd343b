import type { Random } from './random.ts'

const methods = ['GET', 'POST', 'HEAD', 'PUT', 'OPTIONS', 'DELETE', 'PATCH', 'M-SEARCH', 'get']
const targets = [
  '/',
  '/a/b?c=d',
  '/%2e%2e/x',
  '/./a',
  '*',
  'http://a/b',
  '/a//b',
  '/a;b=c',
  '/x?a=b?c',
  '//a',
  '/a\\b',
  '/%00',
]
const names = [
  'Host',
  'host',
  'Content-Length',
  'content-length',
  'Transfer-Encoding',
  'transfer-encoding',
  'Connection',
  'Expect',
  'TE',
  'Upgrade',
  'Trailer',
  'Keep-Alive',
  'X-Forwarded-For',
  'X_Forwarded_For',
  'MS-ASPNETCORE-TOKEN',
  'ms_aspnetcore_x',
  'Accept',
  'Cookie',
  'X',
  'Proxy-Connection',
  'Content_Length',
  'Transfer_Encoding',
  'Content-Length-X',
]
const values = [
  'a',
  '',
  '0',
  '1',
  '5',
  '10',
  '05',
  '+1',
  '0x5',
  '1, 1',
  'chunked',
  'Chunked',
  'chunked, chunked',
  'gzip, chunked',
  'identity',
  'close',
  'keep-alive',
  'close, X',
  'Upgrade',
  'websocket',
  '100-continue',
  'trailers',
  'a, b',
  '"quoted"',
  '\xe9',
  'a\tb',
  ' ',
]
const shards = [
  '\r', '\n', '\r\n', '\r\n\r\n', ' ', '\t', '\0', ':', ',', ';', '"', '\x0b', '\x7f', '\x80', '\xff', '0', '5', 'a', '0\r\n\r\n',
  'Transfer-Encoding: chunked\r\n', 'Content-Length: 5\r\n', 'Host: b\r\n', '\r\n X', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', 'HTTP/1.1',
  '5\r\nhello\r\n', ';a=b', ';a="b"', 'Connection: close\r\n', 'chunked', '\r\r\n', '\n\r\n', ';\n', ';a\n', '="', '\\"', '0\r\n',
  'Expect: 100-continue\r\n', 'Connection: keep-alive\r\n', 'Proxy-Connection: close\r\n', 'Content_Length: 5\r\n', ' HTTP/1.0',
  'Upgrade: websocket\r\nConnection: Upgrade\r\n', 'ffffffff', '+', '-', '0x', '%', '..', '/', '\\',
] // biome-ignore format: tables

/** A request of which most parts are honest, so that both the accepting and the refusing paths are walked. */
export function request(random: Random): string {
  const lines = [`${random.pick(methods)} ${random.pick(targets)} HTTP/1.${random.chance(0.9) ? '1' : '0'}\r\n`]
  if (random.chance(0.95)) lines.push('Host: a\r\n')
  for (let i = random.below(5); i > 0; i--) lines.push(field(random))
  const kind = random.below(3)
  let body = ''
  if (kind === 1) {
    body = 'x'.repeat(random.below(20))
    lines.push(`Content-Length: ${String(body.length)}\r\n`)
  } else if (kind === 2) {
    body = chunks(random)
    lines.push('Transfer-Encoding: chunked\r\n')
  }
  return `${lines.join('')}\r\n${body}`
}

function field(random: Random): string {
  const name = random.chance(0.4) ? random.pick(names) : 'X-Any'
  // Framing fields are mostly left to request(): at random they would nearly always be refused.
  const value = random.pick(values)
  return `${name}:${random.pick([' ', '', '  ', '\t'])}${value}\r\n`
}

function chunks(random: Random): string {
  let text = ''
  for (let i = random.below(4); i > 0; i--) {
    const data = 'y'.repeat(1 + random.below(30))
    const size = random.chance(0.8) ? data.length.toString(16) : `0${data.length.toString(16).toUpperCase()}`
    text += `${size}${random.chance(0.2) ? random.pick([';a', ';a=b', ';a="b;c"', ' ', '\t ; a = b ']) : ''}\r\n${data}\r\n`
  }
  return `${text}0\r\n${random.chance(0.2) ? field(random) : ''}\r\n`
}

const statuses = [
  '200 OK',
  '404 Not Found',
  '204 No Content',
  '304 Not Modified',
  '500 Odd',
  '299 ',
  '418',
  '200 \xe9',
  '600 Large',
]

/** A response as an app may send it; honest in most parts. */
export function response(random: Random): string {
  let text = random.chance(0.2) ? 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(1 + random.below(2)) : ''
  text += `HTTP/1.${random.chance(0.9) ? '1' : '0'} ${random.pick(statuses)}\r\n`
  if (random.chance(0.7)) text += 'Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n'
  for (let i = random.below(5); i > 0; i--) text += field(random)
  const kind = random.below(4)
  if (kind === 0) return `${text}\r\n`
  if (kind === 1) return `${text}Transfer-Encoding: chunked\r\n\r\n${chunks(random)}`
  const body = 'z'.repeat(random.chance(0.1) ? random.below(100_000) : random.below(50))
  const length = `Content-Length: ${String(body.length)}\r\n`
  return `${text}${length}${random.chance(0.05) ? length : ''}\r\n${body}`
}

/** Breaks a text in up to four places: what is inserted, removed or doubled are the bytes that parsers differ on. */
export function mutate(random: Random, text: string): string {
  let result = text
  for (let i = random.below(5); i > 0; i--) {
    const at = random.below(result.length + 1)
    const to = Math.min(result.length, at + 1 + random.below(4))
    switch (random.below(5)) {
      case 0:
        result = result.slice(0, at) + random.pick(shards) + result.slice(at)
        break
      case 1:
        result = result.slice(0, at) + result.slice(to)
        break
      case 2:
        result = result.slice(0, at) + random.pick(shards) + result.slice(to)
        break
      case 3:
        result = result.slice(0, to) + result.slice(at)
        break
      case 4:
        result = result.slice(0, at) + String.fromCharCode(random.below(256)) + result.slice(at + 1)
        break
    }
  }
  return result
}

/** Cuts bytes into pieces at random. */
export function split(random: Random, bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = []
  let at = 0
  while (at < bytes.length) {
    const to = Math.min(bytes.length, at + 1 + random.below(random.chance(0.5) ? 4 : 60))
    pieces.push(bytes.subarray(at, to))
    at = to
  }
  return pieces
}
