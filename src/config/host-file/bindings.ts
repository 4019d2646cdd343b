import { bool, choice, nonEmpty, string, uint } from '../../platform/schema.ts'
import type { BindingConfig, TlsConfig } from '../model.ts'
import { type Place, shown } from '../problems.ts'
import { sameSettings } from '../same-settings.ts'
import { bareElement, isMeant, type Values, type NoAttributes } from '../xml/element.ts'
import type { XmlElement } from '../xml/xml.ts'
import { readBindingInformation } from './binding-information.ts'
import { type ElementRules, type HostFileContext, placeText, readElement, readPath } from './elements.ts'

interface BindingAttributes {
  readonly protocol: string
  readonly bindingInformation: string
  readonly sslFlags: number
  readonly certificate: string
  readonly key: string
  readonly passphraseFile: string
  readonly clientCertificates: 'ignore' | 'accept' | 'require'
  readonly clientCa: string
  readonly proxyProtocol: boolean
}

const bindingRules: ElementRules<BindingAttributes> = {
  required: ['protocol', 'bindingInformation'],
  meaningless: ['certificateHash', 'certificateStoreName'],
  kinds: {
    protocol: nonEmpty('http or https', ['http', 'https']),
    bindingInformation: string(),
    sslFlags: uint({ min: 0, max: 127 }),
    certificate: nonEmpty('a PEM or PFX file'),
    key: nonEmpty('a PEM file'),
    passphraseFile: nonEmpty('a file whose first line is the passphrase'),
    clientCertificates: choice(['ignore', 'accept', 'require']),
    clientCa: nonEmpty('a PEM file with the authorities that sign the certificates of clients'),
    proxyProtocol: bool(),
  },
}

/** `<bindings>`. */
export const bindingsRules: ElementRules<NoAttributes> = {
  kinds: {},
  children: { binding: bindingRules, clear: bareElement },
}

/** Bits of sslFlags. */
const centralStore = 2
const withoutHttp2 = 4
const withoutTls13 = 32

const tlsAttributes = ['certificate', 'key', 'passphraseFile', 'clientCertificates', 'clientCa'] as const

/** A binding and where it is written. */
export interface PlacedBinding {
  readonly config: BindingConfig
  readonly at: Place
  /** False for an https binding without a certificate, which is not opened. */
  readonly canOpen: boolean
}

/**
 * Reads one `<binding>`. Undefined for a protocol that is not served here, which gets a notice, and for a binding with
 * errors.
 */
export function readBinding(element: XmlElement, context: HostFileContext): PlacedBinding | undefined {
  const { problems, unused } = context
  const values = readElement(element, bindingRules, context)
  const { protocol, bindingInformation, proxyProtocol } = values
  if (protocol === undefined || bindingInformation === undefined) return undefined
  const scheme = protocol.value.toLowerCase()
  if (scheme !== 'http' && scheme !== 'https') {
    unused.add('meaningless', `bindings of the protocol ${shown(protocol.value)}`, element.at)
    return undefined
  }
  const read = readBindingInformation(bindingInformation.value)
  if (!read.ok) {
    const text = `bindingInformation="${shown(bindingInformation.text)}" ${read.failure.text}`
    problems.error(bindingInformation.at, text, read.failure.cure)
    return undefined
  }
  const common = { ...read.value, ...(proxyProtocol?.value === true && { proxyProtocol: true }) }
  if (scheme === 'http') {
    reportTlsOnHttp(values, context)
    return { config: { protocol: scheme, ...common }, at: element.at, canOpen: true }
  }
  const tls = readTls(element, values, context)
  return { config: { protocol: scheme, ...common, tls }, at: element.at, canOpen: tls !== undefined }
}

/** Undefined when there is no certificate, or none that can be used. */
function readTls(
  element: XmlElement,
  values: Values<BindingAttributes>,
  context: HostFileContext,
): TlsConfig | undefined {
  const { problems } = context
  const { certificate, clientCertificates, clientCa } = values
  const flags = values.sslFlags?.value ?? 0
  if (certificate === undefined) {
    if (isMeant(element, 'certificate')) return undefined
    const store = (flags & centralStore) === 0 ? '' : ' (there is no central certificate store here)'
    problems.warning(
      element.at,
      `This https binding has no certificate${store}, so it is not opened.`,
      'Add certificate="FILE.pem" key="FILE.key", or certificate="FILE.pfx" passphraseFile="FILE".',
    )
    return undefined
  }
  const path = (name: 'certificate' | 'key' | 'passphraseFile' | 'clientCa'): string | undefined => {
    const written = values[name]
    return written === undefined ? undefined : readPath(name, written, context)
  }
  if (clientCa !== undefined && (clientCertificates?.value ?? 'ignore') === 'ignore') {
    const text = 'clientCa has no effect, because clients are not asked for a certificate.'
    problems.warning(clientCa.at, text, 'Write clientCertificates="accept" or "require".')
  }
  const file = path('certificate')
  const further = { key: path('key'), passphraseFile: path('passphraseFile'), clientCa: path('clientCa') }
  if (file === undefined) return undefined
  return {
    certificate: file,
    ...further,
    clientCertificates: clientCertificates?.value ?? 'ignore',
    http2: (flags & withoutHttp2) === 0,
    tls13: (flags & withoutTls13) === 0,
  }
}

function reportTlsOnHttp(values: Values<BindingAttributes>, { problems }: HostFileContext): void {
  const name = tlsAttributes.find((attribute) => values[attribute] !== undefined)
  const at = name === undefined ? undefined : values[name]?.at
  if (at === undefined) return
  problems.error(at, `A binding of the protocol http has no ${String(name)}.`, 'Write protocol="https", or remove it.')
}

/**
 * Joins the bindings of a site that differ in their certificate alone, such as an RSA one beside an EC one: they become
 * one binding with several certificates, of which each client gets the one that it understands.
 */
export function joinCertificates(bindings: readonly PlacedBinding[]): readonly PlacedBinding[] {
  const joined: PlacedBinding[] = []
  for (const binding of bindings) {
    const i = joined.findIndex(({ config }) => differInCertificate(config, binding.config))
    const first = joined[i]
    if (first === undefined) joined.push(binding)
    else joined[i] = { ...first, config: withCertificateOf(first.config, binding.config) }
  }
  return joined
}

function differInCertificate(a: BindingConfig, b: BindingConfig): boolean {
  if (a.tls === undefined || b.tls === undefined || a.port === 0) return false
  const { certificate } = b.tls
  if ([a.tls, ...(a.tls.alternatives ?? [])].some((files) => files.certificate === certificate)) return false
  const of = ({ clientCertificates, clientCa, http2, tls13 }: TlsConfig): unknown => {
    return { clientCertificates, clientCa, http2, tls13 }
  }
  return sameSettings({ ...a, tls: of(a.tls) }, { ...b, tls: of(b.tls) })
}

function withCertificateOf(a: BindingConfig, { tls: more }: BindingConfig): BindingConfig {
  if (a.tls === undefined || more === undefined) return a
  const { certificate, key, passphraseFile } = more
  const alternatives = [...(a.tls.alternatives ?? []), { certificate, key, passphraseFile }]
  return { ...a, tls: { ...a.tls, alternatives } }
}

/** Reports bindings of all sites that cannot be open at the same time. */
export function reviewBindings(bindings: readonly PlacedBinding[], { problems }: HostFileContext): void {
  const seen: PlacedBinding[] = []
  for (const binding of bindings) {
    const { config, at } = binding
    const onSamePort = config.port === 0 ? [] : seen.filter((other) => other.config.port === config.port)
    seen.push(binding)
    const same = onSamePort.find(({ config: { address, hostName } }) => {
      return address === config.address && hostName === config.hostName
    })
    if (same !== undefined) {
      const text = `The same address, port and host name are bound ${placeText(same.at, at)} already.`
      problems.error(at, text, 'Remove one of the two, or give them different host names.')
      continue
    }
    const shared = onSamePort.filter((other) => other.canOpen && binding.canOpen && shareListener(other.config, config))
    const protocol = shared.find((other) => other.config.protocol !== config.protocol)
    if (protocol !== undefined) {
      const text = `Port ${String(config.port)} is bound to ${protocol.config.protocol} ${placeText(protocol.at, at)} already.`
      problems.error(at, text, 'Give http and https different ports.')
    }
    const proxied = shared.find((other) => other.config.proxyProtocol !== config.proxyProtocol)
    if (protocol !== undefined || proxied === undefined) continue
    const text = `proxyProtocol is not what it is ${placeText(proxied.at, at)} for the same port.`
    problems.error(at, text, 'Write proxyProtocol="true" for all bindings of the port, or for none.')
  }
}

function shareListener(a: BindingConfig, b: BindingConfig): boolean {
  const isAny = ({ address }: BindingConfig): boolean => ['::', '0.0.0.0', undefined].includes(address)
  return a.address === b.address || isAny(a) || isAny(b)
}
