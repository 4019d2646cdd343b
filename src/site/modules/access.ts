import type { SectionReader } from '../../config/sections/section-reader.ts'
import type { Problems } from '../../config/problems.ts'
import { applicationCure } from '../../config/sections/unhonoured-sections.ts'
import { type AnyShape, readShaped } from '../../config/xml/element.ts'
import type { XmlElement } from '../../config/xml/xml.ts'
import type { Failure } from '../../http/answer.ts'
import type { Connection, Exchange } from '../../http/exchange.ts'
import { flags } from '../../platform/schema.ts'
import { certificateFailure } from '../../http/client-certificate.ts'
import type { GateAnswer, Module } from './module.ts'

export interface AccessSettings {
  /** At least one, each once, in IIS's spelling. */
  readonly sslFlags: readonly SslFlag[]
}

type SslFlag = 'Ssl' | 'SslNegotiateCert' | 'SslRequireCert' | 'SslMapCert' | 'Ssl128'

const known = ['Ssl', 'SslNegotiateCert', 'SslRequireCert', 'SslMapCert', 'Ssl128'] as const
const shape = { kinds: { sslFlags: flags(known, 'None') }, defaults: { sslFlags: [] } } satisfies AnyShape
const strongBits = 128

const section: SectionReader<AccessSettings> = {
  section: 'security/access',
  shape,
  read: (elements, { problems }) => {
    const sslFlags = readSslFlags(elements, problems)
    return sslFlags.length === 0 ? undefined : { sslFlags }
  },
  describe: ({ sslFlags }) => [['access', sslFlags.join(', ')]],
}

/**
 * `<security><access sslFlags>`: refuses requests that did not come over https (403.4), or without 128-bit encryption
 * (403.5), or without a client certificate (403.7). Whether a client is asked for its certificate at all is decided in
 * the handshake, by the binding; TLS as it is spoken here has no later request for one. A trusted proxy's word for https
 * counts; but it has no word for a certificate.
 */
export const access: Module<AccessSettings> = {
  section,
  create: ({ sslFlags }) => ({ gate: createAccessGate(sslFlags) }),
}

function createAccessGate(sslFlags: readonly SslFlag[]): (exchange: Exchange) => GateAnswer | undefined {
  const setting = `sslFlags="${sslFlags.join(', ')}"`
  return ({ connection }) => {
    const failure = accessFailure(sslFlags, connection)
    return failure && { failure, setting }
  }
}

function accessFailure(sslFlags: readonly SslFlag[], { scheme, tls, proxy }: Connection): Failure | undefined {
  if (sslFlags.includes('Ssl') && scheme !== 'https') return { kind: 'ssl-required' }
  if (sslFlags.includes('Ssl128')) {
    // The bits between a client and its proxy are not known; every proxy of today takes at least as many.
    const isStrong = proxy === undefined ? (tls?.keyBits ?? 0) >= strongBits : scheme === 'https'
    if (!isStrong) return { kind: 'ssl-128-required' }
  }
  return sslFlags.includes('SslRequireCert') ? certificateFailure(tls, true) : undefined
}

/** The nearest element that has sslFlags decides alone, as in IIS. */
function readSslFlags(elements: readonly XmlElement[], problems: Problems): readonly SslFlag[] {
  let sslFlags: readonly SslFlag[] = []
  for (const element of elements) {
    const written = readShaped(element, shape, problems).sslFlags
    if (written === undefined) continue
    sslFlags = written.value
    if (sslFlags.includes('SslMapCert')) {
      problems.notice(written.at, 'SslMapCert is not honoured: certificates are mapped to no users.', applicationCure)
    }
  }
  return sslFlags
}
