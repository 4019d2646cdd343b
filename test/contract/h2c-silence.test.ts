import { type ChildProcess, spawn } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openHttp2Upstream } from '../../src/forward/http2/forwarder.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { openH2cApp } from '../support/h2c-app.ts'
import { openRawH2cApp } from '../support/http2/raw-h2c-app.ts'
import { openPipeline } from './fixtures.ts'
import { h2cFronts } from './h2c-fronts.ts'

const GET = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'
const HANG = 'GET /hang HTTP/1.1\r\nHost: h\r\n\r\n'

/** The fronts before a forwarder that loses its patience soon. */
const impatient = h2cFronts.map((engine) => ({
  ...engine,
  openUpstream: openHttp2Upstream(systemClock, { pingAfterMs: 100, pingTimeoutMs: 1000 }),
}))

/** An app in a process of its own: `/` is answered with its pid, `/hang` with the beginning of an answer. */
async function startApp(): Promise<{ readonly port: number; readonly child: ChildProcess }> {
  const program = `
    const server = require('node:http2').createServer()
    server.on('session', (session) => session.on('error', () => undefined))
    server.on('stream', (stream, headers) => {
      stream.on('error', () => undefined)
      stream.respond({ ':status': 200 })
      if (headers[':path'] === '/hang') stream.write('part')
      else stream.end('hello')
    })
    server.listen(0, '127.0.0.1', () => console.log(server.address().port))`
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const port = await new Promise<number>((resolve) =>
    child.stdout.once('data', (line: Buffer) => {
      resolve(Number(line.toString()))
    }),
  )
  return { port, child }
}

describe.each(impatient)('an h2c application that does not answer, without requestTimeout, behind $name', (engine) => {
  test('a stopped process: what is under way fails, and when it goes on the next request has another connection', async () => {
    const app = await startApp()
    const { connect, delivery } = await openPipeline(engine, app.port)
    const warm = await connect()
    warm.send(GET)
    await warm.until('hello')
    const [begun, unheard] = [await connect(), await connect()]
    begun.send(HANG)
    await begun.until('part')
    app.child.kill('SIGSTOP')
    unheard.send(GET)
    await begun.untilEnded()
    expect(begun.ending).toBe('reset')
    expect(await delivery(1)).toMatchObject({ failure: { kind: 'read-response', side: 'application', started: true } })
    // It is not sent twice: the application may have read it.
    await unheard.until('HTTP/1.1 502')
    const { failure } = (await delivery(2)) as { failure: { kind: string; cause: Error } }
    expect(failure.kind).toBe('await-response')
    expect(failure.cause.message).toContain('PING')
    app.child.kill('SIGCONT')
    warm.send(GET)
    await warm.until((text) => text.split('hello').length === 3)
  })

  test('garbage in the middle of a connection: the answer ends in a reset, and the next request is served', async () => {
    const app = await openRawH2cApp((connection, stream) => {
      connection.begin(stream, 'part')
    })
    const { connect, delivery } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(GET)
    await client.until('part')
    app.connections[0]?.socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')
    await client.untilEnded()
    expect(client.ending).toBe('reset')
    expect(await delivery()).toMatchObject({ failure: { kind: 'read-response', side: 'application', started: true } })
    const next = await connect()
    next.send(GET)
    await next.until('part')
    expect(app.connections).toHaveLength(2)
  })

  test('garbage without end is noticed too', async () => {
    const app = await openRawH2cApp((connection, stream) => {
      connection.begin(stream, 'part')
    })
    const { connect } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(GET)
    await client.until('part')
    const garbage = setInterval(() => app.connections[0]?.socket.write(Buffer.alloc(1000, 'garbage ')), 20)
    await client.untilEnded()
    clearInterval(garbage)
    expect(client.ending).toBe('reset')
  })

  test('a program that takes the connection and never says a word is a 502', async () => {
    const server = createServer((socket) => void socket.on('error', () => undefined).resume())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { connect, delivery, upstream } = await openPipeline(engine, (server.address() as AddressInfo).port)
    const client = await connect()
    client.send(GET)
    await client.until('HTTP/1.1 502')
    expect(await delivery()).toMatchObject({ failure: { kind: 'connect', side: 'application', started: false } })
    upstream.close()
  })

  test('an application that thinks for long is left in peace', async () => {
    const asked: (() => void)[] = []
    const app = await openH2cApp(({ stream, headers }) => {
      stream.respond({ ':status': 200 })
      if (headers[':path'] === '/hang') stream.write('part')
      asked.push(() => stream.end('whole'))
    })
    const { connect } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(HANG)
    await client.until('part')
    const session = app.sessions[0]
    let pings = 0
    await new Promise<void>((resolve) =>
      session?.on('ping', () => {
        pings += 1
        if (pings === 4) resolve()
      }),
    )
    asked[0]?.()
    await client.until('whole')
    expect(app.sessions).toHaveLength(1)
  })
})
