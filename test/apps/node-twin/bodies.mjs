// Endpoints that read request bodies in every way a handler may.
import { createHash } from 'node:crypto'
import { valuesOf } from './integration.mjs'
import { answerText, put, readAll } from './replies.mjs'

let countedRequests = 0

export const bodies = {
  EchoPostData: async ({ req, res }) => answerText(res, req.method === 'POST' ? await readAll(req) : 'NoAction'),
  ReadAndWriteEcho: echo(1),
  ReadAndWriteCopyToAsync: echo(1),
  ReadAndFlushEcho: echo(1),
  ReadAndWriteEchoTwice: echo(2),
  ReadAndWriteEchoLines: echoLines,
  ReadAndWriteEchoLinesNoBuffering: echoLines,
  ReadAndWriteSynchronously: readWhileWriting(10_000),
  ReadAndWriteSlowConnection: readWhileWriting(100),
  async ReadFullBody({ req, res }) {
    await readAll(req)
    answerText(res, 'Completed')
  },
  async ReadRequestBody({ req, res }) {
    await readAll(req)
    answerText(res, '')
  },
  async ReadRequestBodyLarger({ req, res }) {
    await readAll(req)
    answerText(res, '')
  },
  /** Bytes and SHA-256 of the body, without keeping it. */
  async BodyHash({ req, res }) {
    const hash = createHash('sha256')
    let length = 0
    for await (const chunk of req) {
      hash.update(chunk)
      length += chunk.length
    }
    answerText(res, `${length} ${hash.digest('hex')}`)
  },
  /** Answers after five bytes and leaves the rest unread. */
  async ReadPartialBody({ req, res }) {
    const read = await readSome(req, 5)
    res.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': read.length, Connection: 'close' })
    res.end(read)
  },
  async ReadAndCountRequestBody({ req, res }) {
    countedRequests += 1
    try {
      await put(res, String(countedRequests))
      await readSome(req, 1)
      res.end('done')
    } finally {
      countedRequests -= 1
    }
  },
  async SetHeaderFromBody({ req, res }) {
    const text = (await readAll(req)).toString()
    answerText(res, text, { headers: { BodyAsString: text } })
  },
  TransferEncodingHeadersWithMultipleValues: ({ res, headers }) => {
    const got = valuesOf(headers, 'transfer-encoding').join(', ')
    answerText(res, got, { status: got === 'gzip, chunked' ? 200 : 500 })
  },
  TransferEncodingAndContentLengthShouldBeRemove: ({ res, headers }) => {
    const both = valuesOf(headers, 'transfer-encoding').length > 0 && valuesOf(headers, 'content-length').length > 0
    answerText(res, both ? 'both framings came' : '', { status: both ? 500 : 200 })
  },
}

function echo(times) {
  return async ({ req, res }) => {
    res.flushHeaders()
    for await (const chunk of req) {
      for (let i = 0; i < times; i += 1) if (!(await put(res, chunk))) return
    }
    res.end()
  }
}

async function echoLines({ req, res, headers }) {
  const type = valuesOf(headers, 'response-content-type')[0]
  if (type !== undefined) res.setHeader('Content-Type', type)
  res.flushHeaders()
  let pending = ''
  for await (const chunk of req) {
    const lines = (pending + chunk.toString()).split('\n')
    pending = lines.pop()
    for (const line of lines) if (!(await put(res, `${line}\n`))) return
  }
  res.end(pending)
}

/** Reads one byte for each `hello world` written, and the rest at the end. */
function readWhileWriting(times) {
  return async ({ req, res }) => {
    const reader = readAll(req)
    for (let i = 0; i < times; i += 1) if (!(await put(res, 'hello world'))) return
    await reader
    res.end()
  }
}

async function readSome(req, count) {
  for await (const chunk of iterate(req, count)) return chunk
  return Buffer.alloc(0)
}

/** Leaves the stream open: a plain `for await` would destroy the request, and with it the response. */
async function* iterate(req, count) {
  while (!req.readableEnded) {
    const chunk = req.read(count) ?? (req.readableLength > 0 && req.complete ? req.read() : null)
    if (chunk !== null) return yield chunk
    await new Promise((resolve) => req.once('readable', resolve).once('end', resolve).once('close', resolve))
    if (req.destroyed && req.readableLength === 0) return
  }
}
