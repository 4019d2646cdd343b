import type { BindingConfig, SiteConfig } from '../config/model.ts'
import type { Front, FrontOpening } from '../listen/front.ts'
import type { Endpoint, ListenFailure } from '../listen/listen.ts'
import type { Result } from '../platform/result.ts'
import type { HostStartFailure } from './host.ts'
import { localAddressOf, mayExclude, type PlannedListener, planListeners } from './listener-plan.ts'

/** A binding that accepts connections. */
export interface OpenBinding {
  readonly binding: BindingConfig
  readonly front: Front
  /** The only local address that the binding is for, spelt as sockets report it; undefined: every address. */
  readonly address: string | undefined
}

export interface Listener {
  readonly endpoint: Endpoint
  readonly bindings: readonly BindingConfig[]
  readonly front: Front
}

/** By the key of their plan. */
export type Listeners = ReadonlyMap<string, Listener>

/** Listeners that are open, but not in use yet. Ends with one call of commit() or abandon(). */
export interface PreparedFronts {
  /** The open bindings of a site of the new configuration. */
  bindingsOf(site: SiteConfig): readonly OpenBinding[]
  /** Puts the listeners into use. Those that are needed no more stop accepting, and their connections drain. */
  commit(): void
  /** Closes what was opened; everything is as it was when it resolves. */
  abandon(): Promise<void>
}

/** What a change needs of the Fronts that it is for. */
export interface FrontChangeParts {
  readonly open: (endpoint: Endpoint, bindings: readonly BindingConfig[]) => Promise<FrontOpening>
  readonly prepareSettings: (
    front: Front,
    endpoint: Endpoint,
    bindings: readonly BindingConfig[],
  ) => Promise<Result<() => void, ListenFailure>>
  /** Stops accepting, and drains the connections in the background. */
  readonly retire: (front: Front) => void
  /** Makes these the listeners in use. */
  readonly use: (listeners: Listeners) => void
}

/**
 * A change from one set of listeners to another. New ones are opened before old ones are closed, except where the
 * system allows only one of them: a listener for all addresses of a port beside one for a single address. There the old
 * one is closed first, as the last step of the preparation, and opened again if the new one cannot be opened. Life: one
 * change; owned by the ProxyHost.
 */
export class FrontChange implements PreparedFronts {
  readonly #before: Listeners
  readonly #parts: FrontChangeParts
  readonly #after = new Map<string, Listener>()
  readonly #opened: Front[] = []
  /** Listeners of #before that are closed already, by key. */
  readonly #closed = new Map<string, Listener>()
  readonly #settings: (() => void)[] = []
  readonly #bindings = new Map<SiteConfig, OpenBinding[]>()

  constructor(before: Listeners, parts: FrontChangeParts) {
    this.#before = before
    this.#parts = parts
  }

  /** Called once. After a failure only abandon() may be called. */
  async prepare(sites: readonly SiteConfig[]): Promise<HostStartFailure | undefined> {
    const plan = planListeners(sites)
    const keys = new Set(plan.map(({ key }) => key))
    const excluded: PlannedListener[] = []
    for (const listener of plan) {
      const failure = mixedSchemes(listener) ?? (await this.#keepOrOpen(listener))
      if (failure === undefined) continue
      if (failure.opening.code !== 'port-taken' || this.#obstacles(listener, keys).length === 0) return failure
      excluded.push(listener)
    }
    for (const listener of excluded) {
      for (const [key, obstacle] of this.#obstacles(listener, keys)) {
        this.#closed.set(key, obstacle)
        await obstacle.front.stopAccepting()
      }
      const failure = await this.#keepOrOpen(listener)
      if (failure !== undefined) return failure
    }
    return this.#assign(plan)
  }

  bindingsOf(site: SiteConfig): readonly OpenBinding[] {
    return this.#bindings.get(site) ?? []
  }

  commit(): void {
    for (const putIntoForce of this.#settings) putIntoForce()
    this.#parts.use(this.#after)
    for (const [key, { front }] of this.#before) if (!this.#after.has(key)) this.#parts.retire(front)
  }

  async abandon(): Promise<void> {
    for (const front of this.#opened) {
      front.destroy()
      this.#parts.retire(front)
    }
    if (this.#closed.size === 0) return
    const listeners = new Map(this.#before)
    for (const [key, listener] of this.#closed) {
      const opening = await this.#parts.open(listener.endpoint, listener.bindings)
      if (!opening.opened) continue
      listeners.set(key, { ...listener, front: opening.front })
      this.#parts.retire(listener.front)
    }
    this.#parts.use(listeners)
  }

  async #keepOrOpen({ key, endpoint, bindings: planned }: PlannedListener): Promise<HostStartFailure | undefined> {
    const bindings = planned.map(({ binding }) => binding)
    const [binding] = bindings as [BindingConfig]
    const kept = this.#before.get(key)
    if (kept !== undefined) {
      const settings = await this.#parts.prepareSettings(kept.front, endpoint, bindings)
      if (!settings.ok) return { binding, opening: settings.failure }
      this.#settings.push(settings.value)
      this.#after.set(key, { ...kept, bindings })
      return undefined
    }
    const opening = await this.#parts.open(endpoint, bindings)
    if (!opening.opened) return { binding, opening }
    this.#opened.push(opening.front)
    this.#after.set(key, { endpoint, bindings, front: opening.front })
    return undefined
  }

  /** The listeners in use that are needed no more, but keep this one from being opened. */
  #obstacles({ endpoint }: PlannedListener, keys: ReadonlySet<string>): readonly (readonly [string, Listener])[] {
    return [...this.#before].filter(
      ([key, other]) => !keys.has(key) && !this.#closed.has(key) && mayExclude(endpoint, other.endpoint),
    )
  }

  /** Tells each site its bindings; fails where two have the same address, port and host name. */
  #assign(plan: readonly PlannedListener[]): HostStartFailure | undefined {
    const taken = new Set<string>()
    for (const { key, endpoint, bindings } of plan) {
      const { front } = this.#after.get(key) as Listener
      for (const { site, binding, index } of bindings) {
        const address = localAddressOf(binding, endpoint, front.address)
        const place = `${address ?? '*'}:${String(front.port)}:${binding.hostName.toLowerCase()}`
        if (taken.has(place)) return refused(binding, 'another binding has the same address, port and host name')
        taken.add(place)
        const ofSite = this.#bindings.get(site) ?? []
        ofSite[index] = { binding, front, address }
        this.#bindings.set(site, ofSite)
      }
    }
    return undefined
  }
}

/** A failure where a listener would have to speak both http and https. */
function mixedSchemes({ bindings: [first, ...others] }: PlannedListener): HostStartFailure | undefined {
  const other = others.find(({ binding }) => binding.protocol !== first?.binding.protocol)
  if (other === undefined) return undefined
  return refused(other.binding, 'another binding has the same address and port, and another protocol')
}

function refused(binding: BindingConfig, text: string): HostStartFailure {
  return { binding, opening: { opened: false, code: 'port-taken', cause: new Error(text) } }
}
