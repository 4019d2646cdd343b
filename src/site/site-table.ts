import type { Exchange } from '../http/exchange.ts'

/** An application and its path in a site. */
export interface Placement<App> {
  readonly application: App
  /** `/` or `/sub`. */
  readonly path: string
}

/** A site: its bindings and its applications. */
export interface SitePlacement<App> {
  readonly bindings: readonly BindingPlace[]
  readonly applications: readonly Placement<App>[]
}

/** The requests that a binding is for. */
export interface BindingPlace {
  /** The local address, spelt as sockets report it; undefined: every address. */
  readonly address?: string | undefined
  readonly port: number
  /** '' = any host name. */
  readonly hostName: string
}

/**
 * The applications of sites, longest path first, by the host name of a binding; `anyName` is for bindings without one.
 */
interface HostNames<App> {
  readonly named: Map<string, readonly Placement<App>[]>
  anyName: readonly Placement<App>[] | undefined
}

/** The bindings of one port; `hasNames` says whether any of them has a host name. */
interface PortEntry<App> {
  hasNames: boolean
  readonly anyAddress: HostNames<App>
  readonly byAddress: Map<string, HostNames<App>>
}

/**
 * Finds the application for a request by its local address and port, its host name and its path, by the rules of IIS: a
 * binding with the request's host name wins over one without a host name, then a binding for one address over one for
 * all, then the longest path wins. Letter case is ignored. Immutable: a new configuration gets a new table.
 */
export class SiteTable<App> {
  readonly #byPort = new Map<number, PortEntry<App>>()
  readonly #only: App | undefined

  constructor(sites: readonly SitePlacement<App>[]) {
    for (const site of sites) {
      const applications = [...site.applications].sort((a, b) => b.path.length - a.path.length)
      for (const binding of site.bindings) {
        const name = binding.hostName.toLowerCase()
        const names = this.#namesFor(binding)
        if (name === '') names.anyName ??= applications
        else if (!names.named.has(name)) names.named.set(name, applications)
      }
    }
    this.#only = onlyApplication(sites)
  }

  find(exchange: Exchange): App | undefined {
    if (this.#only !== undefined) return this.#only
    const { connection } = exchange
    const entry = this.#byPort.get(connection.listenerPort ?? connection.localPort)
    if (entry === undefined) return undefined
    const { anyAddress, byAddress, hasNames } = entry
    const here = byAddress.size > 0 ? byAddress.get(connection.listenerAddress ?? connection.localAddress) : undefined
    const name = hasNames ? hostName(exchange.host) : ''
    const applications = here?.named.get(name) ?? anyAddress.named.get(name) ?? here?.anyName ?? anyAddress.anyName
    return applications?.find(({ path }) => isUnder(exchange.path, path))?.application
  }

  #namesFor({ address, port, hostName }: BindingPlace): HostNames<App> {
    let entry = this.#byPort.get(port)
    if (entry === undefined) {
      entry = { hasNames: false, anyAddress: { named: new Map(), anyName: undefined }, byAddress: new Map() }
      this.#byPort.set(port, entry)
    }
    if (hostName !== '') entry.hasNames = true
    if (address === undefined) return entry.anyAddress
    let names = entry.byAddress.get(address)
    if (names === undefined) {
      names = { named: new Map(), anyName: undefined }
      entry.byAddress.set(address, names)
    }
    return names
  }
}

/**
 * The application that gets every request, if there is only one and it takes every path and host name; else undefined.
 */
function onlyApplication<App>(sites: readonly SitePlacement<App>[]): App | undefined {
  const [site, ...more] = sites
  if (site === undefined || more.length > 0) return undefined
  const [root, ...others] = site.applications
  const catchAll = site.bindings.every((binding) => binding.hostName === '')
  return root?.path === '/' && others.length === 0 && catchAll ? root.application : undefined
}

/**
 * Whether a path belongs to an application: `/sub` and `/sub/x` belong to `/sub`, `/subway` does not. Case is ignored.
 */
function isUnder(path: string, applicationPath: string): boolean {
  if (applicationPath === '/') return true
  if (path.length > applicationPath.length && path.charCodeAt(applicationPath.length) !== 47) return false
  return path.slice(0, applicationPath.length).toLowerCase() === applicationPath.toLowerCase()
}

/** The Host field without its port, in lower case; an IPv6 address keeps its brackets. */
function hostName(host: string): string {
  const end = host.startsWith('[') ? host.indexOf(']') + 1 : host.indexOf(':')
  return (end <= 0 ? host : host.slice(0, end)).toLowerCase()
}
