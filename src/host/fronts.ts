import { isIP, isIPv4, SocketAddress } from 'node:net'
import type { BindingConfig } from '../config/model.ts'
import { plainAddress } from '../listen/connection-facts.ts'
import type { Front, FrontOpening } from '../listen/front.ts'
import type { Endpoint, ListenFailure } from '../listen/listen.ts'

/** A binding that accepts connections. */
export interface OpenBinding {
  readonly opened: true
  readonly binding: BindingConfig
  readonly front: Front
  /** The only local address that the binding is for, spelt as sockets report it; undefined: every address. */
  readonly address: string | undefined
}

/**
 * The listeners of all sites: one for each address and port, however many bindings name them. Life: open() once for
 * each binding, then the same calls as on a Front; owned by the ProxyHost.
 */
export class Fronts {
  readonly #bindings: readonly BindingConfig[]
  readonly #openFront: (endpoint: Endpoint, bindings: readonly BindingConfig[]) => Promise<FrontOpening>
  readonly #all: Front[] = []
  readonly #byEndpoint = new Map<string, Front>()
  readonly #taken = new Set<string>()
  #destroyed = false

  /** @param bindings all bindings of all sites, because one listener may have to serve several of them */
  constructor(
    bindings: readonly BindingConfig[],
    openFront: (endpoint: Endpoint, bindings: readonly BindingConfig[]) => Promise<FrontOpening>,
  ) {
    this.#bindings = bindings
    this.#openFront = openFront
  }

  /** Opens a listener for this binding, or takes the one that another binding has opened already. */
  async open(binding: BindingConfig): Promise<OpenBinding | ListenFailure> {
    const endpoint = endpointOf(binding, this.#bindings)
    const opening = await this.#listen(endpoint, binding)
    if (!opening.opened) return opening
    const { front } = opening
    const address = localAddressOf(binding, endpoint, front)
    const key = `${address ?? '*'}:${String(front.port)}:${binding.hostName.toLowerCase()}`
    if (this.#taken.has(key)) {
      const cause = new Error('another binding has the same address, port and host name')
      return { opened: false, code: 'port-taken', cause }
    }
    this.#taken.add(key)
    return { opened: true, binding, front, address }
  }

  /** Live connections of all listeners. */
  get connections(): number {
    let sum = 0
    for (const front of this.#all) sum += front.connections
    return sum
  }

  async stopAccepting(): Promise<void> {
    await Promise.all(this.#all.map((front) => front.stopAccepting()))
  }

  async closeIdle(): Promise<void> {
    await Promise.all(this.#all.map((front) => front.closeIdle()))
  }

  async closed(): Promise<void> {
    await Promise.all(this.#all.map((front) => front.closed()))
  }

  destroy(): void {
    this.#destroyed = true
    for (const front of this.#all) front.destroy()
  }

  async #listen(endpoint: Endpoint, binding: BindingConfig): Promise<FrontOpening> {
    const key = `${endpoint.address ?? '*'}:${String(endpoint.port)}`
    const front = this.#byEndpoint.get(key)
    if (front !== undefined) return { opened: true, front }
    const opening = await this.#openFront(endpoint, this.#servedBy(endpoint, binding))
    if (!opening.opened) return opening
    if (this.#destroyed) opening.front.destroy()
    this.#all.push(opening.front)
    // Port 0 is not shared: each binding with it gets another free port.
    if (endpoint.port !== 0) this.#byEndpoint.set(key, opening.front)
    return opening
  }

  /** All bindings that a listener serves; `binding` is the one for which it is opened. */
  #servedBy({ address, port }: Endpoint, binding: BindingConfig): readonly BindingConfig[] {
    if (port === 0) return [binding]
    return this.#bindings.filter((other) => {
      const endpoint = endpointOf(other, this.#bindings)
      return endpoint.address === address && endpoint.port === port
    })
  }
}

/**
 * The address and port to listen on for a binding. The system refuses a listener for one address beside a listener for
 * all addresses on the same port; in that case the latter takes the connections of both bindings, and the site table
 * tells them apart by their local address.
 */
function endpointOf({ address, port }: BindingConfig, bindings: readonly BindingConfig[]): Endpoint {
  const isListedAddress = address === undefined || isIP(address) !== 0
  if (port === 0 || !isListedAddress) return { address, port }
  const isIPv4Address = address !== undefined && isIPv4(address)
  const onSamePort = bindings.filter((other) => other.port === port)
  const all =
    onSamePort.find((other) => other.address === undefined) ??
    onSamePort.find((other) => other.address === '::') ??
    (isIPv4Address ? onSamePort.find((other) => other.address === '0.0.0.0') : undefined)
  return { address: all === undefined ? address : all.address, port }
}

/** See OpenBinding.address. */
function localAddressOf({ address }: BindingConfig, endpoint: Endpoint, front: Front): string | undefined {
  if (address === undefined || address === '::' || address === '0.0.0.0') return undefined
  if (address === endpoint.address) return plainAddress(front.address)
  // An IPv6 address can be written in many ways; this is how the system writes it.
  const family = isIPv4(address) ? 'ipv4' : 'ipv6'
  return plainAddress(new SocketAddress({ address: address.replace(/%.*$/, ''), family }).address)
}
