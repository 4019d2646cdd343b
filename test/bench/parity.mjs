// Before anything is measured: the peer answers as the app itself does, and does the same work.
import { request } from 'node:http'
import { token, tokenFields } from './app.mjs'

const exchanges = [
  { path: '/plaintext' },
  { path: '/plaintext', method: 'HEAD' },
  { path: '/plaintext', headers: { Connection: 'close' } },
  { path: '/16k' },
  { path: '/1m' },
  { path: '/chunked' },
  { path: '/upload', method: 'POST', body: 'x'.repeat(1024) },
  { path: '/upload', method: 'POST', body: 'x'.repeat(65_536) },
  { path: '/upload', method: 'POST', body: 'x'.repeat(1024 * 1024) },
  { path: '/upload', method: 'POST', body: 'x'.repeat(100_000), headers: { 'Transfer-Encoding': 'chunked' } },
]

/** Throws at the first difference; `app` is the port of an app that is asked directly. */
export async function checkParity({ name, port, fields }, app) {
  const secret = await checkAddedFields({ name, port, fields })
  for (const exchange of exchanges) {
    const [given, wanted] = await Promise.all([ask(port, exchange, fields), ask(app, exchange, tokenFields)])
    const asked = `${exchange.method ?? 'GET'} ${exchange.path} ${JSON.stringify(exchange.headers ?? {})}`
    if (!given.body.equals(wanted.body) || given.line !== wanted.line) {
      throw new Error(
        `${name}: ${asked} gives ${given.line}, ${given.body.length} bytes; the app gives ${wanted.line}, ${wanted.body.length} bytes`,
      )
    }
    if (given.raw.includes(secret)) throw new Error(`${name}: the pairing token is in the answer to ${asked}`)
  }
}

/** What the app gets: the token, also where the client sent one, and whom it talks to; returns that token. */
async function checkAddedFields({ name, port, fields }) {
  const forged = { 'MS-ASPNETCORE-TOKEN': 'forged', ...fields }
  const { line, body } = await ask(port, { path: '/what-arrives' }, forged)
  if (!line.startsWith('200'))
    throw new Error(`${name}: the app answers a request through it with ${line}: is the token added?`)
  const arrived = new Map(JSON.parse(body.toString('utf8')).fields)
  // The app's middleware takes what it believes out of X-Forwarded-*, and leaves a note.
  for (const field of ['x-original-for', 'x-original-proto']) {
    if (!arrived.has(field))
      throw new Error(`${name}: the app was not told the client's ${field.slice('x-original-'.length)}`)
  }
  return arrived.get('ms-aspnetcore-token') ?? token
}

function ask(port, { path, method = 'GET', headers = {}, body }, fields) {
  const framed = { ...fields, ...headers }
  if (body !== undefined && headers['Transfer-Encoding'] === undefined) framed['Content-Length'] = body.length
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers: framed, agent: false }, (answer) => {
      const pieces = []
      answer.on('data', (piece) => pieces.push(piece))
      answer.once('error', reject)
      answer.once('end', () => {
        const whole = Buffer.concat(pieces)
        resolve({
          line: `${answer.statusCode} (length ${answer.headers['content-length'] ?? 'not given'})`,
          body: whole,
          raw: `${answer.rawHeaders.join('\n')}\n${whole.toString('latin1')}`,
        })
      })
    })
    asked.once('error', (error) => reject(new Error(`no answer from ${port}: ${error.message}`)))
    asked.end(body)
  })
}
