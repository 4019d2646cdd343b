import { createPrivateKey, X509Certificate } from 'node:crypto'
import { type Problem, problemAt, wholeFile } from '../../config/problems.ts'

/** Why OpenSSL refuses a certificate and key that belong together. */
export function refusalFault(file: string, { code = '', message }: NodeJS.ErrnoException): Problem {
  const at = wholeFile(file)
  if (code === 'ERR_SSL_EE_KEY_TOO_SMALL') {
    const cure = 'Have a certificate made for a key of 2048 bits or for P-256.'
    return problemAt('error', at, "The certificate's key is too short for this version of Node.", cure)
  }
  if (code === 'ERR_SSL_CA_MD_TOO_WEAK' || code === 'ERR_SSL_CA_KEY_TOO_SMALL') {
    const text = 'A certificate of the chain is signed too weakly for this version of Node.'
    return problemAt('error', at, text, 'Have the certificate made anew.')
  }
  const cure = 'Look at the file with openssl x509 -text, and write it again from its source.'
  return problemAt('error', at, `TLS cannot use this certificate (${code === '' ? message : code}).`, cure)
}

/** Why bytes that are no PEM cannot be used; `refusal` is undefined if they hold no certificate. */
export function pfxFault(file: string, bytes: Buffer, refusal: NodeJS.ErrnoException | undefined): Problem {
  const at = wholeFile(file)
  const { code = '', message = '' } = refusal ?? {}
  if (/mac verify failure/i.test(message)) {
    const cure = "Correct the passphrase file's first line, or name that file (--passphrase-file)."
    return problemAt('error', at, 'The passphrase is not the one of this PFX file, or none is given.', cure)
  }
  if (code === 'ERR_CRYPTO_UNSUPPORTED_OPERATION' || /unsupported pkcs12/i.test(message)) {
    const convert = `openssl pkcs12 -legacy -in '${file}' -out pair.pem`
    const text = 'The PFX file is encrypted with an old cipher (RC2), which OpenSSL 3 does not read.'
    return problemAt('error', at, text, `Export it again with AES-256, or convert it: ${convert}`)
  }
  if (isDerCertificate(bytes)) {
    const cure = `Convert it: openssl x509 -inform der -in '${file}' -out certificate.pem, and name its key, too.`
    return problemAt('error', at, 'This is a certificate in DER, which has no key.', cure)
  }
  if (isDerKey(bytes)) {
    const text = 'This is a private key in DER, not a certificate.'
    return problemAt('error', at, text, 'Name the certificate here, and the key, in PEM, as its key.')
  }
  if (code === 'ERR_CRYPTO_OPERATION_FAILED' || /private key|certificate/i.test(message)) {
    const text = 'The PFX file lacks the certificate or its private key.'
    return problemAt('error', at, text, 'Export it again, together with its private key.')
  }
  return problemAt(
    'error',
    at,
    'This is neither PEM nor a PFX file.',
    'Name a PEM file with a certificate, or a PFX file.',
  )
}

function isDerCertificate(bytes: Buffer): boolean {
  try {
    return new X509Certificate(bytes).raw.length > 0
  } catch {
    return false
  }
}

function isDerKey(key: Buffer): boolean {
  return (['pkcs8', 'pkcs1', 'sec1'] as const).some((type) => {
    try {
      return createPrivateKey({ key, format: 'der', type }).type === 'private'
    } catch {
      return false
    }
  })
}
