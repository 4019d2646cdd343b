import { isNetwork } from '../platform/address-set.ts'
import { failed, ok, type Result } from '../platform/result.ts'
import type { OptionSpec, ParsedOptions, UsageError } from './options.ts'

/** What `run` is told about proxies in front of it. */
export interface ProxyOptions {
  /** Addresses and networks, as HostConfig has them. */
  readonly trustedProxies: readonly string[]
  /** Whether every connection begins with a PROXY header. */
  readonly proxyProtocol: boolean
}

export const proxyOptions: readonly OptionSpec[] = [
  {
    name: 'trusted-proxy',
    value: 'CIDR',
    summary: 'address or network whose X-Forwarded-* and PROXY headers are believed; may be repeated',
    repeats: true,
  },
  {
    name: 'proxy-protocol',
    value: undefined,
    summary: 'every connection has to begin with a PROXY header of a trusted proxy',
  },
]

/** Reads --trusted-proxy and --proxy-protocol, which needs it: nobody else's PROXY header is taken. */
export function readProxyOptions(given: ParsedOptions): Result<ProxyOptions, UsageError> {
  const trustedProxies = given.values('trusted-proxy')
  const proxyProtocol = given.has('proxy-protocol')
  const wrong = trustedProxies.find((text) => !isNetwork(text))
  if (wrong !== undefined) {
    const message = `option --trusted-proxy takes an address or a network, such as 192.0.2.1 or 10.0.0.0/8, not '${wrong}'`
    return failed({ message })
  }
  if (proxyProtocol && trustedProxies.length === 0) {
    const message = 'option --proxy-protocol needs --trusted-proxy CIDR, because only a trusted proxy may send a header'
    return failed({ message })
  }
  return ok({ trustedProxies, proxyProtocol })
}
