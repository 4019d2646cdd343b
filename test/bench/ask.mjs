// One request in the protocol of the peer: HTTP/1.1 with or without TLS, or HTTP/2.
import { request } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { request as requestSecurely } from 'node:https'
import { connect } from 'node:tls'
import { negotiated } from './certificate.mjs'

/**
 * The answer of the peer {port, fields, tls, http2} to an exchange {path, method, headers, body}: {line, body, raw}, where
 * `line` has the status and the length that was given, and `raw` all that arrived.
 */
export async function ask(peer, { path, method = 'GET', headers = {}, body }) {
  const fields = { ...peer.fields, ...headers }
  if (body !== undefined && headers['Transfer-Encoding'] === undefined) fields['Content-Length'] = body.length
  try {
    return await (peer.http2 ? askHttp2 : askHttp1)(peer, { path, method, fields, body })
  } catch (error) {
    throw new Error(`no answer from ${peer.port}: ${error.message}`)
  }
}

function askHttp1({ port, tls }, { path, method, fields, body }) {
  const place = { host: '127.0.0.1', port, path, method, headers: fields, agent: false }
  return new Promise((resolve, reject) => {
    const asked =
      tls === undefined
        ? request(place)
        : requestSecurely({ ...place, headers: { Host: `localhost:${port}`, ...fields }, ...trusting(tls) })
    asked.once('response', (answer) => {
      const status = answer.statusCode
      wholeOf(answer).then(
        (whole) => resolve(described(status, answer.headers, answer.rawHeaders.join('\n'), whole)),
        reject,
      )
    })
    asked.once('error', reject)
    asked.end(body)
  })
}

function askHttp2({ port, tls }, { path, method, fields, body }) {
  const session = connectHttp2(`https://localhost:${port}`, { ...trusting(tls), lookup: toLoopback })
  const answered = new Promise((resolve, reject) => {
    session.once('error', reject)
    const stream = session.request({ ...fields, ':path': path, ':method': method }, { endStream: body === undefined })
    stream.once('response', (headers) => {
      wholeOf(stream).then(
        (whole) => resolve(described(headers[':status'], headers, JSON.stringify(headers), whole)),
        reject,
      )
    })
    stream.once('error', reject)
    if (body !== undefined) stream.end(body)
  })
  return answered.finally(() => session.close())
}

async function wholeOf(stream) {
  const pieces = []
  for await (const piece of stream) pieces.push(piece)
  return Buffer.concat(pieces)
}

function described(status, headers, head, body) {
  return {
    line: `${status} (length ${headers['content-length'] ?? 'not given'})`,
    body,
    raw: `${head}\n${body.toString('latin1')}`,
  }
}

/** What the peer negotiates with a client that offers what the load offers: {parameters, application}. */
export function handshake({ port, tls }) {
  const offer = { ...trusting(tls), ALPNProtocols: ['h2', 'http/1.1'] }
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ...offer }, () => {
      const { protocol, cipher } = { protocol: socket.getProtocol(), cipher: socket.getCipher().standardName }
      const parameters = `${protocol} ${cipher} ${socket.getEphemeralKeyInfo().name}`
      resolve({ parameters, application: socket.alpnProtocol })
      socket.destroy()
    })
    socket.once('error', reject)
  })
}

/** Only the certificate of the run is accepted. */
const trusting = ({ pem }) => ({
  ca: pem,
  servername: 'localhost',
  minVersion: negotiated.protocol,
  ciphers: negotiated.cipher,
  ecdhCurve: negotiated.group,
})

const toLoopback = (_name, _options, found) => found(null, [{ address: '127.0.0.1', family: 4 }])
