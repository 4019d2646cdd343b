import { isIP } from 'node:net'
import { Problems } from '../../../config/problems.ts'
import { type CollectionTable, collectionShape, readCollection } from '../../../config/sections/collection.ts'
import type { SectionReader } from '../../../config/sections/section-reader.ts'
import { readAttributes } from '../../../config/xml/element.ts'
import type { XmlElement } from '../../../config/xml/xml.ts'
import type { Connection } from '../../../http/exchange.ts'
import { AddressSet } from '../../../platform/address-set.ts'
import { bool, matching } from '../../../platform/schema.ts'
import type { GateAnswer, Module } from '../module.ts'
import { clientAddress, denial, type DenyAction, denyActions } from './denial.ts'
import { isMask, networkOf } from './subnet-mask.ts'

export interface IpSecuritySettings {
  readonly allowUnlisted: boolean
  readonly denyAction: DenyAction
  /** In the order in which they are asked; the first one with the client's address decides. */
  readonly entries: readonly IpEntry[]
}

export interface IpEntry {
  /** Such as `10.0.0.0/8`. */
  readonly network: string
  readonly allowed: boolean
}

interface AddAttributes {
  readonly ipAddress: string
  readonly subnetMask: string
  readonly allowed: boolean
}

const addressPattern = '[0-9A-Fa-f:.]+'

function isAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%')
}

const listKinds = {
  allowUnlisted: bool(),
  enableReverseDns: bool(),
  enableProxyMode: bool(),
  denyAction: denyActions,
}

const table: CollectionTable<AddAttributes> = {
  what: 'address',
  kinds: {
    ipAddress: matching('an IPv4 or IPv6 address', isAddress, addressPattern),
    subnetMask: matching('a mask such as 255.255.255.0, or the number of its bits', isMask, addressPattern),
    allowed: bool(),
  },
  required: ['ipAddress'],
  key: ['ipAddress', 'subnetMask'],
  defaults: { subnetMask: '255.255.255.255', allowed: false },
  attributes: {
    kinds: listKinds,
    defaults: { allowUnlisted: true, enableReverseDns: false, enableProxyMode: false, denyAction: 'Forbidden' },
  },
}

const section: SectionReader<IpSecuritySettings> = {
  section: 'security/ipSecurity',
  shape: collectionShape(table),
  read: (elements, { problems }) => readIpSecurity(elements, problems),
  describe: ({ allowUnlisted, denyAction, entries }) => [
    ...entries.map(({ network, allowed }) => [allowed ? 'address allowed' : 'address denied', network] as const),
    ['other addresses', allowUnlisted ? 'allowed' : 'denied'],
    ['who is denied gets', denyAction],
  ],
}

/** `<security><ipSecurity>`: refuses clients by their address. */
export const ipSecurity: Module<IpSecuritySettings> = {
  section,
  create: (settings) => {
    const isAllowed = createAddressTest(settings)
    const denied = denial('address', settings.denyAction, settings.allowUnlisted ? '<ipSecurity>' : allowedAlone)
    // Most connections carry many requests.
    const known = new WeakMap<Connection, boolean>()
    return {
      gate: (exchange): GateAnswer | undefined => {
        let passes = known.get(exchange.connection)
        if (passes === undefined) {
          passes = isAllowed(clientAddress(exchange))
          known.set(exchange.connection, passes)
        }
        return passes ? undefined : denied
      },
    }
  },
}

const allowedAlone = '<ipSecurity allowUnlisted="false">'

/** Entries that follow each other and say the same are one set, so that long lists are searched at once. */
function createAddressTest({ entries, allowUnlisted }: IpSecuritySettings): (address: string) => boolean {
  const groups: { readonly allowed: boolean; readonly networks: string[] }[] = []
  for (const { network, allowed } of entries) {
    const last = groups.at(-1)
    if (last?.allowed === allowed) last.networks.push(network)
    else groups.push({ allowed, networks: [network] })
  }
  const sets = groups.map(({ allowed, networks }) => {
    const set = AddressSet.of(networks)
    if (!set.ok) throw new Error(`${set.failure} is no network`)
    return { allowed, set: set.value }
  })
  return (address) => sets.find(({ set }) => set.has(address))?.allowed ?? allowUnlisted
}

/** Undefined: everybody is allowed. */
function readIpSecurity(elements: readonly XmlElement[], problems: Problems): IpSecuritySettings | undefined {
  const entries: IpEntry[] = []
  for (const { values, element, at } of readCollection(elements, table, problems)) {
    const { ipAddress = '', subnetMask = '255.255.255.255', allowed = false } = values
    const network = networkOf(ipAddress, subnetMask)
    if (network !== undefined) entries.push({ network, allowed })
    else if (element !== undefined) {
      const place = at.subnetMask ?? element.at
      problems.error(place, `subnetMask="${subnetMask}" is no mask of ${ipAddress}.`, 'Write the number of its bits.')
    }
  }
  let allowUnlisted = true
  let denyAction: DenyAction = 'Forbidden'
  for (const element of elements) {
    // What is wrong has been reported with the collection.
    const written = readAttributes(element, listKinds, new Problems())
    allowUnlisted = written.allowUnlisted?.value ?? allowUnlisted
    denyAction = written.denyAction?.value ?? denyAction
  }
  if (allowUnlisted && entries.every(({ allowed }) => allowed)) return undefined
  return { allowUnlisted, denyAction, entries }
}
