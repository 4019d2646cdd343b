import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isIP, isIPv4 } from 'node:net'
import { bits, element, integer, objectId, octets, sequence, text, time, yes } from './der.ts'

export interface CertificateWish {
  /** The common name. */
  readonly name: string
  readonly from: Date
  /** Before 2050. */
  readonly until: Date
  /** The key that the certificate is for. */
  readonly key: KeyObject
  /** Host names and addresses of a server; undefined for an authority. */
  readonly hosts: readonly string[] | undefined
}

/** An authority's name and key. */
export interface Issuer {
  readonly name: string
  readonly key: KeyObject
}

/** Makes a certificate (X.509, RFC 5280) for an EC key, signed by an EC key; returns it as PEM. */
export function makeX509({ name, from, until, key, hosts }: CertificateWish, issuer: Issuer): string {
  const algorithm = sequence(objectId('1.2.840.10045.4.3.2'))
  const signed = sequence(
    element(0xa0, integer(Buffer.from([2]))),
    integer(serialNumber()),
    algorithm,
    commonName(issuer.name),
    sequence(time(from), time(until)),
    commonName(name),
    publicKeyOf(key),
    element(0xa3, sequence(...extensions(key, issuer.key, hosts))),
  )
  const der = sequence(signed, algorithm, bits(sign('sha256', signed, issuer.key)))
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function extensions(key: KeyObject, issuerKey: KeyObject, hosts: readonly string[] | undefined): readonly Buffer[] {
  const identifiers = [
    extension('2.5.29.14', false, octets(keyIdentifier(key))),
    extension('2.5.29.35', false, sequence(element(0x80, keyIdentifier(issuerKey)))),
  ]
  if (hosts === undefined) {
    return [
      // An authority for servers only, not for further authorities.
      extension('2.5.29.19', true, sequence(yes(), integer(Buffer.from([0])))),
      // keyCertSign and cRLSign.
      extension('2.5.29.15', true, bits(Buffer.from([0b0000_0110]), 1)),
      ...identifiers,
    ]
  }
  return [
    extension('2.5.29.19', true, sequence()),
    // digitalSignature.
    extension('2.5.29.15', true, bits(Buffer.from([0b1000_0000]), 7)),
    // serverAuth.
    extension('2.5.29.37', false, sequence(objectId('1.3.6.1.5.5.7.3.1'))),
    extension('2.5.29.17', false, sequence(...hosts.map(alternativeName))),
    ...identifiers,
  ]
}

function extension(id: string, isCritical: boolean, value: Buffer): Buffer {
  return sequence(objectId(id), ...(isCritical ? [yes()] : []), octets(value))
}

function alternativeName(host: string): Buffer {
  return isIP(host) === 0 ? element(0x82, Buffer.from(host, 'latin1')) : element(0x87, addressBytes(host))
}

function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number))
  // The URL parser writes every IPv6 address in hexadecimal groups.
  const [head = '', tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::')
  const groupsOf = (part: string): number[] => (part === '' ? [] : part.split(':').map((group) => parseInt(group, 16)))
  const [before, after] = [groupsOf(head), groupsOf(tail ?? '')]
  const gap = Array.from({ length: 8 - before.length - after.length }, () => 0)
  return Buffer.from([...before, ...gap, ...after].flatMap((group) => [group >> 8, group & 255]))
}

function commonName(name: string): Buffer {
  return sequence(element(0x31, sequence(objectId('2.5.4.3'), text(name))))
}

function publicKeyOf(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' })
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha256').update(publicKeyOf(key)).digest().subarray(0, 20)
}

/** Sixteen random bytes that are a positive number. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] as number) & 0x3f) | 0x40
  return bytes
}
