import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { request } from 'node:https'
import { readdirSync } from 'node:fs'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { ancmd, type Daemon, startDaemon } from '../support/daemon.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { eventually } from '../support/eventually.ts'
import { copyApp } from '../support/folders.ts'
import { freePort } from '../support/free-port.ts'
import { startWithHostFile } from '../support/host-file.ts'
import { type MadeCertificate, makeCertificate, thumbprintOf } from '../support/openssl.ts'
import { hasProgram, program } from '../support/programs.ts'

/** The port of the https binding. */
async function httpsPort(daemon: Daemon): Promise<number> {
  const { port } = await daemon.event('listening', ({ url }) => String(url).startsWith('https:'))
  return Number(port)
}

interface Asking {
  readonly client?: MadeCertificate
  readonly headers?: Readonly<Record<string, string>>
}

async function ask(
  port: number,
  path: string,
  ca: MadeCertificate,
  { client, headers = {} }: Asking = {},
): Promise<string> {
  const options = {
    ca: await readFile(ca.cert),
    ...(client !== undefined && { cert: await readFile(client.cert), key: await readFile(client.key) }),
  }
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, headers, agent: false, ...options }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece))
      response.on('end', () => {
        resolve(text)
      })
    })
    asked.on('error', reject).end()
  })
}

const apps: readonly (readonly [string, () => Promise<string>])[] = [
  ['a stand-in', () => copyApp('node-twin')],
  ...(hasDotnet ? [['a real ASP.NET Core app', () => dotnetApp('test-app')] as const] : []),
]

describe.each(apps)('with %s', (_name, folder) => {
  test('tls-basic: http and https are served side by side, and the app knows which it is', async () => {
    const server = await makeCertificate()
    const args = ['--https-port', '0', '--cert', server.cert, '--key', server.key]
    const daemon = await startDaemon(await folder(), { args })
    const port = await httpsPort(daemon)
    expect(await daemon.text('/HelloWorld')).toBe('Hello World')
    expect(await ask(port, '/HelloWorld', server)).toBe('Hello World')
    expect(await ask(port, '/HttpsHelloWorld', server)).toContain('Scheme:https')
  })

  test('tls-client-cert: the app gets the certificate of its client, and a forged one from nobody', async () => {
    const [server, client] = [await makeCertificate(), await makeCertificate({ names: ['a client'] })]
    const args = ['--https-port', '0', '--cert', server.cert, '--key', server.key, '--client-certificates', 'accept']
    const daemon = await startDaemon(await folder(), { args })
    const port = await httpsPort(daemon)
    const { raw } = new X509Certificate(await readFile(server.cert))
    const headers = { 'MS-ASPNETCORE-CLIENTCERT': raw.toString('base64') }
    const own = `Enabled;${await thumbprintOf(client)}`
    expect(await ask(port, '/GetClientCert', server, { client })).toBe(own)
    expect(await ask(port, '/GetClientCert', server, { client, headers })).toBe(own)
    expect(await ask(port, '/GetClientCert', server, { headers })).toBe('Disabled')
    expect(await daemon.text('/GetClientCert', headers)).toBe('Disabled')
  })

  test('tls-no-client-cert: a client without a certificate is served where none is required', async () => {
    const server = await makeCertificate()
    const client = await makeCertificate({ names: ['a client'] })
    for (const mode of ['ignore', 'accept']) {
      const args = ['--https-port', '0', '--cert', server.cert, '--key', server.key, '--client-certificates', mode]
      const daemon = await startDaemon(await folder(), { args })
      const port = await httpsPort(daemon)
      expect(await ask(port, '/GetClientCert', server)).toBe('Disabled')
      const withOne = await ask(port, '/GetClientCert', server, { client })
      expect(withOne).toBe(mode === 'ignore' ? 'Disabled' : `Enabled;${await thumbprintOf(client)}`)
    }
  })
})

test.runIf(hasProgram('curl'))('a certificate that cert create has made is served and trusted', async () => {
  const folder = await copyApp('node-twin')
  const environment = { XDG_DATA_HOME: folder }
  const made = await ancmd(['cert', 'create', '--json'], { environment })
  const { authority, certificate, key } = JSON.parse(made.stdout) as Record<string, string>
  const args = ['--https-port', '0', '--cert', String(certificate), '--key', String(key)]
  const daemon = await startDaemon(await copyApp('node-twin'), { args })
  const url = `https://localhost:${String(await httpsPort(daemon))}/HelloWorld`
  const curl = [program('curl'), ['-s', '--ipv4', '--max-time', '10', '--cacert', String(authority), url]] as const
  expect((await promisify(execFile)(...curl)).stdout).toBe('Hello World')
})

test('a certificate that cannot be used ends run with 78, the place and the cure, and prints no secret', async () => {
  const [one, other] = [await makeCertificate(), await makeCertificate()]
  const args = [
    'run',
    await copyApp('node-twin'),
    '--port',
    '0',
    '--https-port',
    '0',
    '--cert',
    one.cert,
    '--key',
    other.key,
  ]
  const { code, stderr } = await ancmd(args)
  expect(code).toBe(78)
  expect(stderr).toContain('certificateRejected')
  expect(stderr).toContain(`${one.cert}:1:1: error: The key in ${other.key} is not the one of this certificate.`)
})

/** The ways in which clients give up. Each ends the connection, or is ended by the daemon. */
const givingUp: readonly ((port: number) => Socket)[] = [
  // Nothing is sent.
  (port) => raw(port, (socket) => socket.destroy()),
  // Half a ClientHello, then a reset.
  (port) => raw(port, (socket) => socket.write(helloStart, () => socket.resetAndDestroy())),
  // Half a ClientHello, then an orderly end.
  (port) => raw(port, (socket) => socket.end(helloStart)),
  // No TLS at all.
  (port) => raw(port, (socket) => socket.end('SSH-2.0-client\r\n')),
  (port) => raw(port, (socket) => socket.end('GET / HTTP/1.1\r\nHost: h\r\n\r\n')),
  // A whole ClientHello, and a reset before its answer.
  (port) => {
    const tcp = connectTcp({ port, host: '127.0.0.1' })
    const socket = connectTls({ socket: tcp, rejectUnauthorized: false })
    tcp.on('connect', () => setImmediate(() => tcp.resetAndDestroy()))
    return socket
  },
  // A client that does not trust the certificate says so with an alert.
  (port) => connectTls({ port, host: '127.0.0.1', rejectUnauthorized: true }),
  // A version that is not spoken.
  (port) => {
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    return connectTls({ port, host: '127.0.0.1', ...old })
  },
  // The end of the handshake, and no request.
  ...['h2', 'http/1.1'].map((protocol) => (port: number) => {
    const options = { port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: [protocol] }
    const socket = connectTls(options, () => socket.destroy())
    return socket
  }),
]

const helloStart = Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252])

function raw(port: number, act: (socket: Socket) => void): Socket {
  const socket = connectTcp({ port, host: '127.0.0.1' })
  return socket.on('connect', () => {
    act(socket)
  })
}

function ended(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.resume().on('error', () => undefined)
    socket.on('close', () => {
      resolve()
    })
  })
}

test.runIf(process.platform === 'linux')(
  'a thousand clients that give up in the handshake, in ten ways, leave no descriptor open, and the next one is served',
  async () => {
    const server = await makeCertificate()
    const args = ['--https-port', '0', '--cert', server.cert, '--key', server.key]
    const daemon = await startDaemon(await copyApp('node-twin'), { args })
    const port = await httpsPort(daemon)
    const descriptors = (): number => readdirSync(`/proc/${String(daemon.pid)}/fd`).length
    expect(await ask(port, '/HelloWorld', server)).toBe('Hello World')
    const before = descriptors()
    expect(givingUp).toHaveLength(10)
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(Array.from({ length: 5 }, () => givingUp.map((giveUp) => ended(giveUp(port)))).flat())
    }
    await eventually('every descriptor is closed', () => descriptors() <= before, 60_000)
    expect(await ask(port, '/HelloWorld', server)).toBe('Hello World')
  },
  120_000,
)

test.runIf(hasProgram('openssl'))(
  'an https binding that is written twice gives each client the certificate, RSA or EC, that it understands',
  async () => {
    const [ec, rsa] = [await makeCertificate(), await makeCertificate({ kind: 'rsa' })]
    const port = await freePort()
    const bindings = [ec, rsa].map(({ cert, key }) => {
      const place = `bindingInformation="127.0.0.1:${String(port)}:localhost"`
      return `<binding protocol="https" ${place} certificate="${cert}" key="${key}" />`
    })
    const folder = await copyApp('node-twin')
    const daemon = await startWithHostFile({ folder, bindings: bindings.join('') })
    expect(await httpsPort(daemon)).toBe(port)
    const keyFor = async (...more: readonly string[]): Promise<string | undefined> => {
      const place = ['-connect', `127.0.0.1:${String(port)}`, '-servername', 'localhost']
      const said = promisify(execFile)(program('openssl'), ['s_client', ...place, ...more], { timeout: 20_000 })
      said.child.stdin?.end()
      return /Peer signature type: (\S+)/.exec((await said).stdout)?.[1]
    }
    expect(await keyFor('-sigalgs', 'ecdsa_secp256r1_sha256')).toBe('ECDSA')
    expect(await keyFor('-sigalgs', 'rsa_pss_rsae_sha256')).toBe('RSA-PSS')
    expect(await keyFor('-tls1_2', '-cipher', 'ECDHE-RSA-AES128-GCM-SHA256')).toMatch(/^RSA/)
    expect(await ask(port, '/HelloWorld', ec, { headers: { Host: 'localhost' } })).toBe('Hello World')
  },
)
