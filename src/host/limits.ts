import type { HostConfig } from '../config/model.ts'
import { type FrontLimits, frontLimits } from '../listen/limits.ts'
import { AddressSet } from '../platform/address-set.ts'

/** File descriptors kept for everything but connections: Node's own, log files, watches, pipes of child processes. */
const reservedDescriptors = 64
const minConnections = 16

/**
 * Limits of a front where the process may open `openFiles` files; undefined: the system has no such limit. A client
 * takes up two descriptors, its own connection and one to the application; a fifth of the descriptors is kept free. So
 * clients alone, however many and however idle, never keep an application from being started.
 */
export function frontLimitsFor(openFiles: number | undefined): FrontLimits {
  if (openFiles === undefined) return frontLimits
  const affordable = Math.floor(((openFiles - reservedDescriptors) / 2) * 0.8)
  return { ...frontLimits, connections: Math.min(frontLimits.connections, Math.max(minConnections, affordable)) }
}

type Written = Pick<HostConfig, 'webLimits' | 'trustedProxies'>

/** The limits with those that `<webLimits>` of the host file says. They apply to every listener, until the next start. */
export function withWebLimits(limits: FrontLimits, { webLimits = {}, trustedProxies = [] }: Written): FrontLimits {
  const exempt = AddressSet.of(trustedProxies)
  const { headerWaitTimeoutMs, minBytesPerSecond, maxConnectionsPerAddress } = webLimits
  return {
    ...limits,
    ...(exempt.ok && { exemptAddresses: exempt.value }),
    ...(headerWaitTimeoutMs !== undefined && { headTimeoutMs: zeroIsNone(headerWaitTimeoutMs) }),
    ...(minBytesPerSecond !== undefined && { minBodyRate: minBytesPerSecond }),
    ...(maxConnectionsPerAddress !== undefined && { connectionsPerAddress: zeroIsNone(maxConnectionsPerAddress) }),
  }
}

/** 0 stands for no limit. */
function zeroIsNone(limit: number): number {
  return limit === 0 ? Number.POSITIVE_INFINITY : limit
}
