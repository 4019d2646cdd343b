import { once } from 'node:events'
import { copyFile, readFile } from 'node:fs/promises'
import { connect as connectHttp2 } from 'node:http2'
import { join } from 'node:path'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { SiteConfig, TlsConfig } from '../../../src/config/model.ts'
import { createHost } from '../../../src/host/create-host.ts'
import { engineNames } from '../../../src/host/engine.ts'
import type { Host } from '../../../src/host/host.ts'
import { createLog } from '../../../src/log/log.ts'
import { copyApp, temporaryFolder } from '../../support/folders.ts'
import { freePort } from '../../support/free-port.ts'
import { type MadeCertificate, makeCertificate } from '../../support/openssl.ts'
import { binding, secured, tlsOf } from './offline-host.ts'

const handshake =
  'GET /websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'

interface Trusting {
  readonly port: number
  readonly host: Host
  readonly site: SiteConfig
  /** The file of the authorities. */
  readonly file: string
  readonly old: MadeCertificate
  readonly next: MadeCertificate
  /** What a client of the old authority connects with. */
  readonly client: ConnectionOptions
}

/** A host with a real application, whose binding demands certificates of the authorities in a file. */
async function trusting(engine: (typeof engineNames)[number]): Promise<Trusting> {
  const authority = (): Promise<MadeCertificate> => makeCertificate({ names: ['an authority'], isAuthority: true })
  const [old, next, server, port] = [await authority(), await authority(), await makeCertificate(), await freePort()]
  const file = join(await temporaryFolder(), 'authorities.pem')
  await copyFile(old.cert, file)
  const tls: TlsConfig = tlsOf(server, { clientCertificates: 'require', clientCa: file })
  const applications = [{ path: '/', physicalPath: await copyApp('node-twin') }]
  const site: SiteConfig = { name: 'www', id: 1, bindings: [binding(port, tls)], applications }
  const log = createLog({ format: 'json', level: 'info', out: () => undefined, colour: false })
  const host = await createHost({ sites: [site] }, { log, environment: process.env, pid: process.pid, engine })
  onTestFinished(() => host.stop())
  expect(await host.start()).toMatchObject({ ok: true })
  const made = await makeCertificate({ names: ['a client'], issuer: old })
  return {
    port,
    host,
    site,
    file,
    old,
    next,
    client: { cert: await readFile(made.cert), key: await readFile(made.key) },
  }
}

async function until(socket: TLSSocket, text: string): Promise<string> {
  let received = ''
  while (!received.includes(text)) {
    const [bytes] = (await once(socket, 'data')) as [Buffer]
    received += bytes.toString('latin1')
  }
  return received
}

describe.each(engineNames)('with the engine %s, a client whose certificate is not trusted any more', (engine) => {
  test('loses its WebSocket, and has the answer to the request that is under way', async () => {
    const { port, client, file, next } = await trusting(engine)
    const tunnel = await secured(port, { ...client, ALPNProtocols: ['http/1.1'] })
    tunnel.write(handshake)
    await until(tunnel, '101 Switching Protocols')
    const slow = await secured(port, { ...client, ALPNProtocols: ['http/1.1'] })
    tunnel.on('error', () => undefined)
    const over = once(tunnel, 'close')
    slow.write('GET /DoSleep3000 HTTP/1.1\r\nHost: localhost\r\n\r\n')
    const answer = until(slow, 'Running')
    await copyFile(next.cert, file)
    await over
    // It is answered, although the tunnel of the same client is gone.
    expect(await answer).toContain('HTTP/1.1 200 OK')
    slow.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    expect(await until(slow, '</html>')).toContain('421')
  }, 40_000)

  test('loses its WebSocket over HTTP/2, after a reload with another clientCa', async () => {
    const { port, client, host, site, next } = await trusting(engine)
    const session = connectHttp2(`https://localhost:${String(port)}`, { ...client, rejectUnauthorized: false })
    onTestFinished(() => {
      session.destroy()
    })
    await once(session, 'remoteSettings')
    const stream = session.request({
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':path': '/websocket',
      'sec-websocket-version': '13',
    })
    stream.on('error', () => undefined)
    const [fields] = (await once(stream, 'response')) as [Record<string, unknown>]
    expect(fields[':status']).toBe(200)
    const over = once(stream, 'close')
    const [open] = site.bindings
    const tls = { ...open?.tls, clientCa: next.cert } as TlsConfig
    const bindings = [binding(port, tls)]
    expect(await host.reload({ sites: [{ ...site, bindings }] }, 'test')).toMatchObject({ ok: true })
    await over
    expect(stream.rstCode).not.toBe(0)
    const again = session.request({ ':path': '/' })
    const [answer] = (await once(again, 'response')) as [Record<string, unknown>]
    expect(answer[':status']).toBe(421)
  }, 40_000)

  test('a reload that changes nothing of it disturbs no WebSocket', async () => {
    const { port, client, host, site } = await trusting(engine)
    const tunnel = await secured(port, { ...client, ALPNProtocols: ['http/1.1'] })
    tunnel.write(handshake)
    await until(tunnel, '101 Switching Protocols')
    const [open] = site.bindings
    const more = binding(port, { ...open?.tls, clientCa: undefined } as TlsConfig, 'other.test')
    const bindings = [...site.bindings, more]
    expect(await host.reload({ sites: [{ ...site, bindings }] }, 'test')).toMatchObject({ ok: true })
    // A text frame, masked with zeros.
    tunnel.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]))
    await until(tunnel, 'hi')
  }, 40_000)
})
