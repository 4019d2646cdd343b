import { constants } from 'node:crypto'
import { createSecureContext, type SecureContextOptions } from 'node:tls'

/**
 * Mozilla's profile "intermediate" (2026): TLS 1.2 and 1.3, forward secrecy and authenticated encryption only. Node's own
 * defaults also offer CBC and finite-field groups.
 */
const ciphers = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':')

/** The first list is for OpenSSL 3.5 and later (Node 22 and 24), which knows the hybrid post-quantum group. */
const groupLists = ['X25519MLKEM768:X25519:prime256v1:secp384r1', 'X25519:prime256v1:secp384r1']

/** The versions, ciphers and groups that are offered; all suites are strong, so the client's order decides. */
export function profileOptions(tls13: boolean, tickets: boolean): SecureContextOptions {
  return {
    ciphers,
    ecdhCurve: supportedGroups(),
    honorCipherOrder: false,
    minVersion: 'TLSv1.2',
    maxVersion: tls13 ? 'TLSv1.3' : 'TLSv1.2',
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | (tickets ? 0 : constants.SSL_OP_NO_TICKET),
  }
}

const known: { groups?: string } = {}

function supportedGroups(): string {
  known.groups ??= groupLists.find(isSupported) ?? 'auto'
  return known.groups
}

function isSupported(ecdhCurve: string): boolean {
  try {
    createSecureContext({ ecdhCurve })
    return true
  } catch {
    return false
  }
}

/** The strength of a cipher in bits, by OpenSSL's name of it. */
export function keyBitsOf(cipher: string): number {
  return /AES_?128/.test(cipher) ? 128 : 256
}
