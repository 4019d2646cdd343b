import { describe, expect, test } from 'vitest'
import type { RecordedConnection, Recorder } from '../support/recorder.ts'
import { valuesOf } from '../support/strict-reader.ts'
import { askOver as ask } from './ask-over.ts'
import { engines } from './engines.ts'
import { openApp, openPipeline } from './fixtures.ts'

const get = (target: string, ...fields: readonly string[]): string =>
  `GET ${target} HTTP/1.1\r\nHost: h\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`

const refusal = (challenge: string, status = '401 Unauthorized'): string =>
  `HTTP/1.1 ${status}\r\n${challenge}\r\nContent-Length: 0\r\n\r\n`

/**
 * An application that authenticates a connection, as Kestrel with Negotiate does: `/` needs a user, `NTLM 1` begins and `NTLM 3`
 * ends the handshake, and whoever comes over the connection from then on is that user.
 */
function openHouse(): Promise<Recorder> {
  const users = new Map<RecordedConnection, string>()
  return openApp((request, connection) => {
    const [credentials = ''] = valuesOf(request.fields, 'Authorization')
    const [, leg, user = ''] = /^NTLM (\d)(.*)$/.exec(credentials) ?? []
    if (leg === '3') users.set(connection, user)
    const name = users.get(connection)
    if (leg === '1') connection.send(refusal('WWW-Authenticate: NTLM TlRMTQ=='))
    else if (request.target === '/' && name === undefined) connection.send(refusal('WWW-Authenticate: NTLM'))
    else {
      const text = `you are ${name ?? 'nobody'}`
      connection.send(`HTTP/1.1 200 OK\r\nContent-Length: ${String(text.length)}\r\n\r\n${text}`)
    }
  })
}

describe.each(engines)('connections that $name has to an application which authenticates connections', (engine) => {
  test('carry the requests of one client only, and end with it', async () => {
    const app = await openHouse()
    const pipeline = await openPipeline(engine, app.port)
    const [alice, bob] = [await pipeline.connect(), await pipeline.connect()]
    const challenged = await ask(pipeline, app, alice, get('/'))
    const first = await ask(pipeline, app, alice, get('/', 'Authorization: NTLM 1'))
    const third = await ask(pipeline, app, alice, get('/', 'Authorization: NTLM 3alice'))
    await alice.until('you are alice')
    expect(third).toBe(first)

    const others = [
      await ask(pipeline, app, bob, get('/other')),
      await ask(pipeline, app, bob, 'POST /other HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi'),
    ]
    expect(bob.received).not.toContain('alice')
    expect(others).not.toContain(challenged)
    expect(others).not.toContain(first)
    expect(await ask(pipeline, app, alice, get('/again'))).toBe(first)
    await alice.until((received) => received.split('you are alice').length === 3)

    alice.end()
    await first.ended
    expect(await ask(pipeline, app, bob, get('/other'))).toBe(others[0])
  })

  test.each([
    'WWW-Authenticate: NTLM',
    'www-authenticate: negotiate oRQwEqADCgEB',
    'WWW-Authenticate: Basic realm="x", Negotiate',
    'WWW-Authenticate: Basic realm="x"\r\nWWW-Authenticate: NTLM',
    'WWW-Authenticate:\tNegotiate,NTLM',
    'Proxy-Authenticate: NTLM',
  ])('are kept for their client from the challenge %j on', async (challenge) => {
    const app = await openApp((_request, connection) => {
      connection.send(refusal(challenge, challenge.startsWith('P') ? '407 Proxy Authentication Required' : '200 OK'))
    })
    const pipeline = await openPipeline(engine, app.port)
    const [one, other] = [await pipeline.connect(), await pipeline.connect()]
    const first = await ask(pipeline, app, one, get('/'))
    expect(await ask(pipeline, app, other, get('/'))).not.toBe(first)
    // Whatever connection the client has from now on is its own.
    const own = await ask(pipeline, app, one, get('/'))
    expect(await ask(pipeline, app, one, get('/'))).toBe(own)
    one.destroy()
    await first.ended
    await own.ended
  })

  test.each([
    'Authorization: NTLM TlRMTVNTUAAB',
    'authorization: negotiate YIIH',
    'Proxy-Authorization: NTLM x',
  ])('are kept for their client from the credentials %j on, even without a challenge', async (credentials) => {
    const app = await openApp()
    const pipeline = await openPipeline(engine, app.port)
    const [one, other] = [await pipeline.connect(), await pipeline.connect()]
    const shared = await ask(pipeline, app, one, get('/'))
    const first = await ask(pipeline, app, one, get('/', credentials))
    expect(await ask(pipeline, app, other, get('/'))).not.toBe(first)
    expect(await ask(pipeline, app, one, get('/'))).toBe(first)
    one.end()
    await first.ended
    if (shared !== first) expect(shared.ending).toBeUndefined()
  })

  test.each([
    ['WWW-Authenticate: Basic realm="Negotiate"', 'Authorization: Basic TlRMTQ=='],
    ['WWW-Authenticate: Bearer realm=NTLM', 'Authorization: Bearer NTLM'],
    ['WWW-Authenticate: NTLMv2', 'Authorization: Negotiated x'],
    ['X-WWW-Authenticate: NTLM', 'X-Authorization: NTLM'],
  ])('are shared by all clients with %j and %j', async (challenge, credentials) => {
    const app = await openApp((_request, connection) => {
      connection.send(refusal(challenge))
    })
    const pipeline = await openPipeline(engine, app.port)
    const [one, other] = [await pipeline.connect(), await pipeline.connect()]
    const first = await ask(pipeline, app, one, get('/', credentials))
    expect(await ask(pipeline, app, other, get('/', credentials))).toBe(first)
    one.destroy()
    expect(await ask(pipeline, app, other, get('/'))).toBe(first)
  })

  test('may end before the client does, which then gets another one of its own', async () => {
    const app = await openHouse()
    const pipeline = await openPipeline(engine, app.port)
    const alice = await pipeline.connect()
    const first = await ask(pipeline, app, alice, get('/', 'Authorization: NTLM 3alice'))
    first.end()
    await first.ended
    const second = await ask(pipeline, app, alice, get('/'))
    await alice.until(/401 [^]*\r\n\r\n$/)
    expect(second).not.toBe(first)
    expect(await ask(pipeline, app, alice, get('/', 'Authorization: NTLM 3alice'))).toBe(
      await ask(pipeline, app, alice, get('/')),
    )
  })

  test('end with a client that leaves while its request is under way', async () => {
    const app = await openApp((request, connection) => {
      if (request.target === '/') connection.send(refusal('WWW-Authenticate: NTLM'))
    })
    const pipeline = await openPipeline(engine, app.port)
    const client = await pipeline.connect()
    await ask(pipeline, app, client, get('/'))
    client.send(get('/silent', 'Authorization: NTLM 1'))
    await expect.poll(() => app.requests.length).toBe(2)
    client.destroy()
    await Promise.all(app.connections.map((connection) => connection.ended))
    expect(await pipeline.delivery(1)).toMatchObject({ failure: { side: 'client' } })
  })

  test('end when the upstream is closed', async () => {
    const app = await openHouse()
    const pipeline = await openPipeline(engine, app.port)
    const alice = await pipeline.connect()
    const first = await ask(pipeline, app, alice, get('/', 'Authorization: NTLM 3alice'))
    pipeline.upstream.close()
    await first.ended
  })
})
