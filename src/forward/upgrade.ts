import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import { ClientGone, type Exchange, type Tunnel, type Upgrade } from '../http/exchange.ts'
import { SocketTunnel } from '../http/socket-tunnel.ts'
import type { Delivery, ForwardFailure } from './forward-failure.ts'
import type { ForwardOptions } from './forwarder.ts'
import type { OpenDelivery } from './open-deliveries.ts'
import { interimHeaders } from './response-headers.ts'
import { ResponseRelay } from './response-relay.ts'
import { joinTunnels } from './tunnels.ts'
import { Wait } from './wait.ts'

/** The request to the application: the port, and the header fields as a flat list. */
export interface UpgradeRequest {
  readonly port: number
  readonly fields: readonly string[]
}

/**
 * Forwards one WebSocket handshake, over a connection of its own. After a 101 the two connections are joined byte for
 * byte until both have ended; any other response is an ordinary one. Life: from run(), called once, to its Delivery;
 * owned by its Upstream. Invariant: no byte of the client reaches the application before the 101, and no byte is sent
 * after a failure.
 */
export class UpgradeDelivery implements OpenDelivery {
  index = -1
  readonly #exchange: Exchange
  readonly #upgrade: Upgrade
  readonly #options: ForwardOptions
  readonly #request: ClientRequest
  #stage: 'connect' | 'await-response' | 'read-response' | 'upgrade' = 'connect'
  #settle: ((delivery: Delivery) => void) | undefined
  #wait: Wait | undefined
  #relay: ResponseRelay | undefined
  #client: Tunnel | undefined
  #application: Tunnel | undefined

  constructor(exchange: Exchange, upgrade: Upgrade, options: ForwardOptions, { port, fields }: UpgradeRequest) {
    this.#exchange = exchange
    this.#upgrade = upgrade
    this.#options = options
    this.#request = httpRequest({
      method: exchange.method,
      path: exchange.target,
      headers: fields,
      // A new connection instead of one from an agent; half-open, because a tunnel ends one direction at a time.
      createConnection: () => connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true }),
    })
  }

  run(): Promise<Delivery> {
    const { reply } = this.#exchange
    const request = this.#request
    return new Promise((resolve) => {
      this.#settle = resolve
      reply.onGone(() => {
        if (this.#stage !== 'upgrade') this.#fail('client', new ClientGone())
      })
      this.#wait = new Wait(
        this.#options.requestTimeout,
        () => this.#relay?.full === true,
        () => {
          this.#fail('timeout', new Error('the application let requestTimeout pass'))
        },
      )
      request.on('socket', (socket) => {
        socket.once('connect', () => {
          this.#stage = 'await-response'
          this.#wait?.touch()
        })
      })
      request.on('response', (response) => {
        this.#onResponse(response)
      })
      request.on('upgrade', (response, socket, early) => {
        this.#onUpgrade(response, socket, early)
      })
      request.on('error', (error) => {
        if (this.#relay === undefined) this.#fail('application', error)
      })
      if (reply.gone) this.#fail('client', new ClientGone())
      else request.end()
    })
  }

  /** Fails the exchange, because the connections to the application are closed. Calling it again does nothing. */
  destroy(): void {
    this.#fail('application', new Error('the way to the application has been closed'))
  }

  #onResponse(response: IncomingMessage): void {
    this.#wait?.touch()
    this.#relay = new ResponseRelay(response, {
      onProgress: () => this.#wait?.touch(),
      onComplete: () => {
        this.#finish({ outcome: 'delivered', status: this.#exchange.reply.status })
      },
      onBroken: (cause) => {
        this.#fail('application', cause)
      },
    })
    this.#relay.start(this.#exchange, this.#options)
    if (this.#exchange.reply.started) this.#stage = 'read-response'
  }

  #onUpgrade(response: IncomingMessage, socket: Socket, early: Buffer): void {
    if (this.#settle === undefined) {
      socket.destroy()
      return
    }
    this.#wait?.stop()
    this.#stage = 'upgrade'
    this.#application = new SocketTunnel(socket, early)
    if (response.headers.upgrade?.toLowerCase() !== this.#upgrade.protocol.toLowerCase()) {
      this.#fail('application', new Error('the application switched to a protocol that nobody asked for'))
      return
    }
    const added = this.#exchange.reply.responseFields?.flat ?? []
    const headers = [...interimHeaders(response.rawHeaders, 'upgrade'), ...added]
    this.#client = this.#upgrade.accept({ status: 101, reason: 'Switching Protocols', headers })
    this.#options.onUpgraded?.()
    joinTunnels(this.#client, this.#application, (broken) => {
      if (broken === undefined) this.#finish({ outcome: 'delivered', status: 101 })
      else this.#fail(broken.side, broken.cause)
    })
  }

  #finish(delivery: Delivery): void {
    const settle = this.#settle
    if (settle === undefined) return
    this.#settle = undefined
    this.#wait?.stop()
    settle(delivery)
  }

  #fail(side: ForwardFailure['side'], cause: unknown): void {
    if (this.#settle === undefined) return
    const { started } = this.#exchange.reply
    const kind = this.#stage
    this.#relay?.destroy(cause)
    this.#client?.sink.fail(cause)
    this.#application?.destroy()
    this.#request.destroy()
    this.#finish({ outcome: 'failed', failure: { kind, side, started, cause } })
  }
}
