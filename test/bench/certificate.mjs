// The certificate that every peer shows, made anew for each run; and what is negotiated with every peer.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { scratch } from './children.mjs'
import { isInstalled } from './programs.mjs'

/** The load offers nothing else, so that no peer can choose something cheaper than the others. */
export const negotiated = { protocol: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256', group: 'X25519' }

/** What programs that use OpenSSL read when OPENSSL_CONF names it: they offer what is negotiated, and nothing else. */
const clientConfiguration = `openssl_conf = main
[main]
ssl_conf = ssl
[ssl]
system_default = tls
[tls]
MinProtocol = ${negotiated.protocol}
Ciphersuites = ${negotiated.cipher}
Groups = ${negotiated.group}
`

/**
 * A certificate for `localhost` with a P-256 key: {certificate, key, both, client, pem}, the first four of which are paths,
 * `both` that of a file with certificate and key, `client` that of clientConfiguration. Throws if there is no openssl.
 */
export function makeCertificate() {
  if (!isInstalled('openssl')) throw new Error('the certificate for TLS is made with openssl, which is not installed')
  const [certificate, key, both, client] = ['certificate.pem', 'key.pem', 'both.pem', 'client.cnf'].map((name) =>
    join(scratch, name),
  )
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-days', '2']
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key]
  execFileSync('openssl', ['req', '-x509', ...newKey, ...names, '-out', certificate], { stdio: 'ignore' })
  const pem = readFileSync(certificate)
  writeFileSync(both, Buffer.concat([pem, readFileSync(key)]), { mode: 0o600 })
  writeFileSync(client, clientConfiguration)
  return { certificate, key, both, client, pem }
}
