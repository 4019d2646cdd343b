// Endpoints that answer in every shape: status lines, repeated fields, framings, sizes, endings.
import { gzipSync } from 'node:zlib'
import { answerText, put } from './replies.mjs'

const query = (cx, name, fallback) => new URLSearchParams(cx.query).get(name) ?? fallback
let largest = { socket: undefined, begin: 0 }

export const responses = {
  SetCustomErorCode(cx) {
    const body = query(cx, 'writeBody', 'False') === 'True' ? query(cx, 'body', '') : ''
    const reason = query(cx, 'reason', '')
    cx.res.statusCode = Number(query(cx, 'code', '200'))
    if (reason !== '') cx.res.statusMessage = reason
    cx.res.end(body)
  },
  ResponseHeaders({ res }) {
    res.setHeader('UnknownHeader', 'test123=foo')
    res.setHeader('Content-Type', 'text/plain')
    res.setHeader('MultiHeader', ['1', '2'])
    res.end('Request Complete')
  },
  ResponseEmptyHeaders: ({ res }) => answerText(res, 'EmptyHeaderShouldBeSkipped', { headers: { EmptyHeader: '' } }),
  OverrideServer: ({ res }) => answerText(res, '', { headers: { Server: 'MyServer/7.8' } }),
  ConnectionClose: ({ res }) => answerText(res, 'Connnection Close', { headers: { Connection: 'close' } }),
  contentlength: ({ res }) => answerText(res, 'Content Length'),
  async chunked({ res }) {
    await put(res, 'Chunked')
    res.end()
  },
  async notchunked({ res }) {
    res.setHeader('Content-Type', 'text/html;charset=UTF-8')
    await put(res, 'NotChunked')
    res.end()
  },
  manuallychunked: raw('Transfer-Encoding: chunked\r\n', '10\r\nManually Chunked\r\n0\r\n\r\n'),
  manuallychunkedandclose: raw('Transfer-Encoding: chunked\r\n', '1A\r\nManually Chunked and Close\r\n0\r\n\r\n'),
  SetTransferEncoding(cx) {
    const [encoding, body = '10\r\nManually Chunked\r\n0\r\n\r\n'] = cx.rest.split('_')
    return raw(`Transfer-Encoding: ${encoding}\r\n`, body)(cx)
  },
  /** Content-Length says more than is sent. */
  TruncatedBody: raw('Content-Length: 100\r\n', 'only this'),
  /** The last chunk never comes. */
  TruncatedChunks: raw('Transfer-Encoding: chunked\r\n', '9\r\nonly this\r\n'),
  Trailer({ res }) {
    res.writeHead(200, { 'Content-Type': 'text/plain', Trailer: 'X-Checksum' })
    res.write('with a trailer')
    res.addTrailers({ 'X-Checksum': '42' })
    res.end()
  },
  EarlyHints({ res }) {
    res.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' })
    answerText(res, 'Hinted')
  },
  /** Server-sent events: ?count= of them, one each ?interval= milliseconds. */
  async SlowDrip(cx) {
    const interval = Number(query(cx, 'interval', '100'))
    cx.res.setHeader('Content-Type', 'text/event-stream')
    cx.res.flushHeaders()
    for (let i = 0; i < Number(query(cx, 'count', '10')); i += 1) {
      if (!(await put(cx.res, `data: ${i}\n\n`))) return
      await new Promise((resolve) => setTimeout(resolve, interval))
    }
    cx.res.end()
  },
  async LargeResponseBody(cx) {
    const length = Number(query(cx, 'length', '1000000'))
    const block = Buffer.alloc(65_536, 'a')
    largest = { socket: cx.res.socket, begin: cx.res.socket.bytesWritten }
    cx.res.writeHead(200, { 'Content-Length': length })
    for (let left = length; left > 0; left -= block.length) {
      if (!(await put(cx.res, left < block.length ? block.subarray(0, left) : block))) return
    }
    cx.res.end()
  },
  /** Bytes of the latest LargeResponseBody that have left this process. */
  LargeResponseProgress: ({ res }) =>
    answerText(
      res,
      String((largest.socket?.bytesWritten ?? 0) - (largest.socket?.writableLength ?? 0) - largest.begin),
    ),
  LargeResponseFile: (cx) => responses.LargeResponseBody({ ...cx, query: '?length=200000000' }),
  CompressedData({ res, req }) {
    const body = Buffer.alloc(100)
    const gzip = /\bgzip\b/.test(req.headers['accept-encoding'] ?? '')
    res.writeHead(200, { 'Content-Type': 'text/html', ...(gzip && { 'Content-Encoding': 'gzip' }) })
    res.end(gzip ? gzipSync(body) : body)
  },
  NoAppCompression: ({ res }) => answerText(res, `Hello World;${'a'.repeat(20)}`),
  AppCompression({ res, req }) {
    const gzip = /\bgzip\b/.test(req.headers['accept-encoding'] ?? '')
    const text = `Hello World;${'a'.repeat(20)}`
    res.writeHead(200, { 'Content-Type': 'text/plain', ...(gzip && { 'Content-Encoding': 'gzip' }) })
    res.end(gzip ? gzipSync(text) : text)
  },
  Restricted: challenge,
  RestrictedNTLM: challenge,
  RestrictedNegotiate: challenge,
  Forbidden: ({ res }) => answerText(res, '', { status: 403 }),
  AutoForbid: ({ res }) => answerText(res, '', { status: 403 }),
}

function challenge({ res }) {
  answerText(res, '', { status: 401, headers: { 'WWW-Authenticate': ['Negotiate', 'NTLM'] } })
}

/** Bytes past Node's own framing: the socket ends after them, because its parser does not know of this answer. */
function raw(fields, body) {
  return ({ res }) => {
    res.socket.end(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n${fields}Connection: close\r\n\r\n${body}`)
  }
}
