import { createHash, X509Certificate } from 'node:crypto'
import { createSecureContext, TLSSocket } from 'node:tls'
import { Socket } from 'node:net'
import type { CertificateFiles } from '../../config/model.ts'
import { type Problem, problemAt, wholeFile } from '../../config/problems.ts'
import { failed, ok, type Result } from '../../platform/result.ts'
import { pfxFault, refusalFault } from './certificate-faults.ts'
import { isCertificate, isPrivateKey, readPem } from './pem.ts'
import { profileOptions } from './profile.ts'
import { readKey } from './read-key.ts'
import { readPassphrase, readSecretFile } from './read-file.ts'

/** A certificate with its key, as it was read from its files; immutable. */
export interface ServerCertificate {
  /** Equal for equal contents. */
  readonly id: string
  /** The path that was written in the configuration. */
  readonly file: string
  readonly leaf: X509Certificate
  /** Exactly one of the two is set. `key` is not encrypted any more. */
  readonly pem?: { readonly cert: string; readonly key: string }
  readonly pfx?: { readonly buf: Buffer; readonly passphrase: string }
}

export interface ReadCertificate {
  readonly certificate: ServerCertificate
  /** Warnings, such as of a chain in the wrong order; see validityWarnings() for the dates. */
  readonly warnings: readonly Problem[]
}

type Outcome<T> = Result<T, Problem>

/**
 * Reads a certificate and its key and checks them, so that every fault is found before a client comes; OpenSSL accepts
 * some files silently, and then fails every handshake.
 */
export async function readCertificate(tls: CertificateFiles): Promise<Outcome<ReadCertificate>> {
  const passphrase = await readPassphrase(tls.passphraseFile)
  if (!passphrase.ok) return passphrase
  const bytes = await readSecretFile(tls.certificate, 'certificate')
  if (!bytes.ok) return bytes
  const text = bytes.value.toString('utf8')
  const isPem = text.includes('-----BEGIN ')
  return isPem ? readPemPair(tls, text, passphrase.value) : readPfx(tls, bytes.value, passphrase.value)
}

async function readPemPair(
  tls: CertificateFiles,
  text: string,
  passphrase: string | undefined,
): Promise<Outcome<ReadCertificate>> {
  const file = tls.certificate
  const chain = readChain(file, text, 'the certificate')
  if (!chain.ok) return chain
  const key = await readKey(tls, readPem(text).blocks.filter(isPrivateKey), passphrase)
  if (!key.ok) return key
  const [leaf, ...others] = chain.value
  if (leaf === undefined) return failed(noCertificate(file, text))
  if (!leaf.x509.checkPrivateKey(key.value.key)) {
    const isFurtherOn = others.some(({ x509 }) => x509.checkPrivateKey(key.value.key))
    const at = { file, line: leaf.line, column: 1 }
    return failed(
      isFurtherOn
        ? problemAt(
            'error',
            at,
            'The chain is in the wrong order: the key belongs to a later certificate of this file.',
            "Put the server's own certificate first, then the one that issued it.",
          )
        : problemAt(
            'error',
            at,
            `The key in ${key.value.file} is not the one of this certificate.`,
            'Name the key that the certificate was made for.',
          ),
    )
  }
  const cert = chain.value.map(({ text: block }) => block).join('\n')
  const pem = { cert, key: key.value.key.export({ type: 'pkcs8', format: 'pem' }) as string }
  // OpenSSL takes a millisecond for this, which would add up for thousands of certificates.
  const refusal = isOrdinaryKey(leaf.x509)
    ? undefined
    : refusedBy(() => createSecureContext({ ...profileOptions(true, true), ...pem }))
  if (refusal !== undefined) return failed(refusalFault(file, refusal))
  const certificate = { id: hashOf([cert, pem.key]), file, leaf: leaf.x509, pem }
  return ok({ certificate, warnings: [...chainWarnings(file, chain.value), ...weakKeyWarnings(certificate)] })
}

function isOrdinaryKey({ publicKey: { asymmetricKeyType, asymmetricKeyDetails } }: X509Certificate): boolean {
  if (asymmetricKeyType === 'rsa') return (asymmetricKeyDetails?.modulusLength ?? 0) >= 2048
  return /^(prime256v1|secp384r1|secp521r1)$/.test(asymmetricKeyDetails?.namedCurve ?? '')
}

interface ChainLink {
  readonly x509: X509Certificate
  readonly text: string
  readonly line: number
}

function readChain(file: string, text: string, what: string): Outcome<readonly ChainLink[]> {
  const { blocks, cutAt } = readPem(text)
  if (cutAt !== undefined) {
    const at = { file, line: cutAt, column: 1 }
    return failed(problemAt('error', at, 'The file is cut: this block has no END line.', 'Copy the whole file.'))
  }
  const links: ChainLink[] = []
  for (const block of blocks.filter(isCertificate)) {
    try {
      links.push({ x509: new X509Certificate(block.text), text: block.text, line: block.line })
    } catch {
      const at = { file, line: block.line, column: 1 }
      return failed(
        problemAt('error', at, `This block of ${what} is damaged.`, 'Write the file again from its source.'),
      )
    }
  }
  return ok(links)
}

function noCertificate(file: string, text: string): Problem {
  const hasKey = readPem(text).blocks.some(isPrivateKey)
  return problemAt(
    'error',
    wholeFile(file),
    hasKey ? 'This file holds a private key and no certificate.' : 'This file holds no certificate.',
    hasKey
      ? 'Name the certificate here, and this file as its key.'
      : 'Name a PEM file with a certificate, or a PFX file.',
  )
}

function readPfx(files: CertificateFiles, buf: Buffer, passphrase = ''): Outcome<ReadCertificate> {
  const { certificate: file, key } = files
  const pfx = { buf, passphrase }
  let leaf: X509Certificate | undefined
  const refusal = refusedBy(() => {
    const secureContext = createSecureContext({ ...profileOptions(true, true), pfx: [pfx] })
    // The only way to the certificate in a PFX file is a TLS socket that would use it.
    const socket = new TLSSocket(new Socket(), { isServer: true, secureContext })
    leaf = socket.getX509Certificate()
    socket.destroy()
  })
  if (refusal !== undefined || leaf === undefined) return failed(pfxFault(file, buf, refusal))
  const certificate = { id: hashOf([buf, passphrase]), file, leaf, pfx }
  const warnings = [...weakKeyWarnings(certificate)]
  if (key !== undefined) {
    const text = `The key in ${key} is not read, because a PFX file has its own.`
    warnings.push(problemAt('warning', wholeFile(file), text, 'Remove key="…" (--key).'))
  }
  return ok({ certificate, warnings })
}

/** Reads the authorities that the certificates of clients must come from, as PEM texts. */
export async function readAuthorities(file: string): Promise<Outcome<readonly string[]>> {
  const bytes = await readSecretFile(file, 'clientCa')
  if (!bytes.ok) return bytes
  const links = readChain(file, bytes.value.toString('utf8'), 'clientCa')
  if (!links.ok) return links
  if (links.value.length > 0) return ok(links.value.map(({ text }) => text))
  const cure = 'Name a PEM file with the certificates of the authorities.'
  return failed(problemAt('error', wholeFile(file), 'This file holds no certificate, so no client could pass.', cure))
}

function chainWarnings(file: string, links: readonly ChainLink[]): Problem[] {
  return links.flatMap(({ x509 }, i) => {
    const next = links[i + 1]
    if (next === undefined || x509.checkIssued(next.x509)) return []
    const at = { file, line: next.line, column: 1 }
    const text = 'This certificate did not issue the one before it, so clients may not find the way to an authority.'
    return [problemAt('warning', at, text, 'Write each certificate before the one that issued it.')]
  })
}

function weakKeyWarnings({ file, leaf }: ServerCertificate): Problem[] {
  const { asymmetricKeyType, asymmetricKeyDetails } = leaf.publicKey
  const bits = asymmetricKeyDetails?.modulusLength ?? 0
  if (asymmetricKeyType !== 'rsa' || bits >= 2048) return []
  const text = `The RSA key has ${String(bits)} bits only, which browsers and newer versions of Node refuse.`
  return [problemAt('warning', wholeFile(file), text, 'Have a certificate made for a key of 2048 bits or for P-256.')]
}

/** Warnings about the dates of a certificate, on a day. */
export function validityWarnings({ file, leaf }: ServerCertificate, now: Date): Problem[] {
  const at = wholeFile(file)
  if (new Date(leaf.validTo) < now) {
    return [problemAt('warning', at, `The certificate has expired: it was valid until ${leaf.validTo}.`, 'Renew it.')]
  }
  if (new Date(leaf.validFrom) <= now) return []
  const text = `The certificate is not valid yet: it will be from ${leaf.validFrom}.`
  return [problemAt('warning', at, text, "Look at this machine's clock, or wait until then.")]
}

function refusedBy(attempt: () => unknown): NodeJS.ErrnoException | undefined {
  try {
    attempt()
    return undefined
  } catch (cause) {
    return cause as NodeJS.ErrnoException
  }
}

function hashOf(parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part).update('\0')
  return hash.digest('hex')
}
