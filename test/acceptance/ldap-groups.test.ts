import { chmod, readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ancmd, type Daemon, startDaemon } from '../support/daemon.ts'
import { buildStartupHooks, dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { atTheEnd } from '../support/ending.ts'
import { eventually } from '../support/eventually.ts'
import { editWebConfig, temporaryFolder } from '../support/folders.ts'
import { hasKerberos, Kdc } from '../support/kdc.ts'
import { kerberosSite } from '../support/kerberos-site.ts'
import { directoryBase, hasSlapd, reader, Slapd } from '../support/slapd.ts'

const users = ['alice', 'bob', 'carol', '*', 'alice)(uid=*', 'stranger']

describe.skipIf(!hasKerberos || !hasSlapd)('groups of a directory', () => {
  let kdc: Kdc
  let slapd: Slapd
  let password: string
  beforeAll(async () => {
    kdc = await Kdc.start(users)
    password = join(await temporaryFolder(), 'password')
    await writeFile(password, `${reader.password}\n`, { mode: 0o600 })
    slapd = await Slapd.start(
      users.filter((user) => user !== 'stranger'),
      {
        'Bright (people) *': ['alice'],
        Middle: ['Bright (people) *'],
        Auditors: ['Middle'],
        Round: ['bob', 'Back'],
        Back: ['Round'],
        Stars: ['*'],
      },
    )
  })
  beforeEach(async () => {
    await slapd.end()
    await slapd.open()
  })
  const { folderFor, ask } = kerberosSite(() => kdc)
  const attributesFor = (server = `ldap://127.0.0.1:${String(slapd.port)}`, more = ''): string => {
    return (
      `groups="ldap" ldapServer="${server}" ldapBase="${directoryBase}" ldapUser="${reader.user}" ` +
      `ldapPasswordFile="${password}" ${more}`
    )
  }
  /** An application that lets the members of these groups in. */
  const startFor = async (roles: string, attributes = attributesFor(), otherRules = ''): Promise<Daemon> => {
    const folder = await folderFor({ attributes })
    const rules = `<authorization><clear /><add accessType="Allow" roles="${roles}" />${otherRules}</authorization>`
    const file = join(folder, 'web.config')
    await writeFile(file, (await readFile(file, 'utf8')).replace('</authentication>', `</authentication>${rules}`))
    return startDaemon(folder, { environment: kdc.daemonEnvironment })
  }
  const statusOf = async (daemon: Daemon, user: string): Promise<number> => {
    const [ticket] = await kdc.tickets(user)
    return (await ask(daemon, ticket)).status
  }
  const whyRefused = async (daemon: Daemon): Promise<unknown> => (await daemon.event('requestRefused'))['why']

  test.skipIf(!hasDotnet)(
    'authentication-groups: nested groups of the directory are the roles of an unmodified app',
    async () => {
      await buildStartupHooks()
      const folder = await dotnetApp('auth')
      const section = `<windowsAuthentication enabled="true" keytab="${kdc.keytab}" netbiosName="TEST" ${attributesFor()} />`
      await editWebConfig(folder, {
        environment: { AuthAppRole: 'TEST\\Auditors' },
        webServer: `<security><authentication>${section}</authentication></security>`,
      })
      const daemon = await startDaemon(folder, { environment: kdc.daemonEnvironment })
      const [first = '', second = ''] = await kdc.tickets('alice', 2)
      const [ofBob = ''] = await kdc.tickets('bob')
      expect((await ask(daemon, first, '/audit')).status).toBe(200)
      expect((await ask(daemon, ofBob, '/audit')).status).toBe(403)
      const seen = JSON.parse((await ask(daemon, second, '/whoami')).text) as { name: string; roles: string }
      expect(seen.name).toBe('TEST\\alice')
      const names = ['Bright (people) *', 'Middle', 'Auditors']
      expect(seen.roles.split(',')).toEqual(names.flatMap((name) => [name, `TEST\\${name}`]))
    },
  )

  test('authentication-groups: rules of the front ask for them, also where groups are members of each other', async () => {
    const daemon = await startFor('Back')
    expect(await statusOf(daemon, 'bob')).toBe(200)
    expect(await statusOf(daemon, 'alice')).toBe(401)
    expect(await statusOf(daemon, 'carol')).toBe(401)
  })

  test("authentication-groups: a user whose name has characters of a filter has nobody else's groups", async () => {
    const daemon = await startFor('Auditors,Round')
    expect(await statusOf(daemon, '*')).toBe(401)
    expect(await statusOf(daemon, 'alice)(uid=*')).toBe(401)
    expect(await statusOf(await startFor('Stars'), '*')).toBe(200)
  })

  test('authentication-groups: who is not in the directory is a user without groups, and the log says so', async () => {
    const daemon = await startFor('Auditors', attributesFor(), '<add accessType="Allow" users="stranger@TEST.LOCAL" />')
    expect(await statusOf(daemon, 'stranger')).toBe(200)
    expect(await daemon.event('userNotInDirectory')).toMatchObject({
      user: 'stranger@TEST.LOCAL',
      reason: `the directory has no such user below ${directoryBase}`,
    })
  })

  test('authentication-groups: a user is looked up once, and everybody over one connection, which is made again when it is lost', async () => {
    const daemon = await startFor('Auditors')
    const tickets = await kdc.tickets('alice', 10)
    const all = await Promise.all(tickets.map((ticket) => ask(daemon, ticket)))
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]))
    const searches = slapd.count(`SRCH base="${directoryBase}"`)
    expect(await statusOf(daemon, 'alice')).toBe(200)
    expect(slapd.count(`SRCH base="${directoryBase}"`)).toBe(searches)
    expect(slapd.count('uid=alice')).toBeGreaterThan(0)
    expect(await statusOf(daemon, 'bob')).toBe(401)
    expect(slapd.count('ACCEPT')).toBe(1)
    await slapd.end()
    await slapd.open()
    expect(await statusOf(daemon, 'carol')).toBe(401)
    expect(slapd.count('ACCEPT')).toBe(1)
  })

  test('authentication-groups: while the directory is away users get 503, who is known gets in, and when it is back everybody does', async () => {
    const daemon = await startFor('Auditors,Round')
    expect(await statusOf(daemon, 'alice')).toBe(200)
    await slapd.end()
    expect(await statusOf(daemon, 'bob')).toBe(503)
    expect(String(await whyRefused(daemon))).toMatch(
      /^the groups of bob@TEST\.LOCAL cannot be found out: ldap:\/\/127\.0\.0\.1:\d+: connect ECONNREFUSED/,
    )
    expect(await statusOf(daemon, 'alice')).toBe(200)
    await slapd.open()
    expect(await statusOf(daemon, 'bob')).toBe(200)
  })

  test.each([
    ['is silent', () => undefined, /no answer within 2 seconds$/],
    ['talks nonsense', () => 'HTTP/1.1 400 Bad Request\r\n\r\n', /no answer within 2 seconds$/],
    ['hangs up', () => null, /the directory has closed the connection$/],
  ])('authentication-groups: a server that %s is passed over, and gets 503 where it is the only one', async (_, says, reason) => {
    const other = createServer((socket) => {
      const said = says()
      socket.on('error', () => undefined)
      if (said === null) socket.destroy()
      else if (said !== undefined) socket.write(said)
    })
    const url = `ldap://127.0.0.1:${String(await listen(other))}`
    const daemon = await startFor('Auditors', attributesFor(url))
    expect(await statusOf(daemon, 'alice')).toBe(503)
    expect(await whyRefused(daemon)).toMatch(reason)
    const both = await startFor('Auditors', attributesFor(`${url} ldap://127.0.0.1:${String(slapd.port)}`))
    expect(await statusOf(both, 'alice')).toBe(200)
  })

  test('authentication-groups: a password goes over TLS alone, from the first byte or by StartTLS, to a server with a good certificate', async () => {
    const ca = `ldapCa="${slapd.certificate.cert}"`
    const overTls = `ldaps://localhost:${String(slapd.tlsPort)}`
    const byStartTls = `ldap://0.0.0.0:${String(slapd.port)}`
    for (const server of [overTls, byStartTls]) {
      expect(await statusOf(await startFor('Auditors', attributesFor(server, ca)), 'alice')).toBe(200)
    }
    expect(slapd.count('STARTTLS')).toBe(1)
    const binds = slapd.count('BIND dn=')
    for (const server of [overTls, byStartTls]) {
      const daemon = await startFor('Auditors', attributesFor(server))
      expect(await statusOf(daemon, 'alice')).toBe(503)
      expect(await whyRefused(daemon)).toMatch(/self-signed certificate/)
    }
    expect(slapd.count('BIND dn=')).toBe(binds)
  })

  test('authentication-groups: a password that the directory refuses is 503, sent once, and never in the log', async () => {
    const wrong = join(await temporaryFolder(), 'password')
    await writeFile(wrong, 'a wrong secret\n', { mode: 0o600 })
    const daemon = await startFor('Auditors', attributesFor().replace(password, wrong))
    expect(await statusOf(daemon, 'alice')).toBe(503)
    expect(await whyRefused(daemon)).toMatch(/the directory refuses ldapUser or its password: .*0x31$/)
    expect(await statusOf(daemon, 'bob')).toBe(503)
    expect(slapd.count('BIND dn=')).toBe(1)
    expect(daemon.stderr).not.toContain('a wrong secret')
  })

  test('authentication-groups: check names what is missing, and a password that everybody may read is 500.19', async () => {
    const open = join(await temporaryFolder(), 'password')
    await writeFile(open, 'x\n')
    await chmod(open, 0o644)
    const environment = kdc.daemonEnvironment
    const folder = await folderFor({ attributes: attributesFor().replace(password, open) })
    expect((await ancmd(['check', folder], { environment })).stdout).toContain(
      `error: Everybody on this machine may use ldapPasswordFile ${open}. Take the right away: chmod o-rwx '${open}'.`,
    )
    const good = await ancmd(['check', await folderFor({ attributes: attributesFor() })], { environment })
    expect([good.code, good.stdout]).toEqual([
      0,
      expect.stringContaining(
        `groups below ${directoryBase} of ldap://127.0.0.1:${String(slapd.port)} as ${reader.user}`,
      ),
    ])
  })

  test('authentication-groups: doctor asks the directory, and says why it cannot be asked', async () => {
    const doctor = async (attributes: string) => {
      const folder = await folderFor({ attributes })
      return (await ancmd(['doctor', folder], { environment: kdc.daemonEnvironment })).stdout
    }
    const server = `ldap://127.0.0.1:${String(slapd.port)}`
    expect(await doctor(attributesFor())).toMatch(`directory      a directory answers at ${server}`)
    expect(await doctor(attributesFor().replace(directoryBase, 'dc=other'))).toContain(
      `error    directory      The directory cannot be asked for groups, so users get 503: ${server}: the directory says:`,
    )
    await slapd.end()
    expect(await doctor(attributesFor())).toMatch(/users get 503: ldap:\S+: connect ECONNREFUSED/)
  })

  test('authentication-groups: the connection ends by itself, and a daemon that stops does not wait for it', async () => {
    const daemon = await startFor('Auditors')
    expect(await statusOf(daemon, 'alice')).toBe(200)
    expect(slapd.count('ACCEPT')).toBe(1)
    await eventually('the connection has ended', () => slapd.count('UNBIND') === 1, 60_000)
    expect(await statusOf(daemon, 'bob')).toBe(401)
    expect(slapd.count('ACCEPT')).toBe(2)
    expect(await daemon.stop()).toBe(0)
    await eventually('the directory has seen it', () => slapd.count(' closed') === 2)
    expect(slapd.count('UNBIND')).toBe(1)
  })
})

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atTheEnd(() => {
    server.close()
  })
  return (server.address() as { port: number }).port
}
