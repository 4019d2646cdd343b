import { BlockList, isIP, isIPv6 } from 'node:net'
import { failed, ok, type Result } from './result.ts'

/** One address or network, such as `10.0.0.0/8`, in the terms of BlockList. */
interface Network {
  readonly address: string
  readonly prefix: number
  readonly family: 'ipv4' | 'ipv6'
}

/**
 * A set of IPv4 and IPv6 addresses, given as addresses and networks. An IPv4 address is the same in both spellings,
 * `1.2.3.4` and `::ffff:1.2.3.4`. Immutable.
 */
export class AddressSet {
  readonly #list: BlockList | undefined

  private constructor(networks: readonly Network[]) {
    if (networks.length === 0) return
    this.#list = new BlockList()
    for (const { address, prefix, family } of networks) this.#list.addSubnet(address, prefix, family)
  }

  static readonly none = new AddressSet([])

  /**
   * Makes a set of addresses (`192.0.2.1`, `2001:db8::1`) and networks in CIDR notation (`10.0.0.0/8`). Bits of an
   * address below its prefix are ignored. Fails with the first text that is neither.
   */
  static of(texts: readonly string[]): Result<AddressSet, string> {
    const networks: Network[] = []
    for (const text of texts) {
      const network = readNetwork(text)
      if (network === undefined) return failed(text)
      networks.push(network)
    }
    return ok(networks.length === 0 ? AddressSet.none : new AddressSet(networks))
  }

  get isEmpty(): boolean {
    return this.#list === undefined
  }

  /** Whether the address is in the set; false for a text that is no address. A zone (`%eth0`) is ignored. */
  has(address: string): boolean {
    if (this.#list === undefined) return false
    const plain = withoutZone(address)
    const version = isIP(plain)
    return version !== 0 && this.#list.check(plain, version === 4 ? 'ipv4' : 'ipv6')
  }
}

/** Whether a text is an address or a network of which AddressSet.of() can make a set. */
export function isNetwork(text: string): boolean {
  return readNetwork(text) !== undefined
}

function readNetwork(text: string): Network | undefined {
  const slash = text.indexOf('/')
  const address = slash < 0 ? text : text.slice(0, slash)
  // A zone belongs to one machine's interface and has no place in a set.
  if (isIP(address) === 0 || address.includes('%')) return undefined
  const family = isIPv6(address) ? 'ipv6' : 'ipv4'
  const bits = family === 'ipv6' ? 128 : 32
  const prefix = slash < 0 ? bits : readPrefix(text.slice(slash + 1))
  return prefix <= bits ? { address, prefix, family } : undefined
}

/** The number of a prefix; NaN for a text that is no number. */
function readPrefix(text: string): number {
  return /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN
}

function withoutZone(address: string): string {
  const zone = address.indexOf('%')
  return zone < 0 ? address : address.slice(0, zone)
}
