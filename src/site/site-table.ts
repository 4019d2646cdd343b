import type { Exchange } from '../http/exchange.ts'

/** One application's place: which site it belongs to, and where under it. */
export interface Placement<App> {
  readonly application: App
  /** `/` or `/sub`. */
  readonly path: string
}

export interface SitePlacement<App> {
  readonly bindings: readonly BindingPlace[]
  readonly applications: readonly Placement<App>[]
}

/** Which requests a binding is for. */
export interface BindingPlace {
  /** The local address, as connections say it; undefined: every one. */
  readonly address?: string | undefined
  readonly port: number
  /** '' = any host name. */
  readonly hostName: string
}

/** The applications of a site, longest path first, by the host name that leads to it. */
interface HostNames<App> {
  readonly named: Map<string, readonly Placement<App>[]>
  any: readonly Placement<App>[] | undefined
}

/** The sites of one port. */
interface PortEntry<App> {
  hasNames: boolean
  readonly everywhere: HostNames<App>
  readonly byAddress: Map<string, HostNames<App>>
}

/**
 * Local address and port + host name + longest path → application, as IIS binds: an exact host name goes before none, and
 * among those that have the same the one address before all; case ignored.
 * Immutable; a reload swaps the whole table in one assignment.
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
        if (name === '') names.any ??= applications
        else if (!names.named.has(name)) names.named.set(name, applications)
      }
    }
    this.#only = onlyRoot(sites)
  }

  find(exchange: Exchange): App | undefined {
    if (this.#only !== undefined) return this.#only
    const { connection } = exchange
    const entry = this.#byPort.get(connection.localPort)
    if (entry === undefined) return undefined
    const { everywhere, byAddress, hasNames } = entry
    const here = byAddress.size > 0 ? byAddress.get(connection.localAddress) : undefined
    const name = hasNames ? hostName(exchange.host) : ''
    const applications = here?.named.get(name) ?? everywhere.named.get(name) ?? here?.any ?? everywhere.any
    return applications?.find(({ path }) => isUnder(exchange.path, path))?.application
  }

  #namesFor({ address, port, hostName }: BindingPlace): HostNames<App> {
    let entry = this.#byPort.get(port)
    if (entry === undefined) {
      entry = { hasNames: false, everywhere: { named: new Map(), any: undefined }, byAddress: new Map() }
      this.#byPort.set(port, entry)
    }
    if (hostName !== '') entry.hasNames = true
    if (address === undefined) return entry.everywhere
    let names = entry.byAddress.get(address)
    if (names === undefined) {
      names = { named: new Map(), any: undefined }
      entry.byAddress.set(address, names)
    }
    return names
  }
}

/** One root application that takes every host name on every port: nothing to look up. */
function onlyRoot<App>(sites: readonly SitePlacement<App>[]): App | undefined {
  const [site, ...more] = sites
  if (site === undefined || more.length > 0) return undefined
  const [root, ...others] = site.applications
  const catchAll = site.bindings.every((binding) => binding.hostName === '')
  return root?.path === '/' && others.length === 0 && catchAll ? root.application : undefined
}

/** `/sub` takes `/sub` and `/sub/x`, not `/subway`; without regard to case. */
function isUnder(path: string, applicationPath: string): boolean {
  if (applicationPath === '/') return true
  if (path.length > applicationPath.length && path.charCodeAt(applicationPath.length) !== 47) return false
  return path.slice(0, applicationPath.length).toLowerCase() === applicationPath.toLowerCase()
}

/** The Host field without its port, lower case; an IPv6 literal keeps its brackets. */
function hostName(host: string): string {
  const end = host.startsWith('[') ? host.indexOf(']') + 1 : host.indexOf(':')
  return (end <= 0 ? host : host.slice(0, end)).toLowerCase()
}
