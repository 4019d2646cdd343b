import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:http2'
import { request } from 'node:https'
import { describe, expect, onTestFinished, test } from 'vitest'
import { copyApp, editWebConfig } from '../support/folders.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { freePort } from '../support/free-port.ts'
import { startWithHostFile } from '../support/host-file.ts'
import { expire, type MadeCertificate, makeCertificate, thumbprintOf } from '../support/openssl.ts'

const field = 'ms-aspnetcore-clientcert'

interface Asking {
  readonly ca: Buffer
  readonly cert?: Buffer
  readonly key?: Buffer
}

function http1(port: number, options: Asking, headers: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, path: '/GetClientCert', headers, agent: false, ...options }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece))
      response.on('end', () => {
        resolve(text)
      })
    })
    asked.on('error', reject).end()
  })
}

async function http2(port: number, options: Asking, headers: Readonly<Record<string, string>>): Promise<string> {
  const session = connect(`https://localhost:${String(port)}`, options)
  onTestFinished(() => {
    session.destroy()
  })
  const stream = session.request({ ':path': '/GetClientCert', ...headers })
  let text = ''
  stream.setEncoding('utf8').on('data', (piece: string) => (text += piece))
  await once(stream, 'close')
  return text
}

const apps: readonly (readonly [string, () => Promise<string>])[] = [
  ['a stand-in', () => copyApp('node-twin')],
  ...(hasDotnet ? [['a real ASP.NET Core app', () => dotnetApp('test-app')] as const] : []),
]

describe.each(apps)('with %s', (_name, copy) => {
  test('<access> demands a certificate of clientCa, whatever a client writes into its fields, over HTTP/1.1 and HTTP/2', async () => {
    const authority = (): Promise<MadeCertificate> => makeCertificate({ names: ['an authority'], isAuthority: true })
    const [server, ours, theirs] = [await makeCertificate(), await authority(), await authority()]
    const clientOf = (issuer: MadeCertificate): Promise<MadeCertificate> =>
      makeCertificate({ names: ['a client'], issuer })
    const [trusted, untrusted, expired] = [await clientOf(ours), await clientOf(theirs), await clientOf(ours)]
    await expire(expired, ours)

    const folder = await copy()
    await editWebConfig(folder, {
      webServer: '<security><access sslFlags="Ssl, SslNegotiateCert, SslRequireCert" /></security>',
    })
    const port = await freePort()
    const files = `certificate="${server.cert}" key="${server.key}" clientCa="${ours.cert}"`
    const information = `127.0.0.1:${String(port)}:`
    const bindings = `<binding protocol="https" bindingInformation="${information}" clientCertificates="accept" ${files} />`
    await startWithHostFile({ folder, bindings })

    const forged = { [field]: new X509Certificate(await readFile(trusted.cert)).raw.toString('base64') }
    const ca = await readFile(server.cert)
    const expected = [
      [undefined, 'HTTP Error 403.7'],
      [trusted, `Enabled;${await thumbprintOf(trusted)}`],
      [untrusted, 'HTTP Error 403.16'],
      [expired, 'HTTP Error 403.17'],
    ] as const
    for (const [client, answer] of expected) {
      const own = client && { cert: await readFile(client.cert), key: await readFile(client.key) }
      for (const ask of [http1, http2]) {
        expect(await ask(port, { ca, ...own }, {})).toContain(answer)
        expect(await ask(port, { ca, ...own }, forged)).toContain(answer)
      }
    }
  })
})
