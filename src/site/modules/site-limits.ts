import type { SiteLimits } from '../../config/host-settings.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { GateAnswer, Module, SiteLimitsInForce } from './module.ts'

const none: SiteLimits = {}

/**
 * `<site><limits>` of the host file. A listener may be shared by several sites, and before the first request nobody can
 * tell for which of them a connection is: until then the listener's own limits apply, afterwards those of the site of
 * the last request. The time of `connectionTimeout` runs only while a connection waits for its next request, so it never
 * cuts an answer.
 */
export const siteLimits: Module<undefined> = {
  section: undefined,
  create: (_settings, { siteLimits: own }) =>
    own === undefined ? {} : { gate: createLimitsGate(own), isOfSite: true },
}

function createLimitsGate(inForce: SiteLimitsInForce): (exchange: Exchange) => GateAnswer | undefined {
  return ({ connection, path }) => {
    const { connectionTimeoutMs, maxConnections, maxUrlSegments } = inForce.limits ?? none
    // Behind a trusted proxy the connection is the proxy's.
    const own = connection.proxy ?? connection
    // IIS's 0 is no time at all, which would end every connection; here it stands for no limit.
    own.idleTimeoutMs = connectionTimeoutMs === 0 ? Number.POSITIVE_INFINITY : connectionTimeoutMs
    if (maxConnections !== undefined && !inForce.connections.admit(own, maxConnections)) {
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
