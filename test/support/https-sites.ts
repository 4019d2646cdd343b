import { readFile, rename, writeFile } from 'node:fs/promises'
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { atTheEnd } from './ending.ts'
import { temporaryFolder } from './folders.ts'
import type { MadeCertificate } from './openssl.ts'

export interface HttpsSite {
  readonly id: number
  /** Its host name and that of its certificate. */
  readonly name: string
  readonly certificate: MadeCertificate
  readonly applications: readonly { readonly path: string; readonly folder: string }[]
  /** XML inside `<site>`, besides the applications and the binding. */
  readonly more?: string
}

/** The text of a host file whose sites share a port of the loopback, each with a certificate for its own name. */
export function httpsHostFile(port: number, sites: readonly HttpsSite[], applicationHost = ''): string {
  const written = sites.map(({ id, name, certificate, applications, more = '' }) => {
    const list = applications.map(
      ({ path, folder }) =>
        `<application path="${path}"><virtualDirectory path="/" physicalPath="${folder}" /></application>`,
    )
    return `<site name="${name}" id="${String(id)}">${list.join('\n')}<bindings>
      <binding protocol="https" bindingInformation="127.0.0.1:${String(port)}:${name}" sslFlags="1"
        certificate="${certificate.cert}" key="${certificate.key}" /></bindings>${more}</site>`
  })
  return `<configuration><system.applicationHost><sites>${written.join('\n')}</sites>${applicationHost}</system.applicationHost></configuration>`
}

/** A host file in a folder of its own; `replace` changes it in one step, as careful editors do. */
export async function writeHostFile(
  text: string,
): Promise<{ readonly file: string; replace(text: string): Promise<void> }> {
  const file = join(await temporaryFolder(), 'ancmd.config')
  await writeFile(file, text)
  const replace = async (next: string): Promise<void> => {
    await writeFile(`${file}.new`, next)
    await rename(`${file}.new`, file)
  }
  return { file, replace }
}

/** One client of a site on the loopback: by its host name, trusting its certificate alone. */
export interface HttpsClient {
  /** The status and the body of a GET; rejects when the connection or the request fails. */
  get(path: string): Promise<{ readonly status: number; readonly text: string }>
}

/** A client that speaks HTTP/1.1, on one connection for all requests or on a new one for each. */
export async function http1Client(
  port: number,
  { name, certificate }: Pick<HttpsSite, 'name' | 'certificate'>,
  keepAlive: boolean,
): Promise<HttpsClient> {
  const agent = new Agent({ keepAlive, maxSockets: 1, ca: await readFile(certificate.cert), servername: name })
  atTheEnd(() => {
    agent.destroy()
  })
  const headers = { Host: `${name}:${String(port)}` }
  return {
    get: (path) =>
      new Promise((resolve, reject) => {
        const asked = request({ host: '127.0.0.1', port, path, headers, agent }, (response) => {
          let text = ''
          response.setEncoding('utf8').on('data', (piece: string) => (text += piece))
          response.on('error', reject)
          response.on('end', () => {
            resolve({ status: response.statusCode ?? 0, text })
          })
        })
        asked.on('error', reject).end()
      }),
  }
}

/** A client that speaks HTTP/2, on one connection for all requests. */
export async function http2Client(
  port: number,
  { name, certificate }: Pick<HttpsSite, 'name' | 'certificate'>,
): Promise<HttpsClient> {
  const ca = await readFile(certificate.cert)
  const session: ClientHttp2Session = connectHttp2(`https://${name}:${String(port)}`, {
    createConnection: () => connectTls({ host: '127.0.0.1', port, servername: name, ca, ALPNProtocols: ['h2'] }),
  })
  atTheEnd(() => {
    session.destroy()
  })
  // Its requests fail, too.
  session.on('error', () => undefined)
  return {
    get: (path) =>
      new Promise((resolve, reject) => {
        const stream = session.request({ ':path': path })
        let [status, text] = [0, '']
        stream.on('response', (head) => (status = Number(head[':status'])))
        stream.setEncoding('utf8').on('data', (piece: string) => (text += piece))
        stream.on('error', reject)
        stream.on('close', () => {
          if (stream.rstCode === 0 && status !== 0) resolve({ status, text })
          else reject(new Error(`the stream ended with code ${String(stream.rstCode)}`))
        })
      }),
  }
}
