import type { Exchange } from '../http/exchange.ts'

/** One application's place: which site it belongs to, and where under it. */
export interface Placement<App> {
  readonly application: App
  /** `/` or `/sub`. */
  readonly path: string
}

export interface SitePlacement<App> {
  readonly bindings: readonly { readonly port: number; readonly hostName: string }[]
  readonly applications: readonly Placement<App>[]
}

/**
 * Port + host name + longest path → application, as IIS binds: an exact host name before the catch-all, case ignored.
 * Immutable; a reload swaps the whole table in one assignment.
 */
export class SiteTable<App> {
  readonly #byPort = new Map<
    number,
    { named: Map<string, readonly Placement<App>[]>; any: readonly Placement<App>[] | undefined }
  >()
  readonly #only: App | undefined

  constructor(sites: readonly SitePlacement<App>[]) {
    for (const site of sites) {
      const applications = [...site.applications].sort((a, b) => b.path.length - a.path.length)
      for (const binding of site.bindings) {
        let entry = this.#byPort.get(binding.port)
        if (entry === undefined) {
          entry = { named: new Map(), any: undefined }
          this.#byPort.set(binding.port, entry)
        }
        if (binding.hostName === '') entry.any ??= applications
        else if (!entry.named.has(binding.hostName.toLowerCase()))
          entry.named.set(binding.hostName.toLowerCase(), applications)
      }
    }
    this.#only = onlyRoot(sites)
  }

  find(exchange: Exchange): App | undefined {
    if (this.#only !== undefined) return this.#only
    const entry = this.#byPort.get(exchange.connection.localPort)
    if (entry === undefined) return undefined
    const applications = (entry.named.size > 0 ? entry.named.get(hostName(exchange.host)) : undefined) ?? entry.any
    return applications?.find(({ path }) => isUnder(exchange.path, path))?.application
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
