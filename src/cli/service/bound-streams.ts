import { isIP } from 'node:net'
import type { SiteConfig } from '../../config/model.ts'
import { planListeners } from '../../host/listener-plan.ts'

/**
 * Where the listeners of one protocol of these sites listen, as ListenStream= of systemd has it. Not among them are
 * port 0 and addresses that are written as a name: those ancmd opens itself.
 */
export function boundStreams(sites: readonly SiteConfig[], protocol: 'http' | 'https'): readonly string[] {
  return planListeners(sites).flatMap(({ endpoint: { address, port }, bindings: [first] }) => {
    if (first?.binding.protocol !== protocol || port === 0) return []
    if (address === undefined) return [String(port)]
    const family = isIP(address)
    if (family === 0) return []
    return [family === 6 ? `[${address}]:${String(port)}` : `${address}:${String(port)}`]
  })
}

/** The folders of all applications of these sites, each once. */
export function applicationFolders(sites: readonly SiteConfig[]): readonly string[] {
  const folders = sites.flatMap(({ applications }) => applications.map(({ physicalPath }) => physicalPath))
  return [...new Set(folders)].toSorted()
}

/** The first of these paths that the service could not see, because it has no access to anybody's home. */
export function hiddenPath(paths: readonly string[]): string | undefined {
  return paths.find((path) => /^\/(?:home|root|run\/user)(?:\/|$)/.test(path))
}
