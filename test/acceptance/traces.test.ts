import { readFile, writeFile } from 'node:fs/promises'
import { connect } from 'node:http2'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { testCertificate } from '../support/certificate.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { eventually } from '../support/eventually.ts'
import { copyApp, temporaryFolder } from '../support/folders.ts'
import { informationIn, type RequestInformation } from '../support/send.ts'

type Fields = Readonly<Record<string, string>>

interface Traced {
  readonly daemon: Daemon
  /** Asks over this protocol; what the application has seen. */
  ask(protocol: 'HTTP/1.1' | 'HTTP/2', query: string, fields: Fields): Promise<RequestInformation>
  /** What the access log has of the request with this query. */
  logged(query: string): Promise<{ readonly trace?: { readonly id: string } }>
}

async function start(): Promise<Traced> {
  const folder = await temporaryFolder()
  const [cert, key, log] = ['cert.pem', 'key.pem', 'access.log'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  await writeFile(cert, testCertificate.cert)
  await writeFile(key, testCertificate.key)
  const tls = ['--https-port', '0', '--cert', cert, '--key', key]
  const args = [...tls, '--access-log', log, '--access-log-format', 'json']
  const daemon = await startDaemon(await copyApp('node-twin'), { args })
  const { url } = await daemon.event('listening', (event) => String(event['url']).startsWith('https:'))
  const askHttp2 = async (path: string, fields: Fields): Promise<string> => {
    const session = connect(String(url), { rejectUnauthorized: false })
    try {
      const stream = session.request({ ':path': path, ...fields }).setEncoding('utf8')
      return (await stream.toArray()).join('')
    } finally {
      session.close()
    }
  }
  return {
    daemon,
    ask: async (protocol, query, fields) => {
      const path = `/RequestInformation?${query}`
      return informationIn(await (protocol === 'HTTP/2' ? askHttp2(path, fields) : daemon.text(path, fields)))
    },
    logged: (query) =>
      eventually(`there is a line for ${query}`, async () => {
        const lines = (await readFile(log, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '')
        const entries = lines.map((line) => JSON.parse(line) as { url: { query?: string }; trace?: { id: string } })
        return entries.find((entry) => entry.url.query === query)
      }),
  }
}

describe('the trace of a client', () => {
  const id = '0af7651916cd43dd8448eb211c80319c'

  test.each([
    'HTTP/1.1',
    'HTTP/2',
  ] as const)('over %s reaches the application as it was sent, and its id stands in the access log', async (protocol) => {
    const { ask, logged } = await start()
    const fields = {
      traceparent: `00-${id}-b7ad6b7169203331-01`,
      tracestate: 'congo=t61rcWkgMzE,rojo=00f067aa0ba902b7',
    }
    const seen = await ask(protocol, 'traced', fields)
    expect(seen.field('traceparent')).toEqual([fields.traceparent])
    expect(seen.field('tracestate')).toEqual([fields.tracestate])
    expect(await logged('traced')).toMatchObject({ trace: { id } })

    // A later version of the field may have more parts; what is no trace is passed on, and not logged as one.
    await ask(protocol, 'later', { traceparent: `cc-${id}-b7ad6b7169203331-01-what-comes` })
    expect(await logged('later')).toMatchObject({ trace: { id } })
    const odd = `00-${id.toUpperCase()}-b7ad6b7169203331-01`
    expect((await ask(protocol, 'odd', { traceparent: odd })).field('traceparent')).toEqual([odd])
    expect((await logged('odd')).trace).toBeUndefined()
    expect((await ask(protocol, 'none', {})).field('traceparent')).toEqual([])
    expect((await logged('none')).trace).toBeUndefined()
  })
})
