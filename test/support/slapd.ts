import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { atTheEnd } from './ending.ts'
import { eventually } from './eventually.ts'
import { temporaryFolder } from './folders.ts'
import { freePort } from './free-port.ts'
import { type MadeCertificate, makeCertificate } from './openssl.ts'
import { hasProgram, program } from './programs.ts'

const execute = promisify(execFile)

/** Whether a directory of OpenLDAP can be set up here; in CI it has to be. */
export const hasSlapd = hasProgram('slapd') && hasProgram('slapadd')

/** Below which everything is. */
export const directoryBase = 'dc=test,dc=local'
/** Who may read, and the password. */
export const reader = { user: `cn=reader,${directoryBase}`, password: 'secret of the reader' }

/** Groups by their common names; a member that is no group is a user. */
export type Groups = Readonly<Record<string, readonly string[]>>

/**
 * A directory of OpenLDAP on ports of its own, with users, groups (groupOfNames) and a reader, who alone may read. Life:
 * that of the test, or of the test file.
 */
export class Slapd {
  readonly port: number
  readonly tlsPort: number
  readonly certificate: MadeCertificate
  readonly #folder: string
  #process: ChildProcess | undefined

  private constructor(folder: string, ports: readonly [number, number], certificate: MadeCertificate) {
    this.#folder = folder
    ;[this.port, this.tlsPort] = ports
    this.certificate = certificate
  }

  static async start(users: readonly string[], groups: Groups): Promise<Slapd> {
    const folder = await temporaryFolder()
    // Nobody names 0.0.0.0 as a server, but it leads to this machine without being one of its loopback addresses.
    const certificate = await makeCertificate({ names: ['localhost', '127.0.0.1', '0.0.0.0'], isAuthority: true })
    const slapd = new Slapd(folder, [await freePort(), await freePort()], certificate)
    await mkdir(join(folder, 'data'))
    await writeFile(join(folder, 'slapd.conf'), configuration(folder, certificate))
    await writeFile(join(folder, 'all.ldif'), entries(users, groups))
    await execute(program('slapadd'), ['-f', join(folder, 'slapd.conf'), '-l', join(folder, 'all.ldif')])
    await slapd.open()
    atTheEnd(() => slapd.end())
    return slapd
  }

  /** Lines of its log so far with this in them, such as `SRCH base` or `ACCEPT`. It writes them before it answers. */
  count(text: string): number {
    return this.#log.split('\n').filter((line) => line.includes(text)).length
  }

  async open(): Promise<void> {
    const log = openSync(this.#logFile, 'w')
    const urls = `ldap://127.0.0.1:${String(this.port)} ldaps://127.0.0.1:${String(this.tlsPort)}`
    const child = spawn(program('slapd'), ['-d', 'stats', '-f', join(this.#folder, 'slapd.conf'), '-h', urls], {
      stdio: ['ignore', 'ignore', log],
    })
    closeSync(log)
    this.#process = child
    await eventually('the directory listens', () => {
      if (child.exitCode !== null) throw new Error(`slapd has ended:\n${this.#log}`)
      return this.#log.includes('slapd starting')
    })
  }

  async end(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = new Promise((resolve) => child.once('exit', resolve))
    child.kill()
    await exited
  }

  get #logFile(): string {
    return join(this.#folder, 'log')
  }

  get #log(): string {
    return readFileSync(this.#logFile, 'utf8')
  }
}

function configuration(folder: string, { cert, key }: MadeCertificate): string {
  const schemas = ['core', 'cosine', 'inetorgperson', 'nis']
  return `${schemas.map((name) => `include /etc/ldap/schema/${name}.schema`).join('\n')}
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCertificateFile ${cert}
TLSCertificateKeyFile ${key}
database mdb
suffix "${directoryBase}"
directory ${join(folder, 'data')}
access to * by dn.exact="${reader.user}" read by anonymous auth by * none
`
}

function entries(users: readonly string[], groups: Groups): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  const escaped = (text: string): string => text.replaceAll(/[,+"\\<>;=]/g, '\\$&')
  const groupDn = (name: string): string => `cn=${escaped(name)},ou=groups,${directoryBase}`
  const userDn = (name: string): string => `uid=${escaped(name)},ou=people,${directoryBase}`
  const all = [
    `dn: ${directoryBase}\nobjectClass: domain\ndc: test`,
    ...['people', 'groups'].map(
      (name) => `dn: ou=${name},${directoryBase}\nobjectClass: organizationalUnit\nou: ${name}`,
    ),
    `dn: ${reader.user}\nobjectClass: person\ncn: reader\nsn: reader\nuserPassword: ${reader.password}`,
    ...users.map((name) => {
      return `dn:: ${base64(userDn(name))}\nobjectClass: inetOrgPerson\nuid:: ${base64(name)}\ncn: somebody\nsn: somebody`
    }),
    ...Object.entries(groups).map(([name, members]) => {
      const dns = members.map((member) => (member in groups ? groupDn(member) : userDn(member)))
      const lines = dns.map((dn) => `member:: ${base64(dn)}`).join('\n')
      return `dn:: ${base64(groupDn(name))}\nobjectClass: groupOfNames\ncn:: ${base64(name)}\n${lines}`
    }),
  ]
  return `${all.join('\n\n')}\n`
}
