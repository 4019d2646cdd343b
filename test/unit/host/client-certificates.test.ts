import { once } from 'node:events'
import { appendFile, copyFile, readFile } from 'node:fs/promises'
import { connect as connectHttp2, constants } from 'node:http2'
import { join } from 'node:path'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { TlsConfig } from '../../../src/config/model.ts'
import { engineNames } from '../../../src/host/engine.ts'
import { eventually } from '../../support/eventually.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { freePort } from '../../support/free-port.ts'
import { expire, type MadeCertificate, makeCertificate } from '../../support/openssl.ts'
import { allOf, binding, running, secured, tlsOf } from './offline-host.ts'

async function authority(): Promise<MadeCertificate> {
  return makeCertificate({ names: ['an authority'], isAuthority: true })
}

async function clientOf(issuer: MadeCertificate): Promise<MadeCertificate> {
  return makeCertificate({ names: ['a client'], issuer })
}

async function credentials(client: MadeCertificate | undefined): Promise<ConnectionOptions> {
  return client === undefined ? {} : { cert: await readFile(client.cert), key: await readFile(client.key) }
}

async function asking(clientCertificates: TlsConfig['clientCertificates'], clientCa: string): Promise<TlsConfig> {
  return tlsOf(await makeCertificate(), { clientCertificates, clientCa })
}

/** The status of an answer with its substatus; an answer of the application that is offline is a 503. */
function statusIn(answer: string): string {
  return /HTTP Error (\d+\.\d+)/.exec(answer)?.[1] ?? /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? answer
}

async function askHttp1(port: number, options: ConnectionOptions = {}, host = 'localhost'): Promise<string> {
  return askOn(await secured(port, options), host)
}

async function askOn(socket: TLSSocket, host = 'localhost'): Promise<string> {
  socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
  return statusIn(await allOf(socket))
}

/** One answer for each host, all over one connection. */
async function askHttp2(port: number, options: ConnectionOptions = {}, hosts = ['localhost']): Promise<string[]> {
  const session = connectHttp2(`https://127.0.0.1:${String(port)}`, { rejectUnauthorized: false, ...options })
  onTestFinished(() => {
    session.destroy()
  })
  const answers: string[] = []
  for (const host of hosts) {
    const stream = session.request({ ':path': '/', ':authority': host })
    let status = ''
    stream.on('response', (fields) => (status = String(fields[constants.HTTP2_HEADER_STATUS])))
    let text = ''
    stream.setEncoding('utf8').on('data', (piece: string) => (text += piece))
    await once(stream, 'close')
    answers.push(statusIn(`HTTP/1.1 ${status} ${text}`))
  }
  return answers
}

/** An exchange on a connection that stays open. */
async function askAndStay(socket: TLSSocket): Promise<string> {
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  return statusIn(bytes.toString('latin1'))
}

function renewals(lines: readonly string[]): number {
  return lines.filter((line) => line.includes('"event":"certificateRenewed"')).length
}

describe.each(engineNames)('with the engine %s, the certificate of a client', (engine) => {
  test.each([
    ['require', { none: '403.7', trusted: '503' }],
    ['accept', { none: '503', trusted: '503' }],
  ] as const)('is judged by clientCa where the binding says %s, over HTTP/1.1 and HTTP/2', async (mode, expected) => {
    const [ca, other, port] = [await authority(), await authority(), await freePort()]
    await running([binding(port, await asking(mode, ca.cert))], engine)
    const trusted = await clientOf(ca)
    const expired = await clientOf(ca)
    await expire(expired, ca)
    const clients = { none: undefined, trusted, untrusted: await clientOf(other), expired }
    const got: Record<string, readonly string[]> = {}
    for (const [name, client] of Object.entries(clients)) {
      const options = await credentials(client)
      got[name] = [await askHttp1(port, options), ...(await askHttp2(port, options))]
    }
    const twice = (status: string): string[] => [status, status]
    expect(got).toEqual({
      none: twice(expected.none),
      trusted: twice(expected.trusted),
      untrusted: twice('403.16'),
      expired: twice('403.17'),
    })
  })
})

describe('when the authorities of clients change', () => {
  test.each([
    'TLSv1.2',
    'TLSv1.3',
  ] as const)('in their file, over %s: neither a session nor an open connection stays trusted, and new clients pass', async (version) => {
    const [old, next, port] = [await authority(), await authority(), await freePort()]
    const file = join(await temporaryFolder(), 'authorities.pem')
    await copyFile(old.cert, file)
    const { lines } = await running([binding(port, await asking('require', file))])
    const options = { ...(await credentials(await clientOf(old))), minVersion: version, maxVersion: version }
    const open = await secured(port, options)
    let session: Buffer | undefined = open.getSession()
    open.on('session', (ticket: Buffer) => (session = ticket))
    expect(await askAndStay(open)).toBe('503')
    const again = await secured(port, { ...options, session })
    expect([again.isSessionReused(), await askOn(again)]).toEqual([false, '503'])
    await copyFile(next.cert, file)
    await eventually('the renewal is noticed', () => renewals(lines) === 1, 10_000)
    expect(await askOn(open)).toBe('421.0')
    expect(await askHttp1(port, { ...options, session })).toBe('403.16')
    const client = await credentials(await clientOf(next))
    expect([await askHttp1(port, client), ...(await askHttp2(port, client))]).toEqual(['503', '503'])
  }, 30_000)

  test('by one more: open connections go on, and its clients pass', async () => {
    const [old, next, port] = [await authority(), await authority(), await freePort()]
    const file = join(await temporaryFolder(), 'authorities.pem')
    await copyFile(old.cert, file)
    const { lines } = await running([binding(port, await asking('require', file))])
    const open = await secured(port, await credentials(await clientOf(old)))
    expect(await askAndStay(open)).toBe('503')
    await appendFile(file, await readFile(next.cert))
    await eventually('the renewal is noticed', () => renewals(lines) === 1, 10_000)
    expect(await askOn(open)).toBe('503')
    expect(await askHttp1(port, await credentials(await clientOf(next)))).toBe('503')
  }, 30_000)

  test('by one more: an open connection with a certificate that was not trusted is sent to a new one, which is', async () => {
    const [old, next, port] = [await authority(), await authority(), await freePort()]
    const file = join(await temporaryFolder(), 'authorities.pem')
    await copyFile(old.cert, file)
    const { lines } = await running([binding(port, await asking('require', file))])
    const options = await credentials(await clientOf(next))
    const open = await secured(port, options)
    expect(await askAndStay(open)).toBe('403.16')
    const stays = await secured(port, options)
    expect(await askAndStay(stays)).toBe('403.16')
    expect(await askAndStay(stays)).toBe('403.16')
    await appendFile(file, await readFile(next.cert))
    await eventually('the renewal is noticed', () => renewals(lines) === 1, 10_000)
    expect(await askOn(open)).toBe('421.0')
    expect(await askHttp1(port, options)).toBe('503')
  }, 30_000)

  test('by a reload: an open connection is sent to a new one, which is judged by the new authorities', async () => {
    const [old, next, port] = [await authority(), await authority(), await freePort()]
    const before = binding(port, await asking('require', old.cert))
    const { host, sites } = await running([before])
    const options = await credentials(await clientOf(old))
    const open = await secured(port, options)
    expect(await askAndStay(open)).toBe('503')
    const after = { ...before, tls: await asking('require', next.cert) }
    expect(await host.reload({ sites: sites.map((site) => ({ ...site, bindings: [after] })) }, 'test')).toMatchObject({
      ok: true,
    })
    expect(await askOn(open)).toBe('421.0')
    expect(await askHttp1(port, { ...options, session: open.getSession() })).toBe('403.16')
    expect(await askHttp1(port, await credentials(await clientOf(next)))).toBe('503')
  })
})

test('a connection is not for a host name whose binding asks for other certificates: 421, not a way round them', async () => {
  const [ca, port] = [await authority(), await freePort()]
  const [open, alike] = [tlsOf(await makeCertificate()), tlsOf(await makeCertificate())]
  await running([
    binding(port, open, 'open.test'),
    binding(port, alike, 'alike.test'),
    binding(port, await asking('require', ca.cert), 'closed.test'),
  ])
  const hosts = ['open.test', 'closed.test', 'alike.test']
  expect(await askHttp2(port, { servername: 'open.test' }, hosts)).toEqual(['503', '421.0', '503'])
  const client = await credentials(await clientOf(ca))
  expect(await askHttp2(port, { servername: 'closed.test', ...client }, hosts)).toEqual(['421.0', '503', '421.0'])
  expect(await askHttp1(port, { servername: 'open.test' }, 'closed.test')).toBe('421.0')
})
