import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { connect, createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openHttp1Upstream } from '../../../src/forward/http1/forwarder.ts'
import type { Exchange } from '../../../src/http/exchange.ts'
import { ConnectionFacts } from '../../../src/listen/connection-facts.ts'
import { openHttp1Protocol } from '../../../src/listen/http1/protocol.ts'
import { frontLimits } from '../../../src/listen/limits.ts'
import { openNodeProtocol } from '../../../src/listen/node/protocol.ts'
import type { OpenProtocol, Protocol } from '../../../src/listen/protocol.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { testCertificate } from '../../support/certificate.ts'

const options = { requestTimeout: 30_000, forwardResponseConnectionHeader: false }

/** An app that sends back what it got, and who it believes the client to be. */
async function openEcho(): Promise<number> {
  const app = createServer((req, res) => {
    res.setHeader('X-Was', String(req.headers['x-forwarded-proto']))
    if (req.headers['content-length'] !== undefined) res.setHeader('Content-Length', req.headers['content-length'])
    req.pipe(res)
  })
  app.listen(0, '127.0.0.1')
  await once(app, 'listening')
  onTestFinished(() => {
    app.close()
    app.closeAllConnections()
  })
  return (app.address() as AddressInfo).port
}

const protocols: readonly (readonly [string, OpenProtocol])[] = [
  ['http1', openHttp1Protocol(systemClock)],
  ['node', openNodeProtocol(systemClock)],
]

/** A protocol behind a TLS listener, and the wire engine's way to the application. */
async function openTls(openProtocol: OpenProtocol): Promise<{ port: number; clients: Protocol }> {
  const upstream = openHttp1Upstream(systemClock)({ port: await openEcho(), token: 'a'.repeat(64) })
  const onExchange = (exchange: Exchange): void => void upstream.forward(exchange, options)
  const clients = openProtocol({ onExchange, onRefusal: () => undefined }, frontLimits)
  const listener = createTlsServer({ ...testCertificate, allowHalfOpen: true }, (socket) => {
    const { port } = listener.address() as AddressInfo
    clients.accept(socket, new ConnectionFacts(socket, { scheme: 'https', address: '127.0.0.1', port }))
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  onTestFinished(() => {
    listener.close()
    clients.connections.destroy()
    upstream.close()
  })
  return { port: (listener.address() as AddressInfo).port, clients }
}

interface Echo {
  readonly response: IncomingMessage
  readonly body: Buffer
}

/** Sends a body and reads what comes back. */
async function echo(port: number, agent: Agent, body: Buffer, headers: Record<string, string> = {}): Promise<Echo> {
  const asked = request({ host: '127.0.0.1', port, method: 'POST', agent, headers, ca: testCertificate.cert })
  asked.end(body)
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  const pieces: Buffer[] = []
  for await (const piece of response) pieces.push(piece as Buffer)
  return { response, body: Buffer.concat(pieces) }
}

describe.each(protocols)('behind a TLS listener the protocol %s', (_name, openProtocol) => {
  test('over TLS requests and responses of every size and framing go through, many on one connection', async () => {
    const { port, clients } = await openTls(openProtocol)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    onTestFinished(() => {
      agent.destroy()
    })
    for (const size of [1, 100, 8_192, 16_384, 65_536, 1_000_000]) {
      const body = Buffer.from(Array.from({ length: size }, (_, i) => (i * 31) & 255))
      for (const headers of [{ 'Content-Length': String(size) }, { 'Transfer-Encoding': 'chunked' }]) {
        const { response, body: came } = await echo(port, agent, body, headers)
        expect(response.headers).toMatchObject({ 'x-was': 'https' })
        expect(came.equals(body)).toBe(true)
        expect(clients.connections.size).toBe(1)
      }
    }
  })

  test('a connection over TLS that is asked to close ends with a close_notify, behind the whole answer', async () => {
    const { port } = await openTls(openProtocol)
    const client: TLSSocket = connect({ port, host: '127.0.0.1', ca: testCertificate.cert })
    const pieces: Buffer[] = []
    client.on('data', (piece: Buffer) => pieces.push(piece))
    client.write(
      `POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 300000\r\n\r\n${'x'.repeat(300_000)}`,
    )
    // An end without a close_notify would be an error.
    await once(client, 'end')
    expect(Buffer.concat(pieces).toString('latin1')).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nx{300000}$/)
  })

  test('bytes that are no HTTP are refused over TLS, too', async () => {
    const { port } = await openTls(openProtocol)
    const client = connect({ port, host: '127.0.0.1', ca: testCertificate.cert })
    const pieces: Buffer[] = []
    client.on('data', (piece: Buffer) => pieces.push(piece))
    client.write('GET /\r\n\r\n')
    await once(client, 'end')
    expect(Buffer.concat(pieces).toString('latin1')).toMatch(/^HTTP\/1\.1 400 /)
  })

  test('a client that is accepted while connections are being ended is told with its first answer', async () => {
    const { port, clients } = await openTls(openProtocol)
    clients.connections.drain()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    onTestFinished(() => {
      agent.destroy()
    })
    const { response } = await echo(port, agent, Buffer.from('hi'), { 'Content-Length': '2' })
    expect(response.headers.connection).toBe('close')
    await clients.connections.empty()
  })
})
