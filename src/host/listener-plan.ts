import { isIP, isIPv4, SocketAddress } from 'node:net'
import type { BindingConfig, SiteConfig } from '../config/model.ts'
import { plainAddress } from '../listen/connection-facts.ts'
import type { Endpoint } from '../listen/listen.ts'

/** A listener and the bindings that it is for. */
export interface PlannedListener {
  /** The same for the same listener in the plan of another configuration. */
  readonly key: string
  readonly endpoint: Endpoint
  readonly bindings: readonly PlannedBinding[]
}

export interface PlannedBinding {
  readonly site: SiteConfig
  readonly binding: BindingConfig
  /** Its place among the bindings of its site. */
  readonly index: number
}

/**
 * The listeners that the bindings of these sites need: one for each address and port, and one for each binding with
 * port 0. In the order of the bindings.
 */
export function planListeners(sites: readonly SiteConfig[]): readonly PlannedListener[] {
  const everyAddress = everyAddressOf(sites)
  const planned = new Map<string, { key: string; endpoint: Endpoint; bindings: PlannedBinding[] }>()
  for (const site of sites) {
    for (const [index, binding] of site.bindings.entries()) {
      const endpoint = endpointOf(binding, everyAddress)
      const key = keyOf(endpoint, site, binding, planned)
      const listener = planned.get(key)
      if (listener === undefined) planned.set(key, { key, endpoint, bindings: [{ site, binding, index }] })
      else listener.bindings.push({ site, binding, index })
    }
  }
  return [...planned.values()]
}

/** Whether the system may refuse a listener for one of these beside one for the other. */
export function mayExclude(a: Endpoint, b: Endpoint): boolean {
  return a.port === b.port && a.port !== 0 && (isEveryAddress(a.address) || isEveryAddress(b.address))
}

/** The only local address that a binding is for, spelt as sockets report it; undefined: every address. */
export function localAddressOf({ address }: BindingConfig, endpoint: Endpoint, listening: string): string | undefined {
  if (isEveryAddress(address)) return undefined
  if (address === endpoint.address) return plainAddress(listening)
  // An IPv6 address can be written in many ways; this is how the system writes it.
  const family = isIPv4(address) ? 'ipv4' : 'ipv6'
  return plainAddress(new SocketAddress({ address: address.replace(/%.*$/, ''), family }).address)
}

function isEveryAddress(address: string | undefined): address is undefined | '::' | '0.0.0.0' {
  return address === undefined || address === '::' || address === '0.0.0.0'
}

/** Port 0 is not shared: each binding with it has a free port of its own, which it keeps as long as its site has it. */
function keyOf(
  { address, port }: Endpoint,
  { id }: SiteConfig,
  { protocol, hostName }: BindingConfig,
  planned: ReadonlyMap<string, unknown>,
): string {
  const place = `${address ?? '*'}:${String(port)}`
  if (port !== 0) return place
  for (let i = 0; ; i++) {
    const key = `${place} of site ${String(id)}, ${protocol} ${hostName} ${String(i)}`
    if (!planned.has(key)) return key
  }
}

/** By port: which spellings of "every address" its bindings have. */
type EveryAddress = ReadonlyMap<number, ReadonlySet<string | undefined>>

function everyAddressOf(sites: readonly SiteConfig[]): EveryAddress {
  const byPort = new Map<number, Set<string | undefined>>()
  for (const { address, port } of sites.flatMap(({ bindings }) => bindings)) {
    if (!isEveryAddress(address)) continue
    const spellings = byPort.get(port)
    if (spellings === undefined) byPort.set(port, new Set([address]))
    else spellings.add(address)
  }
  return byPort
}

/**
 * The address and port to listen on for a binding. The system refuses a listener for one address beside a listener for
 * all addresses on the same port; in that case the latter takes the connections of both bindings, and the site table
 * tells them apart by their local address.
 */
function endpointOf({ address, port }: BindingConfig, everyAddress: EveryAddress): Endpoint {
  const spellings = everyAddress.get(port)
  const isListedAddress = address === undefined || isIP(address) !== 0
  if (spellings === undefined || port === 0 || !isListedAddress) return { address, port }
  if (spellings.has(undefined)) return { address: undefined, port }
  if (spellings.has('::')) return { address: '::', port }
  return { address: spellings.has('0.0.0.0') && isIPv4(address ?? '') ? '0.0.0.0' : address, port }
}
