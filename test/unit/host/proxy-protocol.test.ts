import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:tls'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { BindingConfig } from '../../../src/config/model.ts'
import { engineNames } from '../../../src/host/engine.ts'
import { eventually } from '../../support/eventually.ts'
import { freePort } from '../../support/free-port.ts'
import { makeCertificate } from '../../support/openssl.ts'
import { hasProgram, program } from '../../support/programs.ts'
import { allOf, binding, raw, running, tlsOf } from './offline-host.ts'

const header = 'PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n'
const request = 'GET /path HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
const trusted = { trustedProxies: ['127.0.0.0/8'] }

function httpBinding(port: number): BindingConfig {
  return { protocol: 'http', address: '127.0.0.1', port, hostName: '', proxyProtocol: true }
}

/** The client that the log names for the request. */
async function clientIn(lines: readonly string[]): Promise<unknown> {
  const find = (): string | undefined => lines.find((line) => line.includes('"path":"/path"'))
  await eventually('the request is logged', () => find() !== undefined)
  return (JSON.parse(find() ?? '{}') as { remoteAddress?: unknown }).remoteAddress
}

describe.each(engineNames)('with the engine %s, behind a trusted proxy', (engine) => {
  test('a request is that of the client in the PROXY header, whatever the port in it', async () => {
    const port = await freePort()
    const { lines } = await running([httpBinding(port)], engine, trusted)
    const client = await raw(port)
    client.write(header + request)
    expect(await allOf(client)).toMatch(/^HTTP\/1\.1 503 [^]*offline$/)
    expect(await clientIn(lines)).toBe('192.0.2.7')
  })

  test('the header may come in pieces, apart from the request, and the request in pieces too', async () => {
    const port = await freePort()
    const { lines } = await running([httpBinding(port)], engine, trusted)
    const client = await raw(port)
    client.setNoDelay(true)
    for (const piece of [header.slice(0, 9), header.slice(9), request.slice(0, 20), request.slice(20)]) {
      client.write(piece)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(await allOf(client)).toMatch(/^HTTP\/1\.1 503 [^]*offline$/)
    expect(await clientIn(lines)).toBe('192.0.2.7')
  })

  test('the header comes before the TLS handshake', async () => {
    const port = await freePort()
    const tls = binding(port, tlsOf(await makeCertificate()))
    const { lines } = await running([{ ...tls, proxyProtocol: true }], engine, trusted)
    const socket = await raw(port)
    socket.write(header)
    const client = connect({ socket, rejectUnauthorized: false })
    await once(client, 'secureConnect')
    client.write(request)
    expect(await allOf(client)).toMatch(/^HTTP\/1\.1 503 [^]*offline$/)
    expect(await clientIn(lines)).toBe('192.0.2.7')
  })

  test.each([
    ['no header', request],
    ['a malformed header', header.replace('443', '0443') + request],
  ])('a connection with %s is closed without an answer', async (_what, bytes) => {
    const port = await freePort()
    const { lines } = await running([httpBinding(port)], engine, trusted)
    const client = await raw(port)
    client.write(bytes)
    expect(await allOf(client)).toBe('')
    await eventually('the refusal is logged', () => lines.some((line) => line.includes('bad-proxy-header')))
  })
})

test.each([
  ['with a header', header + request],
  ['without a header', request],
  ['that says nothing', ''],
])('the connection of a stranger %s is closed without an answer', async (_what, bytes) => {
  const port = await freePort()
  const { lines } = await running([httpBinding(port)], 'wire', { trustedProxies: ['192.0.2.0/24'] })
  const client = await raw(port)
  if (bytes !== '') client.write(bytes)
  expect(await allOf(client)).toBe('')
  await eventually('the refusal is logged', () => lines.some((line) => line.includes('untrusted-proxy')))
})

test.runIf(hasProgram('curl'))('curl --haproxy-protocol is understood, over http and https', async () => {
  const [http, https] = [await freePort(), await freePort()]
  const tls = { ...binding(https, tlsOf(await makeCertificate())), proxyProtocol: true }
  await running([httpBinding(http), tls], 'wire', trusted)
  for (const url of [`http://127.0.0.1:${String(http)}/`, `https://127.0.0.1:${String(https)}/`]) {
    const args = ['-s', '-k', '--http1.1', '--haproxy-protocol', '--max-time', '10', url]
    expect((await promisify(execFile)(program('curl'), args)).stdout).toBe('offline')
  }
})
