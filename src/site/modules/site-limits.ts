import type { SiteLimits } from '../../config/host-settings.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { SiteConnections } from '../../http/site-connections.ts'
import type { GateAnswer, Module } from './module.ts'

/**
 * `<site><limits>` of the host file. A listener may be shared by several sites, and before the first request nobody can
 * tell for which of them a connection is: until then the listener's own limits apply, afterwards those of the site of
 * the last request. The time of `connectionTimeout` runs only while a connection waits for its next request, so it never
 * cuts an answer.
 */
export const siteLimits: Module<undefined> = {
  section: undefined,
  create: (_settings, { siteLimits: own }) =>
    own === undefined ? {} : { gate: createLimitsGate(own.limits, own.connections), isOfSite: true },
}

function createLimitsGate(
  { connectionTimeoutMs, maxConnections, maxUrlSegments }: SiteLimits,
  connections: SiteConnections,
): (exchange: Exchange) => GateAnswer | undefined {
  // IIS's 0 is no time at all, which would end every connection; here it stands for no limit.
  const idleTimeoutMs = connectionTimeoutMs === 0 ? Number.POSITIVE_INFINITY : connectionTimeoutMs
  return ({ connection, path }) => {
    // Behind a trusted proxy the connection is the proxy's.
    const own = connection.proxy ?? connection
    if (idleTimeoutMs !== undefined) own.idleTimeoutMs = idleTimeoutMs
    if (maxConnections !== undefined && !connections.admit(own, maxConnections)) {
      return { failure: { kind: 'site-full' }, setting: `maxConnections="${String(maxConnections)}"` }
    }
    if (maxUrlSegments !== undefined && maxUrlSegments > 0 && segmentsOf(path) > maxUrlSegments) {
      return { failure: { kind: 'too-many-segments' }, setting: `maxUrlSegments="${String(maxUrlSegments)}"` }
    }
    return undefined
  }
}

/** A slash at the end begins no further segment. */
function segmentsOf(path: string): number {
  let count = 0
  for (let i = 0; i < path.length - 1; i++) if (path.charCodeAt(i) === 47) count++
  return path.length === 1 ? 0 : count
}
