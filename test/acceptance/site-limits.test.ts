import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { testCertificate } from '../support/certificate.ts'
import { copyApp, temporaryFolder } from '../support/folders.ts'
import { freePort } from '../support/free-port.ts'
import { startWithHostFile } from '../support/host-file.ts'
import { program } from '../support/programs.ts'
import { connectRaw } from '../support/raw-client.ts'

const GET = 'GET /HelloWorld HTTP/1.1\r\nHost: h\r\n\r\n'

test('a path with more segments than maxUrlSegments is 400, and the log names the setting', async () => {
  const folder = await copyApp('node-twin')
  const daemon = await startWithHostFile({ folder, site: '<limits maxUrlSegments="2" />' })
  expect((await daemon.send('/HelloWorld')).status).toBe(200)
  expect((await daemon.send('/a/b/')).status).toBe(200)
  expect((await daemon.send('/a/b/c')).status).toBe(400)
  expect(await daemon.event('requestRefused')).toMatchObject({
    reason: 'too-many-segments',
    setting: 'maxUrlSegments="2"',
  })
})

test('a connection beyond maxConnections of its site is 503 and ends; the next one after another has gone is served', async () => {
  const folder = await copyApp('node-twin')
  const daemon = await startWithHostFile({ folder, site: '<limits maxConnections="1" />' })
  const first = await connectRaw(daemon.port)
  first.send(GET)
  await first.until('Hello World')
  const second = await connectRaw(daemon.port)
  second.send(GET)
  await second.untilEnded()
  expect(second.received).toMatch(/^HTTP\/1\.1 503 /)
  first.destroy()
  await expect.poll(async () => (await daemon.send('/HelloWorld')).status).toBe(200)
})

test('connectionTimeout ends an idle connection, and webLimits a head that does not come', async () => {
  const folder = await copyApp('node-twin')
  const daemon = await startWithHostFile({
    folder,
    site: '<limits connectionTimeout="00:00:01" />',
    applicationHost: '<webLimits headerWaitTimeout="00:00:02" />',
  })
  const idle = await connectRaw(daemon.port)
  idle.send(GET)
  await idle.untilEnded()
  expect(idle.received).toContain('Hello World')
  const slow = await connectRaw(daemon.port)
  slow.send('GET / HT')
  await slow.untilEnded()
  expect(slow.received).toMatch(/^HTTP\/1\.1 408 /)
})

test('maxConnectionsPerAddress closes what is beyond it', async () => {
  const folder = await copyApp('node-twin')
  const configuration = '<ancmd><limits maxConnectionsPerAddress="1" /></ancmd>'
  const daemon = await startWithHostFile({ folder, configuration })
  const first = await connectRaw(daemon.port)
  first.send(GET)
  await first.until('Hello World')
  const second = await connectRaw(daemon.port)
  await second.ended
  expect(second.received).toBe('')
  expect(await daemon.event('requestRefused')).toMatchObject({
    reason: 'too-many-connections-of-address',
    setting: 'maxConnectionsPerAddress="1"',
    remoteAddress: '127.0.0.1',
  })
})

test.each(['--http1.1', '--http2'])('maxRequestBytes lets the head be larger, with curl %s', async (protocol) => {
  const [folder, files, port] = [await copyApp('node-twin'), await temporaryFolder(), await freePort()]
  const [cert, key] = [join(files, 'cert.pem'), join(files, 'key.pem')]
  await writeFile(cert, testCertificate.cert)
  await writeFile(key, testCertificate.key)
  const bindings = `<binding protocol="https" bindingInformation="127.0.0.1:${String(port)}:" certificate="${cert}" key="${key}" />`
  const configuration = '<ancmd><limits maxRequestBytes="60000" /></ancmd>'
  const daemon = await startWithHostFile({ folder, bindings, configuration })
  const status = async (url: string, bytes: number): Promise<string> => {
    const file = join(files, 'head.txt')
    await writeFile(file, `X-Large: ${'ab+/'.repeat(bytes / 4)}\n`)
    const args = ['-sk', protocol, '-o', join(files, 'body'), '-w', '%{http_code}', '-H', `@${file}`, url]
    return (await promisify(execFile)(program('curl'), args, { timeout: 60_000 })).stdout
  }
  const url = `https://127.0.0.1:${String(port)}/HelloWorld`
  expect(await status(url, 30_000)).toBe('200')
  // The application takes 32 KiB, as Kestrel does: a larger head comes to it, and it says so.
  expect(await status(url, 56_000)).toBe('431')
  expect(daemon.seen('requestRefused')).toEqual([])
  expect(await status(url, 62_000)).toBe('431')
  expect(await daemon.event('requestRefused')).toMatchObject({ status: 431, reason: 'head-too-large' })
})
