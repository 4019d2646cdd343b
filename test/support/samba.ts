import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { atTheEnd } from './ending.ts'
import { eventually } from './eventually.ts'
import { temporaryFolder } from './folders.ts'
import { canConnect, host, krb5Conf, ticketsOf } from './kdc.ts'
import { type MadeCertificate, makeCertificate } from './openssl.ts'
import { hasProgram, program } from './programs.ts'

const execute = promisify(execFile)

/** Whether a domain can be set up here, which takes root for its ports; in CI, where that is root, it has to be. */
export const hasSamba =
  process.getuid?.() === 0 &&
  (['samba', 'samba-tool', 'kinit'] as const).every(hasProgram) &&
  (process.env['CI'] === 'true' || existsSync('/usr/share/samba/setup/ad-schema'))

/** The system's own, which has Samba's modules. */
const python = '/usr/bin/python3'

/** A password that the rules of a domain allow. */
export const domainPassword = 'Of-A-Domain-1'

export interface Domain {
  readonly users: readonly string[]
  /** Groups with their members, which may be groups. */
  readonly groups: Readonly<Record<string, readonly string[]>>
  /** Those of them that are distribution lists. */
  readonly lists: readonly string[]
}

/**
 * A domain TEST.LOCAL of Active Directory: a domain controller of Samba, on the ports of LDAP and Kerberos of an address
 * of its own. The service HTTP of `host` has a key in `keytab`. Life: that of the test, or of the test file.
 */
export class Samba {
  readonly address: string
  readonly keytab: string
  readonly certificate: MadeCertificate
  readonly #folder: string
  readonly #environment: Readonly<Record<string, string>>

  private constructor(folder: string, address: string, certificate: MadeCertificate) {
    this.#folder = folder
    this.address = address
    this.certificate = certificate
    this.keytab = join(folder, 'http.keytab')
    this.#environment = { KRB5_CONFIG: join(folder, 'krb5.conf') }
  }

  static async start(domain: Domain): Promise<Samba> {
    const folder = await temporaryFolder()
    const address = `127.65.${String(randomInt(1, 255))}.${String(randomInt(1, 255))}`
    const samba = new Samba(
      folder,
      address,
      await makeCertificate({ kind: 'rsa', names: [address], isAuthority: true }),
    )
    await samba.#provision()
    const fill = [
      '-c',
      script,
      join(folder, 'etc/smb.conf'),
      JSON.stringify({ ...domain, password: domainPassword, host }),
    ]
    await execute(python, fill, { timeout: 120_000 })
    const principal = `--principal=HTTP/${host}`
    await samba.#tool(['domain', 'exportkeytab', samba.keytab, principal, '-s', join(folder, 'etc/smb.conf')])
    await samba.#open()
    for (const user of domain.users) await samba.#logIn(user)
    return samba
  }

  /** What a daemon needs, besides the keytab that its configuration names. */
  get daemonEnvironment(): Readonly<Record<string, string>> {
    return { ...this.#environment }
  }

  tickets(user: string, count = 1): Promise<string[]> {
    return ticketsOf(this.#environmentOf(user), `HTTP@${host}`, count)
  }

  #environmentOf(user: string): Readonly<Record<string, string | undefined>> {
    return { ...process.env, ...this.#environment, KRB5CCNAME: `FILE:${join(this.#folder, `cc-${user}`)}` }
  }

  async #provision(): Promise<void> {
    const { address } = this
    await writeFile(join(this.#folder, 'krb5.conf'), krb5Conf(`${address}:88`))
    await this.#tool([
      ...['domain', 'provision', '--realm=TEST.LOCAL', '--domain=TEST', '--server-role=dc', '--host-name=dc1'],
      ...['--dns-backend=NONE', `--host-ip=${address}`, `--adminpass=${domainPassword}`, `--targetdir=${this.#folder}`],
      '--option=vfs objects=dfs_samba4 acl_xattr xattr_tdb',
      `--option=interfaces=${address}/8`,
      '--option=bind interfaces only=yes',
      `--option=pid directory=${this.#folder}`,
      `--option=ncalrpc dir=${join(this.#folder, 'ncalrpc')}`,
    ])
  }

  async #open(): Promise<void> {
    const { cert, key } = this.certificate
    const options = ['server services=ldap,kdc', `tls certfile=${cert}`, `tls keyfile=${key}`, `tls cafile=${cert}`]
    const args = ['-i', '-M', 'single', '-s', join(this.#folder, 'etc/smb.conf'), '--debug-stdout']
    // It ends with its standard input, and so with the test.
    const child = spawn(program('samba'), [...args, ...options.map((option) => `--option=${option}`)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    atTheEnd(() => end(child))
    await eventually('the domain controller listens', async () => {
      if (child.exitCode !== null) throw new Error(`samba has ended:\n${output}`)
      return (await canConnect(636, this.address)) && (await canConnect(88, this.address))
    })
  }

  #logIn(user: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const options = { env: this.#environmentOf(user), timeout: 60_000 }
      const child = execFile(program('kinit'), [user], options, (error, stdout, stderr) => {
        if (error === null) resolve()
        else reject(new Error(`kinit: ${error.message}\n${stdout}${stderr}`))
      })
      child.stdin?.end(`${domainPassword}\n`)
    })
  }

  async #tool(args: readonly string[]): Promise<void> {
    await execute(program('samba-tool'), args, { timeout: 120_000, env: { ...process.env, ...this.#environment } })
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.kill()
  await exited
}

/** Fills the domain in one go, as each call of samba-tool takes a second. */
const script = `
import json, sys
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB
from samba.dsdb import GTYPE_SECURITY_GLOBAL_GROUP, GTYPE_DISTRIBUTION_GLOBAL_GROUP
from ldb import Message, MessageElement, FLAG_MOD_ADD
given = json.loads(sys.argv[2])
settings = LoadParm()
settings.load(sys.argv[1])
domain = SamDB(url=settings.samdb_url(), session_info=system_session(), lp=settings)
for user in [*given['users'], 'reader', 'service']:
    domain.newuser(user, given['password'])
found = domain.search(expression='(sAMAccountName=service)')[0]
message = Message(found.dn)
message['spn'] = MessageElement(['HTTP/' + given['host']], FLAG_MOD_ADD, 'servicePrincipalName')
domain.modify(message)
for group in given['groups']:
    kind = GTYPE_DISTRIBUTION_GLOBAL_GROUP if group in given['lists'] else GTYPE_SECURITY_GLOBAL_GROUP
    domain.newgroup(group, grouptype=kind)
for group, members in given['groups'].items():
    domain.add_remove_group_members(group, members, add_members_operation=True)
`
