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
  /** The one local address that it is for, as connections say it; undefined: every one. */
  readonly address: string | undefined
}

/**
 * The listeners of all sites: one for each address and port, however many bindings name them. Life: open() once for each
 * binding, then as a Front; owned by the host.
 */
export class Fronts {
  readonly #bindings: readonly BindingConfig[]
  readonly #openFront: (endpoint: Endpoint) => Promise<FrontOpening>
  readonly #all: Front[] = []
  readonly #byEndpoint = new Map<string, Front>()
  readonly #taken = new Set<string>()
  #destroyed = false

  /** `bindings` are all that will be opened. */
  constructor(bindings: readonly BindingConfig[], openFront: (endpoint: Endpoint) => Promise<FrontOpening>) {
    this.#bindings = bindings
    this.#openFront = openFront
  }

  /** Listens for this binding, unless another one has already led to that. */
  async open(binding: BindingConfig): Promise<OpenBinding | ListenFailure> {
    const endpoint = endpointOf(binding, this.#bindings)
    const opening = await this.#listen(endpoint)
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

  /** Live connections of all of them. */
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

  async #listen(endpoint: Endpoint): Promise<FrontOpening> {
    const key = `${endpoint.address ?? '*'}:${String(endpoint.port)}`
    const front = this.#byEndpoint.get(key)
    if (front !== undefined) return { opened: true, front }
    const opening = await this.#openFront(endpoint)
    if (!opening.opened) return opening
    if (this.#destroyed) opening.front.destroy()
    this.#all.push(opening.front)
    // Port 0 is another free port each time.
    if (endpoint.port !== 0) this.#byEndpoint.set(key, opening.front)
    return opening
  }
}

/**
 * What is listened on for a binding. The system refuses a listener for one address beside that for all on the same port: the
 * latter then takes the connections of both, and their local address tells them apart.
 */
function endpointOf({ address, port }: BindingConfig, bindings: readonly BindingConfig[]): Endpoint {
  const isListedAddress = address === undefined || isIP(address) !== 0
  if (port === 0 || !isListedAddress) return { address, port }
  const isIPv4Address = address !== undefined && isIPv4(address)
  const covering = bindings.filter((other) => other.port === port)
  const all =
    covering.find((other) => other.address === undefined) ??
    covering.find((other) => other.address === '::') ??
    (isIPv4Address ? covering.find((other) => other.address === '0.0.0.0') : undefined)
  return { address: all === undefined ? address : all.address, port }
}

function localAddressOf({ address }: BindingConfig, endpoint: Endpoint, front: Front): string | undefined {
  if (address === undefined || address === '::' || address === '0.0.0.0') return undefined
  if (address === endpoint.address) return plainAddress(front.address)
  // One spelling of many: that of the system.
  const family = isIPv4(address) ? 'ipv4' : 'ipv6'
  return plainAddress(new SocketAddress({ address: address.replace(/%.*$/, ''), family }).address)
}
