import { connect, type Socket } from 'node:net'
import type { Exchange, Tunnel, Upgrade } from '../../http/exchange.ts'
import { fieldsBehind } from '../../http/response-fields.ts'
import { SocketTunnel } from '../../http/socket-tunnel.ts'
import type { BodyReader } from '../../http1/body-reader.ts'
import { flatFields } from '../../http1/head-fields.ts'
import { Lent } from '../../http/lent.ts'
import type { RawResponseHead } from '../../http1/response-head.ts'
import type { Delivery, ForwardFailure } from '../forward-failure.ts'
import type { ForwardOptions } from '../forwarder.ts'
import { userFault } from '../known-users.ts'
import type { OpenDelivery } from '../open-deliveries.ts'
import { joinTunnels } from '../tunnels.ts'
import { type Wait, waitForResponse } from '../wait.ts'
import { CopyingRelay, inform } from './response-passthrough.ts'
import { ReadOutcome, type ResponseParts, ResponseReader } from './response-reader.ts'
import { switchFault, switchHeaders, type UpgradeRequest } from './upgrade-request.ts'

/**
 * Forwards one WebSocket handshake, over a connection of its own. After a 101 the two connections are joined byte for
 * byte until both have ended; any other response is an ordinary one. Life: from run(), called once, to its Delivery;
 * owned by its Upstream. Invariant: no byte of the client reaches the application before the 101, and no byte is sent
 * after a failure.
 */
export class UpgradeDelivery implements OpenDelivery, ResponseParts {
  index = -1
  readonly toHead = false
  readonly keepsFraming = false
  readonly #exchange: Exchange
  readonly #upgrade: Upgrade
  readonly #options: ForwardOptions
  readonly #port: number
  readonly #request: UpgradeRequest
  readonly #reader = new ResponseReader(this)
  readonly #relay: CopyingRelay
  #stage: 'connect' | 'await-response' | 'read-response' | 'upgrade' = 'connect'
  #settle: ((delivery: Delivery) => void) | undefined
  #socket: Socket | undefined
  #cause: Error | undefined
  #wait: Wait | undefined
  /** Whether reading is paused until the client has taken the bytes that it was given. */
  #full = false
  #client: Tunnel | undefined

  constructor(exchange: Exchange, upgrade: Upgrade, options: ForwardOptions, port: number, request: UpgradeRequest) {
    this.#exchange = exchange
    this.#upgrade = upgrade
    this.#options = options
    this.#port = port
    this.#request = request
    this.#relay = new CopyingRelay(exchange, options, () => {
      this.#full = false
      this.#socket?.resume()
    })
  }

  run(): Promise<Delivery> {
    return new Promise((resolve) => {
      this.#settle = resolve
      this.#wait = waitForResponse(this.#exchange, this.#options.requestTimeout, {
        waitsForClient: () => this.#full,
        fail: (side, cause) => {
          if (this.#stage !== 'upgrade') this.#fail(side, cause)
        },
      })
      if (this.#wait === undefined) return
      this.#reader.begin()
      this.#socket = this.#connect()
    })
  }

  /** Fails the exchange, because the connections to the application are closed. Calling it again does nothing. */
  destroy(): void {
    this.#fail('application', new Error('the way to the application has been closed'))
  }

  /** Whether the response is still wanted. */
  get wanted(): boolean {
    return this.#settle !== undefined
  }

  informed(head: RawResponseHead): void {
    // A 100 is not forwarded, because the request has no body that could wait for it.
    if (head.status !== 100) inform(this.#exchange, head)
  }

  began(head: RawResponseHead, body: BodyReader): void {
    this.#stage = 'read-response'
    const fault = userFault(this.#exchange, this.#options, head.status, () => flatFields(head))
    if (fault !== undefined) {
      this.#fail('application', fault)
      return
    }
    this.#note(this.#relay.began(head, body))
  }

  gave(bytes: Buffer, from: number, to: number): void {
    this.#note(this.#relay.gave(bytes, from, to))
  }

  switched(head: RawResponseHead, after: Buffer): void {
    const socket = this.#socket
    if (socket === undefined) return
    this.#stage = 'upgrade'
    this.#wait?.stop()
    const { key } = this.#request
    const fault = switchFault(head, this.#upgrade.protocol, key)
    const refused =
      fault === undefined
        ? userFault(this.#exchange, this.#options, head.status, () => flatFields(head))
        : new Error(`the response of the application is refused: ${fault}`)
    if (refused !== undefined) {
      this.#fail('application', refused)
      return
    }
    socket.off('data', this.#onData)
    socket.pause()
    const application = new SocketTunnel(socket, Buffer.from(after))
    const own = switchHeaders(head, key)
    const headers = [...own, ...fieldsBehind(own, this.#exchange.reply.responseFields)]
    this.#client = this.#upgrade.accept({ status: 101, reason: 'Switching Protocols', headers })
    this.#options.onUpgraded?.()
    joinTunnels(this.#exchange, this.#client, application, (broken) => {
      if (broken === undefined) this.#finish({ outcome: 'delivered', status: 101 })
      else this.#fail(broken.side, broken.cause)
    })
  }

  #connect(): Socket {
    // Half-open, because a tunnel ends one direction at a time.
    const socket = connect({ host: '127.0.0.1', port: this.#port, noDelay: true, allowHalfOpen: true })
    socket.on('connect', () => {
      this.#stage = 'await-response'
      this.#wait?.touch()
      socket.write(this.#request.text, 'latin1')
    })
    socket.on('data', this.#onData)
    socket.on('end', () => {
      if (this.#stage === 'upgrade') return
      if (this.#reader.endsWithConnection) this.#complete()
      else this.#fail('application', new Error('the application ended the connection before its response was complete'))
    })
    socket.on('error', (error) => {
      this.#cause = error
    })
    socket.on('close', () => {
      if (this.#stage === 'upgrade') return
      this.#fail('application', this.#cause ?? new Error('the connection to the application was closed'))
    })
    return socket
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#wait?.touch()
    switch (this.#reader.read(chunk, chunk.length)) {
      case ReadOutcome.whole:
      case ReadOutcome.tooMuch:
        this.#complete()
        break
      case ReadOutcome.broken:
        this.#fail('application', new Error(`the response of the application is refused: ${this.#reader.fault}`))
        break
    }
  }

  #note(lent: number): void {
    if (lent !== Lent.full) return
    this.#full = true
    this.#socket?.pause()
  }

  /** An ordinary response is complete. */
  #complete(): void {
    if (this.#settle === undefined) return
    this.#socket?.destroy()
    this.#relay.completed(this.#reader.trailers)
    this.#finish({ outcome: 'delivered', status: this.#exchange.reply.status })
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
    const { reply } = this.#exchange
    const { started } = reply
    const kind = this.#stage
    if (this.#client !== undefined) this.#client.sink.fail(cause)
    else if (started) reply.abort()
    this.#socket?.destroy()
    this.#finish({ outcome: 'failed', failure: { kind, side, started, cause } })
  }
}
