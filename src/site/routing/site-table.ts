import type { Exchange } from '../../http/exchange.ts'
import { PathTable, type Placement } from './path-table.ts'

/** A site: its bindings and its applications. */
export interface SitePlacement<App, Tls extends object = object> {
  /** Default: 0. */
  readonly id?: number
  readonly bindings: readonly BindingPlace<Tls>[]
  readonly applications: readonly Placement<App>[]
  /** Whether the site is stopped, so that its requests get 404. */
  readonly isStopped?: boolean
}

/** The requests that a binding is for. */
export interface BindingPlace<Tls extends object = object> {
  /** The local address, spelt as sockets report it; undefined: every address. */
  readonly address?: string | undefined
  readonly port: number
  /** '' = any host name; `*.example.org` = any name below it. */
  readonly hostName: string
  /** Stands for the TLS settings of the binding: see TlsFacts.settings. Undefined for http. */
  readonly tls?: Tls | undefined
}

/** What a request is for if it is for no application. */
export type Unrouted = 'unknown-host' | 'misdirected' | 'site-stopped' | 'no-application'

/** A binding of a site, as the table holds it. */
interface Target<App> {
  readonly site: number
  readonly tls: object | undefined
  readonly isStopped: boolean
  readonly applications: PathTable<App>
}

/** The bindings for one host name, or without one. */
interface Addresses<App> {
  any: Target<App> | undefined
  /** By local address; undefined while no binding names one. */
  byAddress: Map<string, Target<App>> | undefined
}

/** The bindings of one port. */
interface PortEntry<App> {
  /** By host name in lower case. Undefined while no binding has one. */
  named: Map<string, Addresses<App>> | undefined
  /** By the part after the `*` of a wildcard, such as `.example.org`. Undefined while there is no wildcard. */
  wildcards: Map<string, Addresses<App>> | undefined
  readonly unnamed: Addresses<App>
}

/**
 * Finds the application for a request by the address and port on which it arrived, its host name and its path, by the
 * rules of HTTP.sys: a binding with the request's host name wins over one with a wildcard, the longest wildcard over
 * shorter ones, and these over one without a host name; among those alike, one for the request's address wins over one
 * for all. Then the longest path wins. Letter case is ignored. How long a search takes does not depend on how many
 * bindings or applications there are. Immutable: a new configuration gets a new table.
 */
export class SiteTable<App> {
  readonly #byPort = new Map<number, PortEntry<App>>()

  constructor(sites: readonly SitePlacement<App>[]) {
    for (const { id: site = 0, bindings, applications, isStopped = false } of sites) {
      const table = new PathTable(applications)
      for (const binding of bindings) this.#add(binding, { site, tls: binding.tls, isStopped, applications: table })
    }
  }

  /** The id of the site whose binding a request is for; undefined: there is none. */
  siteOf(exchange: Exchange): number | undefined {
    const { connection } = exchange
    const entry = this.#byPort.get(connection.listenerPort ?? connection.localPort)
    return entry === undefined ? undefined : targetOf(entry, exchange)?.site
  }

  /** Returns the application, or why there is none. */
  find(exchange: Exchange): App | Unrouted {
    const { connection } = exchange
    const entry = this.#byPort.get(connection.listenerPort ?? connection.localPort)
    if (entry === undefined) return 'unknown-host'
    const target = targetOf(entry, exchange)
    if (target === undefined) return 'unknown-host'
    if (connection.tls !== undefined && connection.tls.settings !== target.tls) return 'misdirected'
    if (target.isStopped) return 'site-stopped'
    return target.applications.find(exchange.path) ?? 'no-application'
  }

  /** Of two bindings that are alike in all respects, the first one holds. */
  #add({ address, port, hostName }: BindingPlace, target: Target<App>): void {
    let entry = this.#byPort.get(port)
    if (entry === undefined) {
      entry = { named: undefined, wildcards: undefined, unnamed: { any: undefined, byAddress: undefined } }
      this.#byPort.set(port, entry)
    }
    const addresses = addressesFor(entry, hostName.toLowerCase())
    if (address === undefined) addresses.any ??= target
    else {
      addresses.byAddress ??= new Map()
      if (!addresses.byAddress.has(address)) addresses.byAddress.set(address, target)
    }
  }
}

function addressesFor<App>(entry: PortEntry<App>, name: string): Addresses<App> {
  if (name === '') return entry.unnamed
  const isWildcard = name.startsWith('*.')
  const names = isWildcard ? (entry.wildcards ??= new Map()) : (entry.named ??= new Map())
  const key = isWildcard ? name.slice(1) : name
  let addresses = names.get(key)
  if (addresses === undefined) {
    addresses = { any: undefined, byAddress: undefined }
    names.set(key, addresses)
  }
  return addresses
}

function targetOf<App>({ named, wildcards, unnamed }: PortEntry<App>, exchange: Exchange): Target<App> | undefined {
  if (named !== undefined || wildcards !== undefined) {
    const name = hostName(exchange.host)
    const target = atAddress(named?.get(name), exchange) ?? wildcardTarget(wildcards, name, exchange)
    if (target !== undefined) return target
  }
  return atAddress(unnamed, exchange)
}

function wildcardTarget<App>(
  wildcards: ReadonlyMap<string, Addresses<App>> | undefined,
  name: string,
  exchange: Exchange,
): Target<App> | undefined {
  if (wildcards === undefined) return undefined
  // The first label must not be empty, so the search begins behind the first character.
  for (let dot = name.indexOf('.', 1); dot !== -1; dot = name.indexOf('.', dot + 1)) {
    const target = atAddress(wildcards.get(name.slice(dot)), exchange)
    if (target !== undefined) return target
  }
  return undefined
}

function atAddress<App>(addresses: Addresses<App> | undefined, { connection }: Exchange): Target<App> | undefined {
  if (addresses === undefined) return undefined
  const { byAddress, any } = addresses
  // The address is not read where nobody asks for it, because it costs a system call.
  if (byAddress === undefined) return any
  return byAddress.get(connection.listenerAddress ?? connection.localAddress) ?? any
}

/**
 * The Host field in lower case, without its port and without the dot that may end a full name; an IPv6 address keeps its
 * brackets.
 */
function hostName(host: string): string {
  const colon = host.startsWith('[') ? host.indexOf(']') + 1 : host.indexOf(':')
  const end = colon <= 0 ? host.length : colon
  return host.slice(0, host.charCodeAt(end - 1) === 46 ? end - 1 : end).toLowerCase()
}
