import { domainToASCII } from 'node:url'
import { homedir } from 'node:os'
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { failed, ok, type Result } from '../platform/result.ts'
import { type ExitCode, exitCode } from './exit-codes.ts'
import { type OptionSpec, type ParsedOptions, readOptions, type UsageError } from './options.ts'
import type { Terminal, Verb } from './verb.ts'
import { createCertificate, type CreatedCertificate } from './x509/development-authority.ts'

const options: readonly OptionSpec[] = [
  { name: 'out', value: 'FOLDER', summary: "where the certificate is written; default: ancmd's folder of this user" },
  { name: 'json', value: undefined, summary: 'the paths as one JSON document' },
]

const defaultHosts = ['localhost', '127.0.0.1', '::1'] as const
const maxHosts = 100

/** `ancmd cert create [host…]`: a certificate for development, signed by an authority of this user's own. */
export const cert: Verb = {
  options,
  act: async (args, terminal) => {
    const given = readOptions(args, options, maxHosts)
    const hosts = given.ok ? readHosts(given.value) : given
    if (!given.ok || !hosts.ok) {
      const message = !given.ok ? given.failure.message : hosts.ok ? '' : hosts.failure.message
      terminal.err(`ancmd cert: ${message}\nancmd cert --help lists the options\n`)
      return exitCode.usage
    }
    const folder = userFolder(terminal.environment)
    const out = resolve(given.value.value('out') ?? join(folder, 'certificates'))
    try {
      const created = await createCertificate(hosts.value, folder, out, new Date())
      const isJson = given.value.has('json')
      terminal.out(
        isJson ? `${JSON.stringify({ version: 1, hosts: hosts.value, ...created }, null, 2)}\n` : guide(created),
      )
      return exitCode.ok
    } catch (cause) {
      return reportFailure(cause, terminal)
    }
  },
}

function readHosts({ positionals }: ParsedOptions): Result<readonly [string, ...string[]], UsageError> {
  const [action, ...written] = positionals
  if (action !== 'create') return failed({ message: "say what to do: 'ancmd cert create [host…]'" })
  const hosts: string[] = []
  for (const host of written.length === 0 ? defaultHosts : written) {
    const name = readHost(host)
    if (name === undefined) {
      return failed({ message: `'${host}' is no host name (www.example.org, *.example.org) and no IP address` })
    }
    hosts.push(name)
  }
  return ok(hosts as [string, ...string[]])
}

function readHost(written: string): string | undefined {
  if (isIP(written) !== 0 && !written.includes('%')) return written
  const wildcard = written.startsWith('*.') ? '*.' : ''
  const name = domainToASCII(written.slice(wildcard.length)).toLowerCase()
  const isName =
    name.length <= 253 && /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/.test(name)
  // The URL parser takes a number for an IPv4 address.
  return isName && isIP(name) === 0 ? wildcard + name : undefined
}

/** The folder in which programs keep what belongs to this user. */
function userFolder(environment: Terminal['environment']): string {
  const { XDG_DATA_HOME: data, LOCALAPPDATA: local } = environment
  if (data !== undefined && data !== '') return join(resolve(data), 'ancmd')
  if (process.platform === 'win32') return join(local ?? join(homedir(), 'AppData', 'Local'), 'ancmd')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'ancmd')
  return join(homedir(), '.local', 'share', 'ancmd')
}

function guide({ authority, certificate, key, isNewAuthority, until }: CreatedCertificate): string {
  const made = isNewAuthority ? 'made now' : 'made before; it stays trusted where it is trusted'
  return `certificate  ${certificate} (until ${until.toISOString().slice(0, 10)})
key          ${key}
authority    ${authority} (${made})

To make browsers and other programs of this machine trust it, once:
  Linux    sudo cp '${authority}' /usr/local/share/ca-certificates/ancmd-development-ca.crt && sudo update-ca-certificates
           (Fedora, RHEL: sudo trust anchor '${authority}'; Firefox and Chromium have lists of their own: import it there)
  macOS    sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain '${authority}'
  Windows  certutil -addstore -user Root "${authority}"

To use it:
  ancmd run FOLDER --port 8080 --https-port 8443 --cert '${certificate}' --key '${key}'
`
}

function reportFailure(cause: unknown, terminal: Terminal): ExitCode {
  const { code, path } = cause as NodeJS.ErrnoException & { readonly path?: string }
  if (code === undefined) throw cause
  terminal.err(
    `ancmd cert: ${path ?? 'the folder'} cannot be written or read (${code}). Choose another folder with --out\n`,
  )
  return code === 'EACCES' || code === 'EPERM' ? exitCode.noPermission : exitCode.failure
}
