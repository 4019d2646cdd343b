import type { BindingConfig, SiteConfig } from '../config/model.ts'
import type { Front, FrontOpening } from '../listen/front.ts'
import type { Endpoint, ListenFailure } from '../listen/listen.ts'
import { failed, ok, type Result } from '../platform/result.ts'
import type { InheritedSockets } from '../platform/systemd/inherited-sockets.ts'
import { FrontChange, type Listeners, type PreparedFronts } from './front-change.ts'
import type { HostStartFailure, ListenerStatus } from './host.ts'

export interface FrontsDependencies {
  /** Sockets that the service manager has opened; the Fronts close them when they stop accepting. */
  readonly inherited: InheritedSockets | undefined
  /** Opens a listener for these bindings. */
  readonly openFront: (endpoint: Endpoint, bindings: readonly BindingConfig[]) => Promise<FrontOpening>
  /**
   * Prepares the settings that these bindings need for a front that stays open; the function that it returns puts them
   * into force.
   */
  readonly prepareSettings: (
    front: Front,
    endpoint: Endpoint,
    bindings: readonly BindingConfig[],
  ) => Promise<Result<() => void, ListenFailure>>
  /** Resolves when the idle connections of a front that accepts no more may be closed. */
  readonly lastRequests: (front: Front) => Promise<void>
}

/**
 * The listeners of all sites: one for each address and port, however many bindings name them. Life: prepare() for each
 * configuration, one after the other, then the same calls as on a Front; owned by the ProxyHost. A listener that two
 * configurations in succession need stays open, with its connections.
 */
export class Fronts {
  readonly #dependencies: FrontsDependencies
  #current: Listeners = new Map()
  /** Fronts that are not in use yet, and those that accept no more, until their last connection has ended. */
  readonly #others = new Set<Front>()
  #isStopped = false

  constructor(dependencies: FrontsDependencies) {
    this.#dependencies = dependencies
  }

  /** Opens the listeners that these sites need and that are not open. After a failure everything is as it was. */
  async prepare(sites: readonly SiteConfig[]): Promise<Result<PreparedFronts, HostStartFailure>> {
    const change = new FrontChange(this.#current, {
      open: (endpoint, bindings) => this.#open(endpoint, bindings),
      prepareSettings: this.#dependencies.prepareSettings,
      retire: (front) => {
        this.#retire(front)
      },
      use: (listeners) => {
        this.#use(listeners)
      },
    })
    const failure = await change.prepare(sites)
    if (failure === undefined) return ok(change)
    await change.abandon()
    return failed(failure)
  }

  /** Live connections of all listeners. */
  get connections(): number {
    let sum = 0
    for (const front of this.#all) sum += front.connections
    return sum
  }

  /** What is open of each listener in use. */
  get listeners(): readonly ListenerStatus[] {
    return Array.from(this.#current.values(), ({ endpoint: { address }, bindings, front }) => {
      const host = address === undefined ? '*' : address.includes(':') ? `[${address}]` : address
      const binding = `${bindings[0]?.protocol ?? 'http'}://${host}:${String(front.port)}`
      return { binding, connections: front.connections }
    })
  }

  async stopAccepting(): Promise<void> {
    this.#dependencies.inherited?.close()
    await Promise.all(this.#all.map((front) => front.stopAccepting()))
  }

  async closeIdle(): Promise<void> {
    await Promise.all(this.#all.map((front) => front.closeIdle()))
  }

  async closed(): Promise<void> {
    await Promise.all(this.#all.map((front) => front.closed()))
  }

  destroy(): void {
    this.#isStopped = true
    this.#dependencies.inherited?.close()
    for (const front of this.#all) front.destroy()
  }

  get #all(): readonly Front[] {
    return [...Array.from(this.#current.values(), ({ front }) => front), ...this.#others]
  }

  async #open(endpoint: Endpoint, bindings: readonly BindingConfig[]): Promise<FrontOpening> {
    const opening = await this.#dependencies.openFront(endpoint, bindings)
    if (!opening.opened) return opening
    // Until it is in use it can be destroyed from here.
    this.#others.add(opening.front)
    if (this.#isStopped) opening.front.destroy()
    return opening
  }

  #use(listeners: Listeners): void {
    for (const { front } of listeners.values()) this.#others.delete(front)
    this.#current = listeners
    this.#dependencies.inherited?.disconnectUnused()
  }

  /** Lets a front answer what is under way, and forgets it when its last connection has ended. */
  #retire(front: Front): void {
    this.#others.add(front)
    const end = async (): Promise<void> => {
      await front.stopAccepting()
      this.#dependencies.inherited?.disconnectUnused()
      await this.#dependencies.lastRequests(front)
      await front.closeIdle()
      await front.closed()
      this.#others.delete(front)
    }
    void end()
  }
}
