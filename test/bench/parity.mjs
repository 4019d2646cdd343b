// Before anything is measured: the peer answers as the app itself does, byte for byte in the body.
import { request } from 'node:http'

const targets = [
  { path: '/plaintext' },
  { path: '/plaintext', method: 'HEAD' },
  { path: '/plaintext', headers: { Connection: 'close' } },
  { path: '/16k' },
  { path: '/1m' },
  { path: '/chunked' },
  { path: '/upload', method: 'POST', body: 'x'.repeat(1024) },
  { path: '/upload', method: 'POST', body: 'x'.repeat(1024 * 1024) },
  { path: '/upload', method: 'POST', body: 'x'.repeat(100_000), headers: { 'Transfer-Encoding': 'chunked' } },
]

function ask(port, { path, method = 'GET', headers = {}, body }) {
  return new Promise((resolve, reject) => {
    const framed =
      body === undefined || headers['Transfer-Encoding'] !== undefined
        ? headers
        : { ...headers, 'Content-Length': body.length }
    const asked = request({ host: '127.0.0.1', port, path, method, headers: framed, agent: false }, (answer) => {
      const pieces = []
      answer.on('data', (piece) => pieces.push(piece))
      answer.once('error', reject)
      answer.once('end', () =>
        resolve(`${answer.statusCode} ${answer.headers['content-length']} ${Buffer.concat(pieces).toString('latin1')}`),
      )
    })
    asked.once('error', reject)
    asked.end(body)
  })
}

export async function checkParity(port, direct, name) {
  for (const target of targets) {
    const [given, wanted] = await Promise.all([ask(port, target), ask(direct, target)])
    if (given !== wanted)
      throw new Error(
        `${name}: ${target.method ?? 'GET'} ${target.path} differs from the app's own answer: ${given.slice(0, 80)}`,
      )
  }
}
