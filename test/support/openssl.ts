import { createHash, X509Certificate } from 'node:crypto'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { temporaryFolder } from './folders.ts'
import { program } from './programs.ts'

const run = promisify(execFile)

/** Runs openssl; rejects, with what it printed, when it fails. */
export async function openssl(args: readonly string[], options: { readonly cwd?: string } = {}): Promise<string> {
  const { stdout, stderr } = await run(program('openssl'), args, { ...options, timeout: 30_000 })
  return stdout + stderr
}

export interface MadeCertificate {
  readonly folder: string
  /** The path of the PEM file of the certificate, and that of its key. */
  readonly cert: string
  readonly key: string
}

export interface CertificateWish {
  readonly kind?: 'ec' | 'rsa' | 'rsa1024'
  /** The first is the common name, too. Default: localhost and 127.0.0.1. */
  readonly names?: readonly string[]
  readonly days?: number
  /** The authority that signs it; by default it signs itself. */
  readonly issuer?: MadeCertificate
  readonly isAuthority?: boolean
}

/** Makes a key and a certificate for it, as PEM files in a folder that ends with the test. */
export async function makeCertificate(wish: CertificateWish = {}): Promise<MadeCertificate> {
  const { kind = 'ec', names = ['localhost', '127.0.0.1'], days = 100, issuer, isAuthority = false } = wish
  const folder = await temporaryFolder()
  const cert = join(folder, 'cert.pem')
  const key = join(folder, 'key.pem')
  const newKey = {
    ec: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
    rsa: ['-newkey', 'rsa:2048'],
    rsa1024: ['-newkey', 'rsa:1024'],
  }[kind]
  const alternative = names.map((name) => `${/^[\d.:]+$/.test(name) ? 'IP' : 'DNS'}:${name}`).join(',')
  const signer = issuer === undefined ? [] : ['-CA', issuer.cert, '-CAkey', issuer.key]
  await openssl([
    'req',
    '-x509',
    ...newKey,
    '-nodes',
    '-keyout',
    key,
    '-out',
    cert,
    '-days',
    String(days),
    ...signer,
    '-subj',
    `/CN=${names[0] ?? ''}`,
    '-addext',
    `subjectAltName=${alternative}`,
    '-addext',
    `basicConstraints=critical,CA:${isAuthority ? 'TRUE' : 'FALSE'}`,
  ])
  return { folder, cert, key }
}

/** Signs a certificate anew, so that it ended yesterday. */
export async function expire({ cert, key }: MadeCertificate, issuer: MadeCertificate): Promise<void> {
  const request = `${cert}.csr`
  await openssl(['x509', '-x509toreq', '-in', cert, '-signkey', key, '-out', request])
  const signer = ['-CA', issuer.cert, '-CAkey', issuer.key, '-set_serial', '7']
  await openssl(['x509', '-req', '-in', request, ...signer, '-days', '-1', '-out', cert])
}

/** As Windows shows it: the SHA-1 of the certificate in upper case. */
export async function thumbprintOf({ cert }: MadeCertificate): Promise<string> {
  const { raw } = new X509Certificate(await readFile(cert))
  return createHash('sha1').update(raw).digest('hex').toUpperCase()
}
