import { dirname, resolve } from 'node:path'
import { expand } from '../../../config/expand.ts'
import type { Problems } from '../../../config/problems.ts'
import { type CollectionTable, collectionShape, readCollection } from '../../../config/sections/collection.ts'
import type { SectionContext } from '../../../config/sections/section-context.ts'
import {
  type AnyShape,
  childrenNamed,
  type ElementShape,
  openElement,
  readShaped,
  type Written,
} from '../../../config/xml/element.ts'
import type { XmlElement } from '../../../config/xml/xml.ts'
import { bool, choice, flags, matching, nonEmpty, string } from '../../../platform/schema.ts'
import { type LdapAttributes, ldapKinds, ldapSettings } from './ldap/ldap-attributes.ts'
import type {
  AuthenticationSettings,
  BasicSettings,
  ProviderName,
  WindowsSettings,
} from './schemes/authentication-settings.ts'

const logonMethods = choice(['ClearText', 'Network', 'Interactive', 'Batch'])

interface Anonymous {
  readonly enabled: boolean
  readonly userName: string
  readonly password: string
  readonly logonMethod: string
}

const anonymousShape: ElementShape<Anonymous> = {
  kinds: { enabled: bool(), userName: string(), password: string(), logonMethod: logonMethods },
  defaults: { enabled: true, userName: 'IUSR', password: '', logonMethod: 'ClearText' },
}

interface Basic {
  readonly enabled: boolean
  readonly realm: string
  readonly defaultLogonDomain: string
  readonly logonMethod: string
  readonly usersFile: string
}

const realm = matching('a text of printable ASCII characters', (text) => /^[ -~]*$/.test(text), '[ -~]*')

const basicShape: ElementShape<Basic> = {
  kinds: {
    enabled: bool(),
    realm,
    defaultLogonDomain: string(),
    logonMethod: logonMethods,
    usersFile: nonEmpty('the path of a file with users, as htpasswd -B writes it'),
  },
  defaults: { enabled: false, realm: '', defaultLogonDomain: '', logonMethod: 'ClearText' },
}

const digestShape: ElementShape<{ readonly enabled: boolean; readonly realm: string }> = {
  kinds: { enabled: bool(), realm: string() },
  defaults: { enabled: false, realm: '' },
}

interface Windows extends LdapAttributes {
  readonly enabled: boolean
  readonly authPersistSingleRequest: boolean
  readonly authPersistNonNTLM: boolean
  readonly useKernelMode: boolean
  readonly useAppPoolCredentials: boolean
  readonly keytab: string
  readonly service: string
  readonly groups: WindowsSettings['groups']
  readonly netbiosName: string
}

const providers: CollectionTable<{ readonly value: ProviderName }> = {
  what: 'provider',
  kinds: { value: choice(['Negotiate', 'NTLM', 'Negotiate:Kerberos']) },
  required: ['value'],
  key: ['value'],
}

interface Protection {
  readonly tokenChecking: 'None' | 'Allow' | 'Require'
  readonly flags: readonly string[]
}

const protectionShape: ElementShape<Protection> = {
  kinds: {
    tokenChecking: choice(['None', 'Allow', 'Require']),
    flags: flags(['Proxy', 'NoServiceNameCheck', 'AllowDotlessSpn', 'ProxyCohosting'], 'None'),
  },
  defaults: { tokenChecking: 'None', flags: [] },
  children: { spn: { kinds: { name: nonEmpty('the name of a service') }, required: ['name'] } },
}

const serviceName = matching(
  'a service and a host, as HTTP@www.example.org',
  (text) => /^HTTP@[A-Za-z0-9.-]+$/.test(text),
  'HTTP@[A-Za-z0-9.\\-]+',
)
const netbiosName = matching(
  'a NETBIOS name: up to 15 letters, digits and hyphens',
  (text) => /^[\w-]{1,15}$/.test(text),
  '[A-Za-z0-9_\\-]{1,15}',
)

const windowsShape: ElementShape<Windows> = {
  kinds: {
    enabled: bool(),
    authPersistSingleRequest: bool(),
    authPersistNonNTLM: bool(),
    useKernelMode: bool(),
    useAppPoolCredentials: bool(),
    keytab: nonEmpty('the path of a keytab'),
    service: serviceName,
    groups: choice(['none', 'system', 'ldap']),
    netbiosName,
    ...ldapKinds,
  },
  defaults: {
    enabled: false,
    authPersistSingleRequest: false,
    authPersistNonNTLM: false,
    useKernelMode: true,
    useAppPoolCredentials: false,
    groups: 'none',
  },
  children: { providers: collectionShape(providers), extendedProtection: protectionShape },
}

/** `<authentication>`. The mappings of certificates are known by their names, and warned of where they are enabled. */
export const authenticationShape = {
  kinds: {},
  children: {
    anonymousAuthentication: anonymousShape,
    basicAuthentication: basicShape,
    digestAuthentication: digestShape,
    windowsAuthentication: windowsShape,
    clientCertificateMappingAuthentication: openElement,
    iisClientCertificateMappingAuthentication: openElement,
  },
} as const satisfies AnyShape

type Texts<T extends object> = { -readonly [N in keyof T]?: Written<T[N]> }

/**
 * Reads the `<authentication>` elements, outermost file first; an attribute of an inner one replaces that of an outer
 * one. What only the site or a look at the disk can show is examined later. Undefined: everybody is anonymous.
 */
export function readAuthentication(
  elements: readonly XmlElement[],
  context: SectionContext,
): AuthenticationSettings | undefined {
  const { problems } = context
  for (const element of elements) readShaped(element, authenticationShape, problems)
  const anonymous = merged(childrenNamed(elements, 'anonymousAuthentication'), anonymousShape, problems)
  const basic = readBasic(childrenNamed(elements, 'basicAuthentication'), context)
  const windows = readWindows(childrenNamed(elements, 'windowsAuthentication'), context)
  const digestElements = childrenNamed(elements, 'digestAuthentication')
  const digest = merged(digestElements, digestShape, problems).enabled
  reportMappings(elements, problems)
  const isAnonymous = anonymous.enabled?.value ?? true
  if (isAnonymous && basic === undefined && windows === undefined && digest?.value !== true) return undefined
  if (anonymous.enabled?.value === false && basic === undefined && windows === undefined && digest?.value !== true) {
    const text = 'Anonymous users are kept out and no others can prove who they are: every request gets 401.2.'
    problems.warning(anonymous.enabled.at, text, 'Enable <windowsAuthentication> or <basicAuthentication>.')
  }
  return {
    anonymous: isAnonymous,
    ...(basic !== undefined && { basic }),
    ...(windows !== undefined && { windows }),
    ...(digest?.value === true && { digest: digest.at }),
  }
}

function readBasic(elements: readonly XmlElement[], context: SectionContext): BasicSettings | undefined {
  const { enabled, realm: written, usersFile, defaultLogonDomain } = merged(elements, basicShape, context.problems)
  if (enabled?.value !== true) return undefined
  if (defaultLogonDomain !== undefined && defaultLogonDomain.value !== '') {
    const text = 'defaultLogonDomain has no effect: the users are those of usersFile.'
    context.problems.notice(defaultLogonDomain.at, text)
  }
  return {
    at: enabled.at,
    realm: written === undefined || written.value === '' ? 'Restricted' : written.value,
    ...(usersFile !== undefined && { usersFile: pathOf(usersFile, context) }),
  }
}

function readWindows(elements: readonly XmlElement[], context: SectionContext): WindowsSettings | undefined {
  const { problems } = context
  const written = merged(elements, windowsShape, problems)
  const listed = readCollection(childrenNamed(elements, 'providers'), providers, problems)
  const protections = childrenNamed(elements, 'extendedProtection')
  const protection = merged(protections, protectionShape, problems)
  for (const spn of childrenNamed(protections, 'spn'))
    readShaped(spn, protectionShape.children?.['spn'] as AnyShape, problems)
  const { enabled, keytab, service, netbiosName: netbios } = written
  if (enabled?.value !== true) return undefined
  const ldap = ldapSettings(written, (path) => pathOf(path, context))
  const ntlm = listed.find(({ values }) => values.value === 'NTLM')
  if (ntlm?.element !== undefined && listed.length > 1) {
    const text = 'NTLM is not offered: there is no domain controller here that could check it. Kerberos is.'
    problems.notice(ntlm.element.at, text)
  }
  return {
    at: enabled.at,
    providers: listed.length === 0 ? ['Negotiate'] : listed.flatMap(({ values }) => values.value ?? []),
    ...(keytab !== undefined && { keytab: pathOf(keytab, context) }),
    ...(service !== undefined && { service: service.value }),
    groups: written.groups?.value ?? 'none',
    ...(ldap !== undefined && { ldap }),
    ...(netbios !== undefined && { netbiosName: netbios.value }),
    persistsPerConnection: written.authPersistNonNTLM?.value ?? false,
    requiresChannelBinding: protection.tokenChecking?.value === 'Require',
  }
}

/** The attributes that are written last. */
function merged<T extends object>(
  elements: readonly XmlElement[],
  shape: ElementShape<T>,
  problems: Problems,
): Texts<T> {
  const all: Texts<T> = {}
  for (const element of elements) {
    const written = readShaped(element, shape, problems)
    for (const name of Object.keys(written) as (keyof T)[]) {
      const value = written[name]
      if (value !== undefined) all[name] = value
    }
  }
  return all
}

/** Absolute; a relative path starts at the folder of the file that names it. */
function pathOf({ value, at }: Written<string>, { environment }: SectionContext): string {
  const { text } = expand(value, environment)
  return resolve(dirname(at.file), process.platform === 'win32' ? text : text.replaceAll('\\', '/'))
}

function reportMappings(elements: readonly XmlElement[], problems: Problems): void {
  for (const { name, attributes, at } of elements.flatMap(({ children }) => children)) {
    const isMapping = /^(?:iisC|c)lientCertificateMappingAuthentication$/.test(name)
    if (!isMapping || attributes.get('enabled')?.value.toLowerCase() !== 'true') continue
    const text = `<${name}> is not honoured: certificates are mapped to no users.`
    problems.warning(at, text, 'Let the application read the certificate, which it gets (AddCertificate).')
  }
}
