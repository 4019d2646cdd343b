import { isIP, isIPv4 } from 'node:net'
import { nonEmpty, uint } from '../../platform/schema.ts'
import { bindingAtAdmin } from '../admin-clash.ts'
import type { AdminConfig, WebLimits } from '../host-settings.ts'
import type { BindingConfig } from '../model.ts'
import { shown } from '../problems.ts'
import { childrenNamed, type NoAttributes } from '../xml/element.ts'
import type { XmlElement } from '../xml/xml.ts'
import { readBindingInformation } from './binding-information.ts'
import { type ElementRules, type HostFileContext, readElement, readPath } from './elements.ts'

type OwnLimits = Pick<WebLimits, 'maxConnectionsPerAddress' | 'maxRequestBytes'>

/** What `<ancmd>` says: the section for what IIS has no word for. */
export interface OwnSection {
  readonly trustedProxies: readonly string[]
  readonly admin: AdminConfig | undefined
  /** What `<limits>` says of every connection. */
  readonly limits: OwnLimits
}

const proxyRules: ElementRules<{ ipAddress: string }> = {
  kinds: { ipAddress: nonEmpty('an address or a network, such as 10.0.0.0/8') },
  required: ['ipAddress'],
}

const proxiesRules: ElementRules<NoAttributes> = { kinds: {}, children: { add: proxyRules } }

const adminRules: ElementRules<{ address: string; tokenFile: string }> = {
  kinds: {
    address: nonEmpty('an address and a port, such as 127.0.0.1:8081'),
    tokenFile: nonEmpty('a file whose first line is the token'),
  },
  required: ['address'],
}

const limitRules: ElementRules<Required<OwnLimits>> = {
  kinds: {
    maxConnectionsPerAddress: uint({ min: 0, max: 1_000_000, unit: 'connections' }),
    maxRequestBytes: uint({ min: 1_024, max: 65_536, unit: 'bytes' }),
  },
}

/** `<ancmd>`. */
export const ownSectionRules: ElementRules<NoAttributes> = {
  kinds: {},
  children: { trustedProxies: proxiesRules, admin: adminRules, limits: limitRules },
}

/**
 * Reads the `<ancmd>` elements.
 *
 * @param bindings of all sites
 */
export function readOwnSection(
  elements: readonly XmlElement[],
  bindings: readonly BindingConfig[],
  context: HostFileContext,
): OwnSection {
  for (const element of elements) readElement(element, ownSectionRules, context)
  const lists = childrenNamed(elements, 'trustedProxies')
  for (const list of lists) readElement(list, proxiesRules, context)
  const trustedProxies = childrenNamed(lists, 'add').flatMap((element) => readProxy(element, context) ?? [])
  const admins = childrenNamed(elements, 'admin').map((element) => readAdmin(element, bindings, context))
  const limits = childrenNamed(elements, 'limits').map((element) => readElement(element, limitRules, context))
  const last = limits.at(-1)
  return {
    trustedProxies: [...new Set(trustedProxies)],
    admin: admins.at(-1),
    limits: {
      ...(last?.maxConnectionsPerAddress !== undefined && {
        maxConnectionsPerAddress: last.maxConnectionsPerAddress.value,
      }),
      ...(last?.maxRequestBytes !== undefined && { maxRequestBytes: last.maxRequestBytes.value }),
    },
  }
}

function readProxy(element: XmlElement, context: HostFileContext): string | undefined {
  const { ipAddress } = readElement(element, proxyRules, context)
  if (ipAddress === undefined) return undefined
  const [address = '', prefix, ...more] = ipAddress.value.trim().split('/')
  const bits = isIPv4(address) ? 32 : 128
  const hasPrefix = prefix === undefined || uint({ min: 0, max: bits }).read(prefix).ok
  if (isIP(address) !== 0 && hasPrefix && more.length === 0) return ipAddress.value.trim()
  const text = `ipAddress="${shown(ipAddress.text)}" is no address and no network.`
  context.problems.error(ipAddress.at, text, 'Write an address such as 10.1.2.3, or a network such as 10.0.0.0/8.')
  return undefined
}

function readAdmin(
  element: XmlElement,
  bindings: readonly BindingConfig[],
  context: HostFileContext,
): AdminConfig | undefined {
  const { problems } = context
  const { address, tokenFile } = readElement(element, adminRules, context)
  if (address === undefined) return undefined
  const read = readBindingInformation(`${address.value}:`)
  if (!read.ok || read.value.address === undefined) {
    const text = `address="${shown(address.text)}" is no address and port.`
    problems.error(address.at, text, 'Write both, such as 127.0.0.1:8081 or [::1]:8081.')
    return undefined
  }
  const where = { address: read.value.address, port: read.value.port }
  const { at } = bindingAtAdmin(where, bindings) ?? {}
  if (at !== undefined) {
    const text = `address="${shown(address.text)}" is taken by the binding in ${at.file}:${String(at.line)}.`
    problems.error(address.at, text, 'Give one of the two another port.')
  }
  const file = tokenFile === undefined ? undefined : readPath('tokenFile', tokenFile, context)
  return { ...where, tokenFile: file }
}
