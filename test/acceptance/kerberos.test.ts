import { writeFile } from 'node:fs/promises'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { testCertificate } from '../support/certificate.ts'
import { temporaryFolder } from '../support/folders.ts'
import { hasKerberos, host, Kdc, ntlmTokens } from '../support/kdc.ts'
import { kerberosSite } from '../support/kerberos-site.ts'

describe.skipIf(!hasKerberos)('Negotiate with a realm of Kerberos', () => {
  let kdc: Kdc
  const crowd = Array.from({ length: 20 }, (_, i) => `user${String(i)}`)
  beforeAll(async () => {
    kdc = await Kdc.start(['alice', ...crowd])
  })
  const { start, here, ask, refusal } = kerberosSite(() => kdc)

  test('authentication-negotiate: without a ticket 401.2 and Negotiate, and the app is not started', async () => {
    const { daemon } = await start()
    const answer = await ask(daemon)
    expect([answer.status, answer.field('WWW-Authenticate')]).toEqual([401, ['Negotiate']])
    expect(answer.text).toContain('<title>HTTP Error 401.2 - ')
    expect(daemon.seen('processStarted')).toEqual([])
  })

  test('authentication-negotiate: a ticket gets 200 and the reply token, the log knows the user, and the app sees no ticket', async () => {
    const { daemon, userOf } = await start()
    const got = await kdc.curl('alice', ['-i', '--anyauth', ...here(daemon, '/HelloWorld?curl')])
    expect(got).toMatch(
      /^HTTP\/1\.1 401 [^]*\r\n\r\nHTTP\/1\.1 200 [^]*\r\nWWW-Authenticate: Negotiate \S+\r\n[^]*Hello World$/,
    )
    expect(await userOf('/HelloWorld?curl')).toBe('alice@TEST.LOCAL')
    expect(await kdc.curl('alice', here(daemon, '/GetRequestHeaderValueAuthorization'))).toBe('')
    expect(await kdc.curl('alice', here(daemon, '/ExpandEnvironmentVariables%25KRB5_KTNAME%25'))).not.toContain(
      'keytab',
    )
    expect(daemon.stderr).not.toContain('Negotiate YI')
  })

  test('authentication-negotiate: with both kinds on, the app asks for users where it wants them', async () => {
    const { daemon, userOf } = await start({ anonymous: true })
    expect((await ask(daemon)).status).toBe(200)
    const secret = '/SetCustomErorCode?code=401'
    expect((await ask(daemon, undefined, secret)).field('WWW-Authenticate')).toEqual(['Negotiate'])
    await kdc.curl('alice', here(daemon, secret))
    expect(await userOf(secret)).toBe('alice@TEST.LOCAL')
    expect((await ask(daemon, 'Negotiate AAAA')).status).toBe(401)
  })

  test('authentication-negotiate: NTLM, raw and wrapped, is 401.1, and the log says what the client lacks', async () => {
    const { daemon } = await start()
    const { raw, wrapped } = ntlmTokens()
    const refused = [401, '401.1', ['Negotiate']]
    for (const token of [raw, wrapped, raw.replace('Negotiate', 'NTLM')])
      expect(await refusal(daemon, token)).toEqual(refused)
    const event = await daemon.event('requestRefused')
    expect(String(event['why'])).toContain('the client had no ticket of Kerberos and sent NTLM')
  })

  test('authentication-negotiate: a ticket for another service, one sent twice, garbage and nothing are 401.1', async () => {
    const { daemon } = await start()
    const [other = ''] = await kdc.tickets('alice', 1, `other@${host}`)
    const [ticket = ''] = await kdc.tickets('alice')
    const refused = [401, '401.1', ['Negotiate']]
    expect(await refusal(daemon, other)).toEqual(refused)
    expect((await ask(daemon, ticket)).status).toBe(200)
    expect(await refusal(daemon, ticket)).toEqual(refused)
    for (const token of ['Negotiate', 'Negotiate AAAA', 'Negotiate !', `Negotiate ${'QUFB'.repeat(2000)}`]) {
      expect(await refusal(daemon, token)).toEqual(refused)
    }
    const causes = daemon.seen('requestRefused').map(({ why }) => String(why))
    expect(causes[0]).toContain('the ticket is for other/app.test.local, and not for a service HTTP')
    expect(causes[1]).toContain('replay')
  })

  test('authentication-negotiate: twenty users at once are never mixed', async () => {
    const { daemon, userOf } = await start()
    const tickets = await Promise.all(crowd.map((user) => kdc.tickets(user, 3)))
    const asked = crowd.flatMap((user, i) => (tickets[i] ?? []).map((ticket, j) => ({ user, ticket, j })))
    const agent = new Agent({ keepAlive: true, maxSockets: 7 })
    const statuses = await Promise.all(
      asked.map(async ({ user, ticket, j }) => {
        const headers = { Authorization: ticket }
        return (await daemon.send(`/HelloWorld?${user}-${String(j)}`, { headers, agent })).status
      }),
    )
    agent.destroy()
    expect(new Set(statuses)).toEqual(new Set([200]))
    for (const { user, j } of asked) expect(await userOf(`/HelloWorld?${user}-${String(j)}`)).toBe(`${user}@TEST.LOCAL`)
  })

  test('authentication-negotiate: fifty first requests at once start one process and all get in', async () => {
    const { daemon } = await start()
    const tickets = await kdc.tickets('alice', 50)
    const statuses = await Promise.all(tickets.map(async (ticket) => (await ask(daemon, ticket)).status))
    expect(statuses.filter((status) => status !== 200)).toEqual([])
    expect(daemon.seen('processStarted')).toHaveLength(1)
  })

  test('authentication-negotiate: a POST of 1 MiB gets 401, and then 200 with the whole body', async () => {
    const { daemon } = await start()
    const file = join(await temporaryFolder(), 'body')
    await writeFile(file, Buffer.alloc(1_048_576, 'x'))
    const args = ['--anyauth', '-H', 'Expect:', '--data-binary', `@${file}`, '-w', ' %{http_code} %{num_connects}']
    const got = await kdc.curl('alice', [...args, ...here(daemon, '/ReadAndWriteEcho')])
    expect(got.slice(-6)).toMatch(/ 200 \d$/)
    expect(got.replace(/ 200 \d$/, '')).toBe('x'.repeat(1_048_576))
  })

  test('authentication-negotiate: a WebSocket needs a ticket for its handshake, and gets the reply token', async () => {
    const { daemon, userOf } = await start()
    const url = `ws://127.0.0.1:${String(daemon.port)}/websocket`
    const refused = new WebSocket(url)
    const status = await new Promise((resolve) => {
      refused.once('unexpected-response', (_request, response) => {
        resolve(response.statusCode)
      })
    })
    expect(status).toBe(401)
    const [ticket = ''] = await kdc.tickets('alice')
    const socket = new WebSocket(`${url}?known`, { headers: { Authorization: ticket } })
    const token = new Promise((resolve) => {
      socket.once('upgrade', ({ headers }) => {
        resolve(headers['www-authenticate'])
      })
    })
    const echoed = await new Promise((resolve, reject) => {
      socket.once('error', reject)
      socket.once('open', () => {
        socket.send('hello')
      })
      socket.once('message', (data: Buffer) => {
        resolve(data.toString())
      })
    })
    expect(echoed).toBe('hello')
    expect(await token).toMatch(/^Negotiate \S+$/)
    socket.terminate()
    expect(await userOf('/websocket?known')).toBe('alice@TEST.LOCAL')
  })

  test('authentication-negotiate: clients of HTTP/2 send a ticket with each request', async () => {
    const folder = await temporaryFolder()
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
    await writeFile(cert, testCertificate.cert)
    await writeFile(key, testCertificate.key)
    const { daemon, userOf } = await start({ options: { args: ['--https-port', '0', '--cert', cert, '--key', key] } })
    const { port } = await daemon.event('listening', ({ url }) => String(url).startsWith('https:'))
    const place = `${host}:${String(port)}`
    const url = `https://${place}/HelloWorld?h2`
    const args = ['-k', '--http2', '-w', ' %{http_version}', '--resolve', `${place}:127.0.0.1`, url]
    expect(await kdc.curl('alice', args)).toMatch(/Hello World 2$/)
    expect(await userOf('/HelloWorld?h2')).toBe('alice@TEST.LOCAL')
  })

  test('authentication-negotiate: tickets go on while the key distribution centre is down', async () => {
    const { daemon } = await start()
    expect(await kdc.curl('alice', here(daemon, '/HelloWorld'))).toBe('Hello World')
    await kdc.end()
    expect(await kdc.curl('alice', here(daemon, '/HelloWorld'))).toBe('Hello World')
  })
})
