import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { createHost } from '../../../src/host/create-host.ts'
import { engineNames } from '../../../src/host/engine.ts'
import { createLog } from '../../../src/log/log.ts'
import { eventually } from '../../support/eventually.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { freePort } from '../../support/free-port.ts'
import { type MadeCertificate, makeCertificate } from '../../support/openssl.ts'
import { allOf, binding, raw, running, secured, tlsOf } from './offline-host.ts'

const request = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'

function nameOf(socket: TLSSocket): string {
  return socket.getPeerX509Certificate()?.subject ?? ''
}

describe.each(engineNames)('with the engine %s', (engine) => {
  test('a request over TLS is answered, and the connection ends as TLS wants it', async () => {
    const port = await freePort()
    const { host } = await running([binding(port, tlsOf(await makeCertificate()))], engine)
    expect(host.status.sites[0]?.urls).toEqual([`https://127.0.0.1:${String(port)}`])
    const socket = await secured(port)
    expect(socket.getProtocol()).toBe('TLSv1.3')
    socket.write(request)
    expect(await allOf(socket)).toMatch(/^HTTP\/1\.1 503 [^]*offline$/)
  })

  test('a stop ends a connection that is in its handshake, and one that is idle', async () => {
    const port = await freePort()
    const { host } = await running([binding(port, tlsOf(await makeCertificate()))], engine)
    const [silent, half, idle] = [await raw(port), await raw(port), await secured(port)]
    half.write(Buffer.from([22, 3, 1, 1, 0, 1]))
    const ends = [once(silent, 'close'), once(half, 'close'), once(idle, 'close')]
    silent.resume()
    half.resume()
    idle.resume()
    await host.stop()
    await Promise.all(ends)
  })

  test('a request that is sent with the end of the handshake is answered', async () => {
    const port = await freePort()
    await running([binding(port, tlsOf(await makeCertificate()))], engine)
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
    // Written before the handshake has begun, so it leaves with the client's last handshake message.
    socket.write(request)
    expect(await allOf(socket)).toContain('offline')
  })
})

describe('the certificate that a client gets', () => {
  test('is the one of the name that it asks for, in any letter case, and by wildcard', async () => {
    const port = await freePort()
    const [first, red, below] = [
      await makeCertificate({ names: ['first.test'] }),
      await makeCertificate({ names: ['red.test'] }),
      await makeCertificate({ names: ['*.blue.test'] }),
    ]
    await running([
      binding(port, tlsOf(first), 'first.test'),
      binding(port, tlsOf(red), 'Red.test'),
      binding(port, tlsOf(below), '*.blue.test'),
    ])
    const names = ['red.test', 'RED.TEST', 'a.blue.test', 'b.a.blue.test', 'blue.test', 'other.test']
    const got: string[] = []
    for (const servername of names) got.push(nameOf(await secured(port, { servername })))
    expect(got).toEqual(['red', 'red', '*.blue', '*.blue', 'first', 'first'].map((name) => `CN=${name}.test`))
    // No name at all.
    expect(nameOf(await secured(port))).toBe('CN=first.test')
  })

  test('has the kind of key that the client supports, with EC and RSA side by side', async () => {
    const port = await freePort()
    const [ec, rsa] = [await makeCertificate(), await makeCertificate({ kind: 'rsa' })]
    const alternatives = [{ certificate: rsa.cert, key: rsa.key, passphraseFile: undefined }]
    await running([binding(port, tlsOf(ec, { alternatives }))])
    const kindOf = async (options: ConnectionOptions): Promise<unknown> => {
      return (await secured(port, options)).getPeerX509Certificate()?.publicKey.asymmetricKeyType
    }
    expect(await kindOf({})).toBe('ec')
    expect(await kindOf({ sigalgs: 'rsa_pss_rsae_sha256' })).toBe('rsa')
    const only12 = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' } as const
    expect(await kindOf(only12)).toBe('rsa')
  })

  test('is the one for its name among several of a binding without a host name', async () => {
    const port = await freePort()
    const [one, two] = [await makeCertificate({ names: ['one.test'] }), await makeCertificate({ names: ['two.test'] })]
    const alternatives = [{ certificate: two.cert, key: two.key, passphraseFile: undefined }]
    await running([binding(port, tlsOf(one, { alternatives }))])
    expect(nameOf(await secured(port, { servername: 'two.test' }))).toBe('CN=two.test')
    expect(nameOf(await secured(port, { servername: 'one.test' }))).toBe('CN=one.test')
    expect(nameOf(await secured(port, { servername: 'three.test' }))).toBe('CN=one.test')
  })
})

test('each host has its own versions, and a session of one is not resumed at another', async () => {
  const port = await freePort()
  const [a, b] = [await makeCertificate({ names: ['a.test'] }), await makeCertificate({ names: ['b.test'] })]
  await running([binding(port, tlsOf(a), 'a.test'), binding(port, tlsOf(b, { tls13: false }), 'b.test')])
  expect((await secured(port, { servername: 'a.test' })).getProtocol()).toBe('TLSv1.3')
  const first = await secured(port, { servername: 'b.test' })
  expect(first.getProtocol()).toBe('TLSv1.2')
  const session = first.getSession()
  expect((await secured(port, { servername: 'b.test', session })).isSessionReused()).toBe(true)
  const elsewhere = await secured(port, { servername: 'a.test', session, maxVersion: 'TLSv1.2' })
  expect(elsewhere.isSessionReused()).toBe(false)
})

test.each([
  ['TLS 1.1', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }],
  ['a CBC cipher', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' }],
] as const)('a client that speaks only %s is refused', async (_what, options) => {
  const port = await freePort()
  const { lines } = await running([binding(port, tlsOf(await makeCertificate()))])
  await expect(secured(port, options)).rejects.toThrow(/alert/)
  await eventually('the refusal is logged', () => lines.some((line) => line.includes('handshake-failed')))
})

test('a plain request on the https port is told so, and anything else is cut off', async () => {
  const port = await freePort()
  await running([binding(port, tlsOf(await makeCertificate()))])
  const client = await raw(port)
  client.write(`GET / HTTP/1.1\r\nHost: h\r\n\r\n`)
  expect(await allOf(client)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[^]*this port is for https/)
  const garbage = await raw(port)
  garbage.write(Buffer.from([1, 2, 3]))
  expect(await allOf(garbage)).toBe('')
})

test('a ClientHello may come byte by byte', async () => {
  const port = await freePort()
  await running([binding(port, tlsOf(await makeCertificate()))])
  const outside = await raw(port)
  outside.setNoDelay(true)
  const { Duplex } = await import('node:stream')
  const slow = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      const bytes = Array.from(chunk, (byte) => Buffer.of(byte))
      const next = (): void => {
        const byte = bytes.shift()
        if (byte === undefined) done()
        else outside.write(byte, () => setImmediate(next))
      }
      next()
    },
  })
  outside.on('data', (bytes: Buffer) => slow.push(bytes))
  const socket = connect({ socket: slow, rejectUnauthorized: false, servername: 'localhost' })
  await once(socket, 'secureConnect')
  expect(socket.getProtocol()).toBe('TLSv1.3')
})

test.each([
  ['that cannot be used', (one: MadeCertificate, { key }: MadeCertificate) => tlsOf({ ...one, key })],
  [
    'that no client would get',
    (one: MadeCertificate, { cert: certificate, key }: MadeCertificate) =>
      tlsOf(one, { alternatives: [{ certificate, key, passphraseFile: undefined }] }),
  ],
])('a certificate %s keeps the host from starting, and leaves nothing open', async (_what, tlsWith) => {
  const physicalPath = await temporaryFolder()
  await writeFile(join(physicalPath, 'app_offline.htm'), 'offline')
  const port = await freePort()
  const bindings = [binding(port, tlsWith(await makeCertificate(), await makeCertificate()))]
  const log = createLog({ format: 'json', level: 'fatal', out: () => undefined, colour: false })
  const sites = [{ name: 'www', id: 1, bindings, applications: [{ path: '/', physicalPath }] }]
  const host = await createHost({ sites }, { log, environment: {}, pid: process.pid })
  const started = await host.start()
  expect(started).toMatchObject({ ok: false, failure: { opening: { code: 'bad-certificate' } } })
  await expect(raw(port)).rejects.toThrow('ECONNREFUSED')
})
