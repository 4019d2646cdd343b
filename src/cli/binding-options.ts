import { resolve } from 'node:path'
import type { BindingConfig, CertificateFiles, TlsConfig } from '../config/model.ts'
import { failed, ok, type Result } from '../platform/result.ts'
import { oneOf, type OptionSpec, type ParsedOptions, type UsageError, wholeNumber } from './options.ts'

/** The options of the https bindings of `run FOLDER`. */
export const tlsOptions: readonly OptionSpec[] = [
  {
    name: 'https-port',
    value: 'N',
    summary: 'https port; may be given again for another port, each with its own --cert; 0 = any free one',
    repeats: true,
  },
  {
    name: 'cert',
    value: 'FILE',
    summary: 'certificate and chain in PEM, or a PFX file; given again: another kind of key, or other names',
    repeats: true,
  },
  {
    name: 'key',
    value: 'FILE',
    summary: 'private key of the --cert before it; default: in the same file',
    repeats: true,
  },
  {
    name: 'passphrase-file',
    value: 'FILE',
    summary: 'file whose first line is the passphrase of the --cert before it',
    repeats: true,
  },
  {
    name: 'client-certificates',
    value: 'ignore|accept|require',
    summary: 'ask https clients for a certificate; default ignore',
  },
]

/** One --https-port and what was given for it. */
interface HttpsPort {
  readonly port: string
  readonly certificates: Certificate[]
}

interface Certificate {
  certificate: string
  key: string | undefined
  passphraseFile: string | undefined
}

/**
 * Reads --port, --host and the options of TLS. Those of TLS belong to the --https-port before them, and --key and
 * --passphrase-file to the --cert before them; where there is none before, to the first.
 */
export function readBindings(given: ParsedOptions): Result<readonly BindingConfig[], UsageError> {
  const https = readHttpsBindings(given)
  if (!https.ok) return https
  const port = wholeNumber('port', given.value('port') ?? '80', 0, 65_535)
  if (!port.ok) return port
  const taken = new Set([port.value])
  for (const other of https.value) {
    const written = String(other.port)
    if (other.port !== 0 && taken.has(other.port)) {
      return failed({ message: `option --https-port ${written} names a port that --port or --https-port has already` })
    }
    taken.add(other.port)
  }
  return ok([{ protocol: 'http', address: given.value('host'), port: port.value, hostName: '' }, ...https.value])
}

/** What an operator changes to give a binding another port. */
export function portSetting({ protocol, at }: BindingConfig): string {
  if (at !== undefined) return 'its bindingInformation'
  return protocol === 'http' ? '--port' : '--https-port'
}

function readHttpsBindings(given: ParsedOptions): Result<readonly BindingConfig[], UsageError> {
  const grouped = groupByPort(given)
  if (!grouped.ok) return grouped
  const mode = oneOf('client-certificates', given.value('client-certificates') ?? 'ignore', [
    'ignore',
    'accept',
    'require',
  ])
  if (!mode.ok) return mode
  const bindings: BindingConfig[] = []
  for (const { port: written, certificates } of grouped.value) {
    const port = wholeNumber('https-port', written, 0, 65_535)
    if (!port.ok) return port
    const [first, ...alternatives] = certificates
    if (first === undefined) return failed({ message: `option --https-port ${written} needs --cert FILE` })
    const tls: TlsConfig = {
      ...first,
      ...(alternatives.length > 0 && { alternatives }),
      clientCertificates: mode.value,
      clientCa: undefined,
      http2: true,
      tls13: true,
    }
    bindings.push({ protocol: 'https', address: given.value('host'), port: port.value, hostName: '', tls })
  }
  return ok(bindings)
}

function groupByPort(given: ParsedOptions): Result<readonly HttpsPort[], UsageError> {
  const ports: HttpsPort[] = given.inOrder
    .filter(({ name }) => name === 'https-port')
    .map(({ value }) => ({ port: value, certificates: [] }))
  const tlsNames = ['cert', 'key', 'passphrase-file', 'client-certificates']
  const lonely = given.inOrder.find(({ name }) => tlsNames.includes(name))
  const [first] = ports
  if (first === undefined) {
    return lonely === undefined ? ok([]) : failed({ message: `option --${lonely.name} needs --https-port N` })
  }
  let at = -1
  const early: { name: string; value: string }[] = []
  for (const option of given.inOrder) {
    if (option.name === 'https-port') at += 1
    const { certificates } = ports[Math.max(at, 0)] as HttpsPort
    const newest = certificates.at(-1)
    if (option.name === 'cert') {
      certificates.push({ certificate: resolve(option.value), key: undefined, passphraseFile: undefined })
    } else if (option.name === 'key' || option.name === 'passphrase-file') {
      if (newest === undefined) early.push(option)
      else if (!add(newest, option)) return twice(option.name)
    }
  }
  for (const option of early) {
    const [owner] = first.certificates
    if (owner === undefined) return failed({ message: `option --${option.name} needs --cert FILE before it` })
    if (!add(owner, option)) return twice(option.name)
  }
  const shared = ports.find(({ certificates }) => certificates.length > 0)?.certificates ?? []
  return ok(
    ports.map(({ port, certificates }) => ({ port, certificates: certificates.length > 0 ? certificates : shared })),
  )
}

function twice(name: string): Result<never, UsageError> {
  return failed({ message: `option --${name} is given twice for one --cert` })
}

/** Adds a --key or --passphrase-file; false if there is one already. */
function add(certificate: Certificate, { name, value }: { name: string; value: string }): boolean {
  const member = (name === 'key' ? 'key' : 'passphraseFile') satisfies keyof CertificateFiles
  if (certificate[member] !== undefined) return false
  certificate[member] = resolve(value)
  return true
}
