import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { atTheEnd } from './ending.ts'
import { eventually } from './eventually.ts'
import { temporaryFolder, top } from './folders.ts'
import { freePort } from './free-port.ts'
import { hasProgram, program } from './programs.ts'

const execute = promisify(execFile)

/** Where config/scripts/kerberos.mjs installs the package. */
const packages = join(top, '.cache/kerberos/node_modules')

/** Whether a realm of Kerberos can be set up here; in CI it has to be. */
export const hasKerberos =
  process.env['CI'] === 'true' ||
  ((['krb5kdc', 'kdb5_util', 'kadmin.local', 'kinit'] as const).every(hasProgram) &&
    existsSync(join(packages, 'kerberos/build/Release/kerberos.node')))

/** The name of another host. */
export const otherHost = 'two.test.local'

/** The name of a host that browsers take for this machine without asking anybody. */
export const browserHost = 'app.localhost'

/** The environment in which the package `kerberos` is found. */
export const withKerberosPackage = { NODE_PATH: packages }

/** The name of the host whose service has a key. */
export const host = 'app.test.local'

/**
 * A realm TEST.LOCAL with a key distribution centre on a port of its own. The services HTTP and other of `host` have
 * keys in `keytab`, HTTP of `otherHost` has one in `otherKeytab`, HTTP of `browserHost` one in `browserKeytab`. Life: that of the test, or of the test file.
 */
export class Kdc {
  readonly keytab: string
  readonly otherKeytab: string
  readonly browserKeytab: string
  readonly #folder: string
  readonly #environment: Readonly<Record<string, string>>
  #centre: ChildProcess | undefined

  private constructor(folder: string) {
    this.#folder = folder
    this.keytab = join(folder, 'http.keytab')
    this.otherKeytab = join(folder, 'two.keytab')
    this.browserKeytab = join(folder, 'browser.keytab')
    this.#environment = {
      KRB5_CONFIG: join(folder, 'krb5.conf'),
      KRB5_KDC_PROFILE: join(folder, 'kdc.conf'),
    }
  }

  /**
   * @param users each of them has the password `secret`, and is logged in
   * @param crowd further users, in any number, who have keys instead, and log in with the first ticket
   */
  static async start(users: readonly string[], crowd: readonly string[] = []): Promise<Kdc> {
    const folder = await temporaryFolder()
    const kdc = new Kdc(folder)
    const port = String(await freePort())
    await writeFile(join(folder, 'krb5.conf'), krb5Conf(`127.0.0.1:${port}`))
    await writeFile(join(folder, 'kdc.conf'), kdcConf(folder, port))
    await kdc.#run('kdb5_util', ['create', '-s', '-r', 'TEST.LOCAL', '-P', 'master'])
    const services = ['HTTP', 'other'].map((service) => `${service}/${host}`)
    await kdc.#administer([
      ...users.map((user) => `addprinc -pw secret ${user}`),
      ...services.map((service) => `addprinc -randkey ${service}`),
      `ktadd -k ${kdc.keytab} ${services.join(' ')}`,
      `addprinc -randkey HTTP/${otherHost}`,
      `ktadd -k ${kdc.otherKeytab} HTTP/${otherHost}`,
      `addprinc -randkey HTTP/${browserHost}`,
      `ktadd -k ${kdc.browserKeytab} HTTP/${browserHost}`,
      ...crowd.map((user) => `addprinc -randkey ${user}`),
      ...crowd.map((user) => `ktadd -norandkey -k ${kdc.#crowdKeytab} ${user}`),
    ])
    await kdc.#open(port)
    for (const user of users) await kdc.#logIn(user)
    return kdc
  }

  get #crowdKeytab(): string {
    return join(this.#folder, 'crowd.keytab')
  }

  /** What a daemon needs, besides the keytab that its configuration names. */
  get daemonEnvironment(): Readonly<Record<string, string>> {
    return { ...withKerberosPackage, KRB5_CONFIG: join(this.#folder, 'krb5.conf') }
  }

  /** What a client of this user needs. */
  environmentOf(user: string): Readonly<Record<string, string | undefined>> {
    return { ...process.env, ...this.#environment, KRB5CCNAME: `FILE:${join(this.#folder, `cc-${user}`)}` }
  }

  /** Ends the key distribution centre; the tickets that users have stay good. */
  async end(): Promise<void> {
    const centre = this.#centre
    this.#centre = undefined
    if (centre === undefined || centre.exitCode !== null || centre.signalCode !== null) return
    const exited = new Promise((resolve) => centre.once('exit', resolve))
    centre.kill()
    await exited
  }

  /** Fields Authorization with tickets of a user, each of them another one. */
  tickets(user: string, count = 1, service = `HTTP@${host}`): Promise<string[]> {
    return ticketsOf(this.environmentOf(user), service, count)
  }

  /** Fields Authorization with tickets of each of these users of the crowd, in their order. */
  async ticketsOfCrowd(users: readonly string[], count: number): Promise<string[][]> {
    const script =
      `const k = require('kerberos'); (async () => { const all = []; for (const user of ${JSON.stringify(users)}) {` +
      `const own = []; all.push(own); for (let i = 0; i < ${String(count)}; i++) {` +
      `const c = await k.initializeClient('HTTP@${host}', { principal: user + '@TEST.LOCAL' });` +
      `own.push('Negotiate ' + (await c.step(''))) } } console.log(JSON.stringify(all)) })()`
    const caches = await temporaryFolder()
    const logIn = { KRB5_CLIENT_KTNAME: this.#crowdKeytab, KRB5CCNAME: `DIR:${caches}` }
    const environment = { ...process.env, ...this.#environment, ...withKerberosPackage, ...logIn }
    const limits = { timeout: 100_000, maxBuffer: 16_777_216 }
    const { stdout } = await execute(process.execPath, ['-e', script], { env: environment, ...limits })
    return JSON.parse(stdout) as string[][]
  }

  /** Runs curl as this user; resolves with what it printed. */
  async curl(user: string, args: readonly string[]): Promise<string> {
    const { stdout } = await execute(program('curl'), ['-s', '--negotiate', '-u', ':', ...args], {
      env: this.environmentOf(user),
      timeout: 60_000,
      maxBuffer: 16_777_216,
    })
    return stdout
  }

  async #open(port: string): Promise<void> {
    const centre = spawn(program('krb5kdc'), ['-n', '-P', join(this.#folder, 'pid')], {
      env: { ...process.env, ...this.#environment },
      stdio: 'ignore',
    })
    this.#centre = centre
    atTheEnd(() => this.end())
    await eventually('the key distribution centre listens', () => canConnect(Number(port)))
  }

  async #logIn(user: string): Promise<void> {
    await this.#run('kinit', [user], 'secret\n', this.environmentOf(user))
  }

  async #administer(commands: readonly string[]): Promise<void> {
    await this.#run('kadmin.local', [], `${commands.join('\n')}\n`)
  }

  #run(
    name: 'kdb5_util' | 'kadmin.local' | 'kinit',
    args: readonly string[],
    input = '',
    environment: Readonly<Record<string, string | undefined>> = { ...process.env, ...this.#environment },
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const child = execFile(program(name), args, { env: environment, timeout: 60_000 }, (error, stdout, stderr) => {
        if (error === null) resolve()
        else reject(new Error(`${name}: ${error.message}\n${stdout}${stderr}`))
      })
      child.stdin?.end(input)
    })
  }
}

/**
 * Fields Authorization with tickets for a service, each of them another one.
 *
 * @param environment that of a user who is logged in
 */
export async function ticketsOf(
  environment: Readonly<Record<string, string | undefined>>,
  service: string,
  count: number,
): Promise<string[]> {
  const script =
    `const k = require('kerberos'); (async () => { const all = []; for (let i = 0; i < ${String(count)}; i++) {` +
    `const c = await k.initializeClient('${service}'); all.push('Negotiate ' + (await c.step(''))) }` +
    `console.log(JSON.stringify(all)) })()`
  const env = { ...environment, ...withKerberosPackage }
  const { stdout } = await execute(process.execPath, ['-e', script], { env, timeout: 60_000 })
  return JSON.parse(stdout) as string[]
}

/** A token of SPNEGO that offers NTLM alone, as Windows sends it where it has no ticket; and the same without SPNEGO. */
export function ntlmTokens(): { readonly wrapped: string; readonly raw: string } {
  const der = (tag: number, ...parts: readonly Buffer[]): Buffer => {
    const content = Buffer.concat(parts)
    return Buffer.concat([Buffer.from([tag, content.length]), content])
  }
  const ntlm = Buffer.concat([Buffer.from('NTLMSSP\0\x01\0\0\0', 'latin1'), Buffer.alloc(28)])
  const mechanism = Buffer.from([0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a])
  const spnego = Buffer.from([0x06, 0x06, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02])
  const inner = der(0x30, der(0xa0, der(0x30, mechanism)), der(0xa2, der(0x04, ntlm)))
  return {
    wrapped: `Negotiate ${der(0x60, spnego, der(0xa0, inner)).toString('base64')}`,
    raw: `Negotiate ${ntlm.toString('base64')}`,
  }
}

export function canConnect(port: number, address = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, address)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => {
      resolve(false)
    })
  })
}

/** The krb5.conf of the realm TEST.LOCAL, whose KDC has this address and port. */
export function krb5Conf(kdc: string): string {
  return `[libdefaults]
 default_realm = TEST.LOCAL
 dns_lookup_kdc = false
 dns_canonicalize_hostname = false
 rdns = false
[realms]
 TEST.LOCAL = {
  kdc = ${kdc}
 }
`
}

function kdcConf(folder: string, port: string): string {
  return `[kdcdefaults]
 kdc_listen = 127.0.0.1:${port}
 kdc_tcp_listen = 127.0.0.1:${port}
[realms]
 TEST.LOCAL = {
  database_name = ${folder}/db
  key_stash_file = ${folder}/stash
 }
`
}
