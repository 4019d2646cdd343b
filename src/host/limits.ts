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

/**
 * The limits under the configuration in force. Every front and its connections read them from one object, so that other
 * values reach those that are open, too. Life: that of the ProxyHost, which owns it.
 */
export class LimitsInForce {
  readonly #builtIn: FrontLimits
  readonly #values: { -readonly [Limit in keyof FrontLimits]: FrontLimits[Limit] }

  constructor(builtIn: FrontLimits) {
    this.#builtIn = builtIn
    this.#values = { ...builtIn }
  }

  /** Always the same object. */
  get values(): FrontLimits {
    return this.#values
  }

  /** Puts what this configuration says about limits into force. */
  use(config: Written): void {
    Object.assign(this.#values, withWebLimits(this.#builtIn, config))
  }
}

/** The limits with those that `<webLimits>` of the host file says. They apply to every listener. */
export function withWebLimits(limits: FrontLimits, { webLimits = {}, trustedProxies = [] }: Written): FrontLimits {
  const exempt = AddressSet.of(trustedProxies)
  const { headerWaitTimeoutMs, minBytesPerSecond, maxConnectionsPerAddress, maxRequestBytes } = webLimits
  return {
    ...limits,
    ...(exempt.ok && { exemptAddresses: exempt.value }),
    ...(headerWaitTimeoutMs !== undefined && { headTimeoutMs: zeroIsNone(headerWaitTimeoutMs) }),
    ...(maxRequestBytes !== undefined && { headBytes: maxRequestBytes }),
    ...(minBytesPerSecond !== undefined && { minBodyRate: minBytesPerSecond }),
    ...(maxConnectionsPerAddress !== undefined && { connectionsPerAddress: zeroIsNone(maxConnectionsPerAddress) }),
  }
}

/** 0 stands for no limit. */
function zeroIsNone(limit: number): number {
  return limit === 0 ? Number.POSITIVE_INFINITY : limit
}
