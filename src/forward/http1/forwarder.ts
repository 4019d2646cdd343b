import type { Connection, Exchange } from '../../http/exchange.ts'
import { isFieldValue } from '../../http/field-syntax.ts'
import type { Clock } from '../../platform/clock.ts'
import { Ticker } from '../../platform/ticker.ts'
import type { RawExchange } from '../../http1/passthrough.ts'
import { ApplicationConnection } from './application-connection.ts'
import type { ConnectionOwner, ConnectionSource } from './connection-owner.ts'
import { BoundConnections } from './bound-connections.ts'
import { type Delivery, failedToConnect } from '../forward-failure.ts'
import type { ApplicationAddress, ForwardOptions, OpenUpstream, Upstream } from '../forwarder.ts'
import { freeConnections } from '../free-connections.ts'
import { RequestText } from './request-text.ts'
import { UpgradeDelivery } from './upgrade.ts'
import { upgradeRequest } from './upgrade-request.ts'
import { Http1Delivery } from './delivery.ts'

/** How often the time limits of all connections are checked. */
const SWEEP_INTERVAL_MS = 250

/** Opens an Upstream on net sockets, with the reader of http1/. */
export function openHttp1Upstream(clock: Clock): OpenUpstream {
  return (destination) => new Http1Upstream(clock, destination)
}

/**
 * The Upstream of one child. Life: from when the child listens until close(), at its end; owned by its process.
 * Invariant: every connection is in #connections from connect() to its close, and in #free when it carries no exchange
 * and is not bound to a client (#bound).
 */
class Http1Upstream implements Upstream, ConnectionOwner, ConnectionSource {
  readonly port: number
  turn = 0
  readonly spareBuffers: Buffer[] = []
  readonly #text: RequestText
  readonly #token: string
  readonly #tokenIsFit: boolean
  readonly #ticker: Ticker
  readonly #connections = new Set<ApplicationConnection>()
  /** The free connections, the most recently used last; that one is taken first, so the others reach their limit. */
  readonly #free: ApplicationConnection[] = []
  readonly #bound = new BoundConnections()
  readonly #upgrades = new Set<UpgradeDelivery>()
  /** The deliveries that send at the end of this turn; and an empty list for the next turn. */
  #sendingDeliveries: Http1Delivery[] = []
  #spareList: Http1Delivery[] = []
  #isTurnEndScheduled = false
  #closed = false
  #retired = false

  constructor(clock: Clock, { port, token }: ApplicationAddress) {
    this.port = port
    this.#token = token
    this.#tokenIsFit = isFieldValue(token)
    this.#text = new RequestText(token)
    this.#ticker = new Ticker(clock, SWEEP_INTERVAL_MS, (now) => {
      this.#sweep(now)
    })
  }

  get stamp(): number {
    return this.#ticker.stamp
  }

  forward(exchange: Exchange, options: ForwardOptions): Promise<Delivery> {
    if (this.#closed) return Promise.resolve(failedToConnect('the way to this process has been closed'))
    if (!this.#tokenIsFit) return Promise.resolve(failedToConnect('the pairing token cannot stand in a field'))
    if (exchange.upgrade !== undefined) return this.#forwardUpgrade(exchange, options)
    const raw = exchange.raw as RawExchange | undefined
    return new Http1Delivery(exchange, raw, options, this.#text.of(exchange, raw, options.withheldCookie), this).run()
  }

  retire(): void {
    this.#retired = true
    for (const connection of this.#connections) if (!connection.wanted) connection.destroy()
  }

  close(): void {
    this.#closed = true
    this.#ticker.stop()
    for (const upgrade of this.#upgrades) upgrade.destroy()
    for (const connection of this.#connections) connection.drop(new Error('the way to the application has been closed'))
  }

  take(client: Connection, fresh: boolean): ApplicationConnection {
    return (fresh ? undefined : (this.#bound.of(client) ?? this.#free.pop())) ?? this.#connect()
  }

  bind(connection: ApplicationConnection, client: Connection): void {
    this.#bound.bind(connection, client)
  }

  atEndOfTurn(delivery: Http1Delivery): void {
    this.#sendingDeliveries.push(delivery)
    this.#scheduleTurnEnd()
  }

  onFree(connection: ApplicationConnection): void {
    const isOwned = connection.client !== undefined
    const mayStay = isOwned ? this.#bound.holds(connection) : this.#free.length < freeConnections.max
    if (this.#closed || this.#retired || !mayStay) connection.destroy()
    else if (!isOwned) this.#free.push(connection)
  }

  onClosed(connection: ApplicationConnection): void {
    this.#connections.delete(connection)
    this.#bound.forget(connection)
    const at = this.#free.indexOf(connection)
    if (at >= 0) this.#free.splice(at, 1)
    if (this.#connections.size === 0) this.#ticker.stop()
  }

  #scheduleTurnEnd(): void {
    if (this.#isTurnEndScheduled) return
    this.#isTurnEndScheduled = true
    setImmediate(this.#endTurn)
  }

  readonly #endTurn = (): void => {
    this.#isTurnEndScheduled = false
    this.turn++
    const turn = this.#sendingDeliveries
    if (turn.length === 0) return
    this.#sendingDeliveries = this.#spareList
    for (const delivery of turn) delivery.sendIfAlive()
    turn.length = 0
    this.#spareList = turn
    // The end of the next turn is needed too, even if nothing is sent in it: it counts the turn.
    this.#scheduleTurnEnd()
  }

  #connect(): ApplicationConnection {
    if (this.#connections.size === 0) this.#ticker.start()
    const connection = new ApplicationConnection(this)
    this.#connections.add(connection)
    return connection
  }

  async #forwardUpgrade(exchange: Exchange, options: ForwardOptions): Promise<Delivery> {
    const { upgrade } = exchange
    if (upgrade === undefined) throw new Error('only an upgrade is forwarded as one')
    const request = upgradeRequest(exchange, this.#token, options.withheldCookie)
    const delivery = new UpgradeDelivery(exchange, upgrade, options, this.port, request)
    this.#upgrades.add(delivery)
    const outcome = await delivery.run()
    this.#upgrades.delete(delivery)
    return outcome
  }

  #sweep(now: number): void {
    for (const connection of this.#connections) connection.sweep(now)
    // The oldest come first.
    let old = 0
    while (
      old < this.#free.length &&
      now - (this.#free[old] as ApplicationConnection).lastActivityAt > freeConnections.idle
    )
      old++
    for (const connection of this.#free.splice(0, old)) connection.destroy()
  }
}
