// Before anything is measured: the peer answers as the app itself does, and does the same work.
import { gunzipSync } from 'node:zlib'
import { token, tokenFields } from './app.mjs'
import { ask, handshake } from './ask.mjs'
import { negotiated } from './certificate.mjs'

const gzipMagic = Buffer.from([0x1f, 0x8b])

const exchanges = [
  { path: '/plaintext' },
  { path: '/plaintext', method: 'HEAD' },
  { path: '/plaintext', headers: { Connection: 'close' } },
  { path: '/16k' },
  { path: '/page' },
  { path: '/1m' },
  { path: '/chunked' },
  { path: '/upload', method: 'POST', body: 'x'.repeat(1024) },
  { path: '/upload', method: 'POST', body: 'x'.repeat(65_536) },
  { path: '/upload', method: 'POST', body: 'x'.repeat(1024 * 1024) },
  { path: '/upload', method: 'POST', body: 'x'.repeat(100_000), headers: { 'Transfer-Encoding': 'chunked' } },
]

/**
 * Throws at the first difference; `app` is the port of an app that is asked directly. A peer with TLS is asked over TLS, and
 * in HTTP/2 too if it speaks that; {http2} says whether it does.
 */
export async function checkParity(peer, app) {
  const http2 = peer.tls !== undefined && (await checkHandshake(peer))
  await checkAnswers(peer, app, exchanges)
  await checkCompression(peer, app)
  if (http2) await checkAnswers({ ...peer, http2 }, app, exchanges.filter(isForHttp2))
  return { http2 }
}

/** HTTP/2 has no fields for the connection; a body without a length is sent by the exchange before. */
const isForHttp2 = ({ headers = {} }) => Object.keys(headers).length === 0

async function checkAnswers(peer, app, asked) {
  const secret = await checkAddedFields(peer)
  for (const exchange of asked) {
    const direct = { port: app, fields: tokenFields }
    const [given, wanted] = await Promise.all([ask(peer, exchange), ask(direct, exchange)])
    const what = `${exchange.method ?? 'GET'} ${exchange.path} ${JSON.stringify(exchange.headers ?? {})}`
    if (!given.body.equals(wanted.body) || given.line !== wanted.line) {
      throw new Error(
        `${peer.name}: ${what}${peer.http2 ? ' in HTTP/2' : ''} gives ${given.line}, ${given.body.length} bytes; the app gives ${wanted.line}, ${wanted.body.length} bytes`,
      )
    }
    if (given.raw.includes(secret)) throw new Error(`${peer.name}: the pairing token is in the answer to ${what}`)
  }
}

/** A peer whose name says that it compresses does, and no other; what comes out of it is the app's page. */
async function checkCompression(peer, app) {
  const accepting = { path: '/page', headers: { 'Accept-Encoding': 'gzip' } }
  const [given, wanted] = await Promise.all([ask(peer, accepting), ask({ port: app, fields: tokenFields }, accepting)])
  const isCompressed = given.body.subarray(0, 2).equals(gzipMagic)
  if (isCompressed !== peer.name.endsWith('-gzip'))
    throw new Error(`${peer.name}: the page comes ${isCompressed ? 'compressed' : 'as it is'}`)
  const page = isCompressed ? gunzipSync(given.body) : given.body
  if (!page.equals(wanted.body)) throw new Error(`${peer.name}: it changes the page`)
}

/** Whether the peer speaks HTTP/2. What it negotiates with the load must be what all negotiate. */
async function checkHandshake(peer) {
  const found = await handshake(peer)
  const wanted = `${negotiated.protocol} ${negotiated.cipher} ${negotiated.group}`
  if (found.parameters !== wanted)
    throw new Error(`${peer.name}: it negotiates ${found.parameters}; the others negotiate ${wanted}`)
  return found.application === 'h2'
}

/** What the app gets: the token, also where the client sent one, and whom it talks to; returns that token. */
async function checkAddedFields(peer) {
  const { name, tls } = peer
  const forged = { path: '/what-arrives', headers: { 'MS-ASPNETCORE-TOKEN': 'forged', ...peer.fields } }
  const { line, body } = await ask(peer, forged)
  if (!line.startsWith('200'))
    throw new Error(`${name}: the app answers a request through it with ${line}: is the token added?`)
  const { scheme, fields } = JSON.parse(body.toString('utf8'))
  const arrived = new Map(fields)
  // The app's middleware takes what it believes out of X-Forwarded-*, and leaves a note.
  for (const field of ['x-original-for', 'x-original-proto']) {
    if (!arrived.has(field))
      throw new Error(`${name}: the app was not told the client's ${field.slice('x-original-'.length)}`)
  }
  if (scheme !== (tls === undefined ? 'http' : 'https')) throw new Error(`${name}: the app was told ${scheme}`)
  return arrived.get('ms-aspnetcore-token') ?? token
}
