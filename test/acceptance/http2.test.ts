import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { connect, constants } from 'node:http2'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { testCertificate } from '../support/certificate.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { copyApp, temporaryFolder } from '../support/folders.ts'
import { hasProgram, program } from '../support/programs.ts'
import { informationIn } from '../support/send.ts'

const execute = promisify(execFile)

/** Runs a client; resolves with what it printed. */
async function run(name: 'curl' | 'nghttp' | 'h2load', args: readonly string[]): Promise<string> {
  const { stdout } = await execute(program(name), args, { timeout: 60_000, maxBuffer: 64 * 1024 * 1024 })
  return stdout
}

/** A daemon with an https binding on a free port, and the URL of that binding. */
async function startHttps(): Promise<{ daemon: Daemon; url: string }> {
  const folder = await temporaryFolder()
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  await writeFile(cert, testCertificate.cert)
  await writeFile(key, testCertificate.key)
  const args = ['--https-port', '0', '--cert', cert, '--key', key]
  const daemon = await startDaemon(await copyApp('node-twin'), { args })
  const { port } = await daemon.event('listening', ({ url }) => String(url).startsWith('https:'))
  return { daemon, url: `https://127.0.0.1:${String(port)}` }
}

describe('clients of HTTP/2 over TLS', () => {
  let url = ''
  beforeAll(async () => {
    const started = await startHttps()
    url = started.url
  })

  test.skipIf(!hasProgram('curl'))('are chosen by ALPN: curl gets HTTP/2 if it asks, else HTTP/1.1', async () => {
    const ask = (protocol: string): Promise<string> =>
      run('curl', ['-sk', protocol, '-w', ' %{http_version}', `${url}/HelloWorld`])
    expect(await ask('--http2')).toBe('Hello World 2')
    expect(await ask('--http1.1')).toBe('Hello World 1.1')
  })

  test.skipIf(!hasProgram('curl'))('show the application their scheme, host and address', async () => {
    const seen = informationIn(await run('curl', ['-sk', '--http2', '-b', 'a=1', `${url}/RequestInformation`]))
    expect(seen).toMatchObject({ Scheme: 'https', Host: new URL(url).host })
    expect(seen.Remote).toMatch(/^127\.0\.0\.1 /)
    expect(seen.field('Cookie')).toEqual(['a=1'])
  })

  test.skipIf(!hasProgram('curl'))('send large bodies and get them back', async () => {
    const file = join(await temporaryFolder(), 'body')
    await writeFile(file, Buffer.alloc(5_000_000, 'x'))
    const length = await run('curl', [
      '-sk', '--http2', '--data-binary', `@${file}`, '-o', '/dev/null', '-w', '%{size_download}', `${url}/ReadAndWriteEcho`,
    ]) // biome-ignore format: a command line
    expect(length).toBe('5000000')
  })

  test.skipIf(!hasProgram('nghttp'))('get interim heads and trailers', async () => {
    const hints = await run('nghttp', ['-nv', '--no-verify-peer', `${url}/EarlyHints`])
    expect(hints).toMatch(/:status: 103[^]*:status: 200/)
    const trailers = await run('nghttp', ['-nv', '--no-verify-peer', `${url}/Trailer`])
    expect(trailers).toMatch(/:status: 200[^]*recv HEADERS frame/)
  })

  test.skipIf(!hasProgram('h2load'))('are answered, a thousand requests on eight connections', async () => {
    const report = await run('h2load', ['-n', '1000', '-c', '8', '-m', '20', `${url}/HelloWorld`])
    expect(report).toContain('1000 succeeded, 0 failed, 0 errored, 0 timeout')
  })
})

describe('a stop of the daemon', () => {
  test('lets the HTTP/2 requests under way finish', async () => {
    const { daemon, url } = await startHttps()
    const client = connect(url, { ca: testCertificate.cert })
    onTestFinished(() => {
      client.destroy()
    })
    // The app has begun to answer, and waits for the rest of the body.
    const stream = client.request({ ':method': 'POST', ':path': '/ReadAndCountRequestBody' })
    let received = ''
    stream.setEncoding('utf8')
    await new Promise<void>((resolve) => {
      stream.on('data', (text: string) => {
        received += text
        resolve()
      })
    })
    const goaway = new Promise((resolve) => client.once('goaway', resolve))
    daemon.signal('SIGTERM')
    expect(await goaway).toBe(constants.NGHTTP2_NO_ERROR)
    stream.end('x')
    await new Promise((resolve) => stream.once('close', resolve))
    expect(received).toMatch(/done$/)
    expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR)
    expect(await daemon.exited).toBe(0)
  })
})
