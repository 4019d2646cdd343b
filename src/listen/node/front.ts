import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http'
import { type AddressInfo, createServer, type Server as Listener, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { answerFailure, type Failure } from '../../http/answer.ts'
import { systemClock } from '../../platform/clock.ts'
import { SendQueues } from '../../platform/send-queues.ts'
import { ClientConnection } from './client-connection.ts'
import { readConnectionFacts } from '../connection-facts.ts'
import { Connections } from '../connections.ts'
import type { Front, FrontBinding, FrontEvents, FrontLimits, FrontOpening, OpenFront } from '../front.ts'
import { boundConnections, closeBehindWaiting, listen } from '../listen.ts'
import { RequestTurn, type TurnContext } from './request-turn.ts'
import { UpgradeTurn } from './upgrade-turn.ts'

/** Seam 2 on node:http. Listens, and settles with the front or with the reason why it cannot. */
export const openNodeFront: OpenFront = async (binding, events, limits): Promise<FrontOpening> => {
  const front = new NodeFront(events, limits)
  const opening = await front.open(binding)
  return opening.opened ? { opened: true, front } : opening
}

/**
 * A plain net listener whose sockets are handed to an http.Server that itself never listens: so the listener, the connections
 * and every time limit are ours, and node only parses and writes HTTP/1.1.
 * Life: open → stopAccepting → closed, or destroy at any time; owned by the host.
 */
class NodeFront implements Front {
  readonly #http: HttpServer
  readonly #listener: Listener
  readonly #connections = new Connections()
  readonly #bySocket = new WeakMap<Duplex, ClientConnection>()
  readonly #context: TurnContext
  readonly #queues = new SendQueues()
  #port = 0
  #sweeping: NodeJS.Timeout | undefined

  constructor(events: FrontEvents, limits: FrontLimits) {
    this.#context = { events, limits, now: () => systemClock.now() }
    this.#http = this.#createParser()
    // allowHalfOpen as http.Server itself has it; without it a client's end would cut its answer.
    this.#listener = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.#accept(socket)
    })
    boundConnections(this.#listener, limits.connections, events)
  }

  async open(binding: FrontBinding): Promise<FrontOpening | { readonly opened: true }> {
    const refusal = await listen(this.#listener, binding)
    if (refusal !== undefined) return refusal
    this.#port = (this.#listener.address() as AddressInfo).port
    // An accept that fails (no more file descriptors) concerns that client; the listener goes on.
    this.#listener.on('error', () => undefined)
    this.#sweeping = setInterval(() => {
      this.#connections.sweep(this.#context.now())
    }, sweepInterval(this.#context.limits)).unref()
    return { opened: true }
  }

  get port(): number {
    return this.#port
  }

  get connections(): number {
    return this.#connections.size
  }

  async stopAccepting(): Promise<void> {
    await closeBehindWaiting(this.#listener)
    // Not before: a client that hears that its connection ends makes a new one at once.
    this.#connections.drain()
  }

  closeIdle(): Promise<void> {
    return this.#connections.closeIdle()
  }

  async closed(): Promise<void> {
    await this.#connections.empty()
    clearInterval(this.#sweeping)
  }

  destroy(): void {
    this.#listener.close()
    this.#connections.drain()
    clearInterval(this.#sweeping)
    this.#connections.destroy()
  }

  #createParser(): HttpServer {
    const { limits } = this.#context
    const http = createHttpServer({
      maxHeaderSize: limits.headBytes,
      insecureHTTPParser: false,
      // Checked in request-check.ts, so that the refusal looks like every other.
      requireHostHeader: false,
      // Our own sweep keeps the time; node's would need a listening server.
      keepAliveTimeout: 0,
      headersTimeout: 0,
      requestTimeout: 0,
    })
    // Node would drop what is above its limit without a word; request-check.ts refuses it.
    http.maxHeadersCount = 0
    const onRequest = (req: IncomingMessage, res: ServerResponse): void => {
      this.#onRequest(req, res)
    }
    http.on('request', onRequest)
    http.on('checkContinue', onRequest)
    http.on('checkExpectation', onRequest)
    http.on('upgrade', (req, socket, early) => {
      this.#onUpgrade(req, socket, early)
    })
    http.on('connect', (_req, socket) => {
      this.#bySocket.get(socket)?.refuse({ kind: 'method-not-served' })
    })
    http.on('clientError', (error, socket) => {
      this.#onClientError(error, socket)
    })
    return http
  }

  #accept(socket: Socket): void {
    const facts = readConnectionFacts(socket)
    if (facts === undefined) {
      socket.destroy()
      return
    }
    const { limits, now, events } = this.#context
    const connection = new ClientConnection(
      socket,
      facts,
      limits,
      now,
      {
        onRefusal: (failure, { facts: { remoteAddress } }) => {
          events.onRefusal({ status: answerFailure(failure).status, failure, remoteAddress })
        },
        onClosed: (closed) => {
          this.#connections.remove(closed)
        },
      },
      this.#queues,
    )
    this.#connections.add(connection)
    this.#bySocket.set(socket, connection)
    this.#http.emit('connection', socket)
  }

  #onRequest(req: IncomingMessage, res: ServerResponse): void {
    const connection = this.#bySocket.get(req.socket)
    connection?.take(new RequestTurn(req, res, connection, this.#context), !res.shouldKeepAlive)
  }

  #onUpgrade(req: IncomingMessage, socket: Duplex, early: Buffer): void {
    const connection = this.#bySocket.get(socket)
    const readAgain = (): void => {
      this.#http.emit('connection', socket)
    }
    connection?.take(new UpgradeTurn(req, early, connection, this.#context, readAgain), false)
  }

  #onClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
    this.#bySocket.get(socket)?.parserFailed(failureOf(error), error)
  }
}

/** `reason`: the parser's own words. */
type ParserError = NodeJS.ErrnoException & { readonly reason?: string }

/** What the parser stumbled over; undefined when the connection itself broke. */
function failureOf(error: ParserError): Failure | undefined {
  const code = error.code ?? ''
  if (!code.startsWith('HPE_') || code === 'HPE_INVALID_EOF_STATE') return undefined
  if (code === 'HPE_HEADER_OVERFLOW') return { kind: 'head-too-large' }
  if (code === 'HPE_PAUSED_H2_UPGRADE') return { kind: 'unknown-version' }
  // Digits, but of a version that the parser does not know; what is no version at all has the same code and another reason.
  if (code === 'HPE_INVALID_VERSION' && error.reason === 'Invalid HTTP version') return { kind: 'unknown-version' }
  return { kind: 'bad-request', why: 'it is not HTTP/1.1' }
}

/** Often enough that no limit is overrun by more than a quarter, at most once a second. */
function sweepInterval(limits: FrontLimits): number {
  const shortest = Math.min(limits.headTimeout, limits.idleTimeout, limits.minBodyRateGrace, limits.writeTimeout)
  return Math.max(10, Math.min(1_000, shortest / 4))
}
