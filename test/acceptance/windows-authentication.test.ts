import { readFile, writeFile } from 'node:fs/promises'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { ancmd, startDaemon } from '../support/daemon.ts'
import { startWithHostFile } from '../support/host-file.ts'
import { hasKerberos, Kdc, otherHost, withKerberosPackage } from '../support/kdc.ts'
import { kerberosSite } from '../support/kerberos-site.ts'

describe.skipIf(!hasKerberos)('windowsAuthentication', () => {
  let kdc: Kdc
  beforeAll(async () => {
    kdc = await Kdc.start(['alice', 'root'])
  })
  const { folderFor, start, ask } = kerberosSite(() => kdc)

  test('authentication-persist: without authPersistNonNTLM every request needs a ticket', async () => {
    const { daemon } = await start()
    const [ticket = ''] = await kdc.tickets('alice')
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const first = await daemon.send('/HelloWorld', { headers: { Authorization: ticket }, agent })
    const second = await daemon.send('/HelloWorld', { agent })
    agent.destroy()
    expect([first.status, second.status]).toEqual([200, 401])
  })

  test('authentication-persist: with it one ticket is enough for its connection, and for no other, and never behind a proxy', async () => {
    const attributes = 'authPersistNonNTLM="true"'
    const { daemon, userOf } = await start({ attributes })
    const [ticket = '', another = ''] = await kdc.tickets('alice', 2)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    expect((await daemon.send('/HelloWorld', { headers: { Authorization: ticket }, agent })).status).toBe(200)
    expect((await daemon.send('/HelloWorld?kept', { agent })).status).toBe(200)
    expect(await userOf('/HelloWorld?kept')).toBe('alice@TEST.LOCAL')
    expect((await ask(daemon)).status).toBe(401)
    expect((await daemon.send('/HelloWorld', { headers: { Via: '1.1 proxy' }, agent })).status).toBe(401)
    expect((await daemon.send('/HelloWorld', { headers: { Authorization: 'Negotiate AAAA' }, agent })).status).toBe(401)
    expect((await daemon.send('/HelloWorld', { agent })).status).toBe(401)
    agent.destroy()

    const behind = await start({ attributes, options: { args: ['--trusted-proxy', '127.0.0.1'] } })
    const kept = new Agent({ keepAlive: true, maxSockets: 1 })
    const headers = { Authorization: another, 'X-Forwarded-For': '192.0.2.1' }
    expect((await behind.daemon.send('/HelloWorld', { headers, agent: kept })).status).toBe(200)
    const same = { 'X-Forwarded-For': '192.0.2.1' }
    expect((await behind.daemon.send('/HelloWorld', { headers: same, agent: kept })).status).toBe(401)
    kept.destroy()
  })

  test('authentication-groups: the system says which groups a user is in, and whom it does not know gets 503', async () => {
    const folder = await folderFor({ attributes: 'groups="system" netbiosName="TEST"' })
    const rules = '<authorization><clear /><add accessType="Allow" roles="root" /></authorization>'
    const file = join(folder, 'web.config')
    await writeFile(file, (await readFile(file, 'utf8')).replace('</authentication>', `</authentication>${rules}`))
    const daemon = await startDaemon(folder, { environment: kdc.daemonEnvironment })
    const [ofRoot = ''] = await kdc.tickets('root')
    const [ofAlice = ''] = await kdc.tickets('alice')
    expect((await ask(daemon, ofRoot)).status).toBe(200)
    expect((await ask(daemon, ofAlice)).status).toBe(503)
    expect(String((await daemon.event('requestRefused'))['why'])).toMatch(/^the groups of alice@TEST\.LOCAL cannot be/)
  })

  test('authentication-groups: users of the realm have the NETBIOS name that is configured, and roles are asked for', async () => {
    const { daemon, userOf, folder } = await start({ attributes: 'netbiosName="TEST" service="HTTP@app.test.local"' })
    const [ticket = '', another = ''] = await kdc.tickets('alice', 2)
    expect((await ask(daemon, ticket, '/HelloWorld?name')).status).toBe(200)
    expect(await userOf('/HelloWorld?name')).toBe('TEST\\alice')
    const rules = '<authorization><clear /><add accessType="Allow" users="TEST\\bob" roles="staff" /></authorization>'
    const file = join(folder, 'web.config')
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replace('</authentication>', `</authentication>${rules}`))
    await daemon.event('applicationRecycled')
    const denied = await ask(daemon, another)
    expect([denied.status, denied.text.includes('HTTP Error 401.2')]).toEqual([401, true])
    await writeFile(file, text.replace('HTTP@app.', 'HTTP@www.'))
    expect((await ancmd(['check', folder], { environment: kdc.daemonEnvironment })).stdout).toContain(
      'has no key of HTTP/www.test.local, but of HTTP/app.test.local@TEST.LOCAL',
    )
  })

  test('authentication-keytab: two applications with keytabs of their own get along, each with its own', async () => {
    const folder = await folderFor()
    const other = await folderFor({ keytab: kdc.otherKeytab })
    const site = `<application path="/two"><virtualDirectory path="/" physicalPath="${other}" /></application>`
    const daemon = await startWithHostFile({ folder, site }, { environment: kdc.daemonEnvironment })
    const tickets = await kdc.tickets('alice', 10)
    const otherTickets = await kdc.tickets('alice', 10, `HTTP@${otherHost}`)
    const statuses = await Promise.all(
      tickets.flatMap((ticket, i) => [ask(daemon, ticket), ask(daemon, otherTickets[i], '/two/HelloWorld')]),
    )
    expect(new Set(statuses.map(({ status }) => status))).toEqual(new Set([200]))
    const [ticket] = await kdc.tickets('alice')
    const [otherTicket] = await kdc.tickets('alice', 1, `HTTP@${otherHost}`)
    expect((await ask(daemon, ticket, '/two/HelloWorld')).status).toBe(401)
    expect((await ask(daemon, otherTicket)).status).toBe(401)
  })

  test('authentication-keytab: a keytab that cannot be read is 500.19, and check says so', async () => {
    const folder = await folderFor({ keytab: '/no/such/keytab' })
    const environment = { ...kdc.daemonEnvironment, ...withKerberosPackage }
    const checked = await ancmd(['check', folder], { environment })
    expect(checked.code).toBe(78)
    expect(checked.stdout).toMatch(
      /web\.config:\d+:\d+: error: The keytab \/no\/such\/keytab cannot be read \(ENOENT\)\. Export the key/,
    )
    const daemon = await startDaemon(folder, { environment })
    expect((await ask(daemon)).text).toContain('<title>HTTP Error 500.19 - ')
  })

  test('authentication-keytab: without the package kerberos check names the command that installs it', async () => {
    const checked = await ancmd(['check', await folderFor()], { environment: { NODE_PATH: '/nowhere' } })
    expect(checked.stdout).toContain(
      'error: <windowsAuthentication> needs the npm package kerberos: it is not installed. Run: npm install -g kerberos@7',
    )
  })
})
