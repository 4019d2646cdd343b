import { execFile, execFileSync } from 'node:child_process'
import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { connect } from 'node:http2'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { testCertificate } from '../support/certificate.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { dropOfflineFile } from '../support/deployment.ts'
import { EchoSocket } from '../support/echo-socket.ts'
import { eventually } from '../support/eventually.ts'
import { copyApp, editWebConfig, temporaryFolder } from '../support/folders.ts'
import { startWithHostFile } from '../support/host-file.ts'
import { hasProgram, program } from '../support/programs.ts'
import { connectRaw } from '../support/raw-client.ts'

const execute = promisify(execFile)

interface Logged extends Record<'folder' | 'file', string> {
  readonly daemon: Daemon
  /** The lines of requests so far, as fields by their names. */
  lines(): Promise<Record<string, string>[]>
  /** The line of a request for this path, once it is there. */
  line(stem: string): Promise<Record<string, string>>
}

async function logging(args: readonly string[] = [], attributes: Record<string, string> = {}): Promise<Logged> {
  const folder = await copyApp('node-twin')
  await editWebConfig(folder, { attributes })
  const file = join(await temporaryFolder(), 'access.log')
  const daemon = await startDaemon(folder, { args: ['--access-log', file, ...args] })
  const lines = () => readW3c(file)
  const line = (stem: string) =>
    eventually(`there is a line for ${stem}`, async () => (await lines()).find((each) => each['cs-uri-stem'] === stem))
  return { daemon, folder, file, lines, line }
}

async function readW3c(file: string): Promise<Record<string, string>[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const all = text.split('\r\n').slice(0, -1)
  const names =
    all
      .find((each) => each.startsWith('#Fields: '))
      ?.slice(9)
      .split(' ') ?? []
  return all
    .filter((each) => !each.startsWith('#'))
    .map((each) => {
      const values = each.split(' ')
      expect(values).toHaveLength(names.length)
      return Object.fromEntries(names.map((name, i) => [name, values[i] ?? '']))
    })
}

describe('the access log', () => {
  test('has a line for each request, with its process, the time of the app and the trace id', async () => {
    const { daemon, line } = await logging()
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const headers = { 'User-Agent': 'a b"c', Referer: 'http://x/y', traceparent }
    const pid = await daemon.text('/ProcessId?a=b%20c', headers)
    expect(await line('/ProcessId')).toMatchObject({
      's-ip': '127.0.0.1',
      'cs-method': 'GET',
      'cs-uri-query': 'a=b%20c',
      's-port': String(daemon.port),
      'c-ip': '127.0.0.1',
      'cs(User-Agent)': 'a+b"c',
      'cs(Referer)': 'http://x/y',
      ...{ 'sc-status': '200', 'sc-substatus': '0', 'sc-win32-status': '0', 'cs-version': 'HTTP/1.1' },
      'cs-host': `127.0.0.1:${String(daemon.port)}`,
      'sc-bytes': String(pid.length),
      ...{ 'x-app': '/LM/W3SVC/1/ROOT', 'x-pid': pid, 'x-trace-id': '0af7651916cd43dd8448eb211c80319c' },
    })
  })

  test('counts the bytes of a body and of its response', async () => {
    const { daemon, line } = await logging()
    await daemon.send('/EchoPostData', { method: 'POST', body: 'x'.repeat(1234) })
    expect(await line('/EchoPostData')).toMatchObject({ 'sc-bytes': '1234', 'cs-bytes': '1234' })
  })

  test('has refusals with their substatus, also those that reach no application and those that cannot be read', async () => {
    const { daemon, lines, line } = await logging(['--path-base', '/sub'])
    await daemon.send('/elsewhere')
    expect(await line('/elsewhere')).toMatchObject({ 'sc-status': '404', 'sc-substatus': '0', 'x-app': '-' })
    await daemon.send('/sub/ReadAndWriteEcho', { method: 'POST', headers: { 'Content-Length': '40000000' } })
    expect(await line('/sub/ReadAndWriteEcho')).toMatchObject({ 'sc-status': '413', 'sc-substatus': '1' })
    const raw = await connectRaw(daemon.port)
    raw.send('no request at all\r\n\r\n')
    await raw.ended
    await eventually('there is a line for it', async () => (await lines()).some((each) => each['cs-method'] === '-'))
    expect((await lines()).at(-1)).toMatchObject({ 'sc-status': '400', 'cs-uri-stem': '-', 'c-ip': '127.0.0.1' })
  })

  test('has 502.5 for an app that cannot start, and the 503 of app_offline.htm', async () => {
    const { daemon, folder, line } = await logging([], { processPath: 'no-such-program' })
    await daemon.send('/a')
    expect(await line('/a')).toMatchObject({ 'sc-status': '502', 'sc-substatus': '5', 'x-pid': '-' })
    await dropOfflineFile(folder)
    await daemon.event('applicationOffline')
    await daemon.send('/b')
    expect(await line('/b')).toMatchObject({ 'sc-status': '503', 'sc-substatus': '0' })
  })

  test('has a client that left (64), an app that took too long (121), an app that broke off (12030)', async () => {
    const { daemon, line } = await logging([], { requestTimeout: '00:00:05' })
    await daemon.text('/')
    const raw = await connectRaw(daemon.port)
    raw.send('GET /WaitForAbort HTTP/1.1\r\nHost: x\r\n\r\n')
    await eventually('the app has the request', async () => (await daemon.text('/WaitingRequestCount')) === '1')
    raw.socket.destroy()
    expect(await line('/WaitForAbort')).toMatchObject({ 'sc-win32-status': '64' })
    await daemon.send('/DoSleep60000')
    expect(await line('/DoSleep60000')).toMatchObject({
      'sc-status': '502',
      'sc-substatus': '3',
      'sc-win32-status': '121',
    })
    await daemon.send('/TruncatedBody').catch(() => undefined)
    expect(await line('/TruncatedBody')).toMatchObject({ 'sc-status': '200', 'sc-win32-status': '12030' })
  })

  test('has a WebSocket at its end, with the bytes in both directions', async () => {
    const { daemon, lines } = await logging()
    const echo = await EchoSocket.open(daemon.port)
    await echo.echo('hello')
    expect(await lines()).toEqual([])
    echo.socket.close(1000, 'done')
    await echo.closed
    const [first] = await eventually('there is a line', async () => {
      const all = await lines()
      return all.length > 0 ? all : undefined
    })
    expect(first).toMatchObject({ 'sc-status': '101', 'sc-win32-status': '0' })
    expect(Number(first?.['sc-bytes'])).toBeGreaterThan(5)
    expect(Number(first?.['cs-bytes'])).toBeGreaterThan(9)
  })

  test('has requests over HTTP/2, and the client behind a trusted proxy', async () => {
    const folder = await temporaryFolder()
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
    await writeFile(cert, testCertificate.cert)
    await writeFile(key, testCertificate.key)
    const { daemon, line } = await logging([
      ...['--https-port', '0', '--cert', cert, '--key', key, '--trusted-proxy', '127.0.0.1'],
    ])
    const { port } = await daemon.event('listening', ({ url }) => String(url).startsWith('https:'))
    const session = connect(`https://127.0.0.1:${String(port)}`, { rejectUnauthorized: false })
    await new Promise<void>((resolve, reject) => {
      const stream = session.request({ ':path': '/HelloWorld', 'x-forwarded-for': '192.0.2.9' })
      stream.on('error', reject).on('end', resolve).resume()
    })
    session.close()
    expect(await line('/HelloWorld')).toMatchObject({ 'cs-version': 'HTTP/2.0', 'c-ip': '192.0.2.9', 'sc-bytes': '11' })
  })

  test('loses no line when it is renamed and SIGHUP comes, while requests go on', async () => {
    const { daemon, file } = await logging()
    await daemon.text('/')
    const sent: string[] = []
    let isOver = false
    const agent = new Agent({ keepAlive: true, maxSockets: 4 })
    const traffic = async (name: string): Promise<void> => {
      for (let i = 0; !isOver; i++) {
        await daemon.send(`/${name}-${String(i)}`, { agent })
        sent.push(`/${name}-${String(i)}`)
      }
    }
    const running = ['a', 'b', 'c'].map(traffic)
    for (let round = 0; round < 3; round++) {
      const before = sent.length
      await eventually('some more requests', () => sent.length > before + 20)
      await rename(file, `${file}.${String(round)}`)
      daemon.signal('SIGHUP')
      await eventually('there is a new file', async () => (await readW3c(file)).length > 0)
    }
    isOver = true
    await Promise.all(running)
    agent.destroy()
    await daemon.stop()
    const files = await Promise.all([`${file}.0`, `${file}.1`, `${file}.2`, file].map(readW3c))
    const stems = files.flat().map((each) => each['cs-uri-stem'])
    expect(stems.slice(1).sort()).toEqual(sent.sort())
  })

  test('goes to stdout with -, as JSON', async () => {
    const folder = await copyApp('node-twin')
    const args = ['--access-log', '-', '--access-log-format', 'json', '--app-output', 'off']
    const daemon = await startDaemon(folder, { args })
    await daemon.text('/HelloWorld')
    await eventually('the line is there', () => daemon.stdout.endsWith('\n'))
    expect(JSON.parse(daemon.stdout)).toMatchObject({
      url: { path: '/HelloWorld' },
      http: { response: { status_code: 200 } },
    })
  })

  test('holds up no request when it is a pipe that nobody reads', async () => {
    const pipe = join(await temporaryFolder(), 'pipe')
    execFileSync('mkfifo', [pipe])
    const daemon = await startDaemon(await copyApp('node-twin'), { args: ['--access-log', pipe] })
    for (let i = 0; i < 20; i++) await daemon.text('/')
    expect(await daemon.event('accessLogFailed')).toMatchObject({ file: pipe, code: 'ENXIO' })
    expect(await daemon.stop()).toBe(0)
    expect(await daemon.event('accessLogIncomplete')).toMatchObject({ file: pipe, lines: 20 })
  })

  test('of a site is in a folder with daily files, and is put into force by a reload without a recycle', async () => {
    const folder = await temporaryFolder()
    const site = `<logFile enabled="true" directory="${folder}" />`
    const daemon = await startWithHostFile({ folder: await copyApp('node-twin'), site })
    const pid = await daemon.processId()
    const names = await eventually('there is a file', async () => {
      const found = await readdir(join(folder, 'W3SVC1')).catch(() => [])
      return found.length > 0 ? found : undefined
    })
    expect(names).toEqual([expect.stringMatching(/^u_ex\d{6}\.log$/)])
    const file = join(folder, 'W3SVC1', names[0] ?? '')
    await eventually('the line is there', async () => (await readW3c(file)).length === 1)
    daemon.signal('SIGHUP')
    await daemon.event('configReloaded')
    expect(await daemon.processId()).toBe(pid)
  })

  test.skipIf(!hasProgram('goaccess')).each([
    ['w3c', 'W3C'],
    ['combined', 'COMBINED'],
  ])('as %s is read by goaccess, every line', async (format, name) => {
    const { daemon, file, folder } = await logging(['--access-log-format', format])
    const paths = ['/', '/a%20b', '/%E2%80%A8', '/%22', '/x?y=%20z&q=%22', '/%5C%22', '/%C3%A9']
    for (const path of paths) {
      for (const agent of ['-', 'a"b', 'a\\"b c', 'Mozilla/5.0 (X11; Linux x86_64)', 'tab\there']) {
        await daemon.send(path, { headers: { 'User-Agent': agent, Referer: 'http://x/"y z"' } })
      }
    }
    await daemon.send('/gone', { method: 'DELETE' })
    const raw = await connectRaw(daemon.port)
    raw.send('GET /WaitForAbort HTTP/1.1\r\nHost: x\r\n\r\n')
    await eventually('the app has the request', async () => (await daemon.text('/WaitingRequestCount')) === '1')
    raw.socket.destroy()
    await daemon.stop()
    const report = join(folder, 'report.json')
    await execute(program('goaccess'), [file, `--log-format=${name}`, '--no-progress', '-o', report])
    const { general } = JSON.parse(await readFile(report, 'utf8')) as { general: Record<string, number> }
    expect(general).toMatchObject({ failed_requests: 0, valid_requests: general['total_requests'] })
    expect(general['total_requests']).toBeGreaterThan(paths.length * 5 + 2)
  })
})
