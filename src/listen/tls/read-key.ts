import { createPrivateKey, type KeyObject } from 'node:crypto'
import type { CertificateFiles } from '../../config/model.ts'
import { type Problem, problemAt, wholeFile } from '../../config/problems.ts'
import { failed, ok, type Result } from '../../platform/result.ts'
import { isCertificate, isPrivateKey, type PemBlock, readPem } from './pem.ts'
import { readSecretFile } from './read-file.ts'

export interface FoundKey {
  readonly key: KeyObject
  readonly file: string
}

/**
 * Reads the private key of a PEM certificate, from its own file if the settings name one. `beside`: the keys in the
 * certificate's file.
 */
export async function readKey(
  tls: CertificateFiles,
  beside: readonly PemBlock[],
  passphrase: string | undefined,
): Promise<Result<FoundKey, Problem>> {
  const file = tls.key ?? tls.certificate
  const blocks = tls.key === undefined ? ok(beside) : await readKeyFile(tls.key)
  if (!blocks.ok) return blocks
  const [block] = blocks.value
  if (block === undefined) {
    const text = 'There is no private key: this file holds the certificate only, and no key is named.'
    return failed(problemAt('error', wholeFile(file), text, 'Name the file of its key (--key, or key="…").'))
  }
  try {
    return ok({ file, key: createPrivateKey({ key: block.text, ...(passphrase !== undefined && { passphrase }) }) })
  } catch (cause) {
    return failed(keyFault({ file, line: block.line, column: 1 }, cause as NodeJS.ErrnoException, passphrase, tls))
  }
}

async function readKeyFile(file: string): Promise<Result<readonly PemBlock[], Problem>> {
  const bytes = await readSecretFile(file, 'private key')
  if (!bytes.ok) return bytes
  const { blocks, cutAt } = readPem(bytes.value.toString('utf8'))
  const keys = blocks.filter(isPrivateKey)
  if (keys.length > 0) return ok(keys)
  const error = (text: string, cure: string, line = 0): Result<never, Problem> => {
    return failed(problemAt('error', { file, line, column: line === 0 ? 0 : 1 }, text, cure))
  }
  if (cutAt !== undefined) return error('The file is cut: this block has no END line.', 'Copy the whole file.', cutAt)
  if (blocks.some(isCertificate)) {
    return error('This file holds a certificate and no private key.', 'Name the file of the private key here.')
  }
  return error(
    'This file holds no private key in PEM.',
    `If it is one in DER, convert it: openssl pkey -inform der -in '${file}' -out key.pem`,
  )
}

function keyFault(
  at: Parameters<typeof problemAt>[1],
  { code = '' }: NodeJS.ErrnoException,
  passphrase: string | undefined,
  { passphraseFile }: CertificateFiles,
): Problem {
  const isMissing = passphrase === undefined && /INTERRUPTED_OR_CANCELLED|MISSING_PASSPHRASE|BAD_DECRYPT/.test(code)
  if (isMissing) {
    const cure = 'Write the passphrase into a file that only ancmd can read, and name that (--passphrase-file).'
    return problemAt('error', at, 'The private key is encrypted, and no passphrase is given.', cure)
  }
  if (passphrase !== undefined && /BAD_DECRYPT|MISSING_PASSPHRASE|INTERRUPTED_OR_CANCELLED|BAD_PASSWORD/.test(code)) {
    const cure = `Correct the first line of ${passphraseFile ?? 'the passphrase file'}.`
    return problemAt('error', at, 'The passphrase is not the one of this private key.', cure)
  }
  return problemAt('error', at, `The private key cannot be read (${code}).`, 'Write the file again from its source.')
}
