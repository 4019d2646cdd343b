import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { answerFailure, type Failure } from '../../http/answer.ts'
import type { Connection } from '../../http/exchange.ts'
import type { Clock } from '../../platform/clock.ts'
import { SendQueues } from '../../platform/send-queues.ts'
import { Connections } from '../connections.ts'
import type { FrontLimits } from '../limits.ts'
import type { FrontEvents, OpenProtocol, Protocol } from '../protocol.ts'
import { ClientConnection, type ConnectionEvents } from './client-connection.ts'
import { ExchangeSlot, type SlotContext } from './exchange-slot.ts'
import { UpgradeSlot } from './upgrade-slot.ts'

/** Opens an HTTP/1.1 protocol that uses Node's parser. */
export function openNodeProtocol(clock: Clock): OpenProtocol {
  return (events, limits) => new NodeProtocol(clock, events, limits)
}

/**
 * Serves HTTP/1.1 with an http.Server that never listens: node only parses requests and writes responses, while the
 * connections and all time limits are managed here. Life: that of the front, which owns it.
 */
class NodeProtocol implements Protocol {
  readonly highWaterMark = undefined
  readonly #http: HttpServer
  readonly connections: Connections
  readonly #bySocket = new WeakMap<Duplex, ClientConnection>()
  readonly #context: SlotContext
  readonly #connectionEvents: ConnectionEvents
  readonly #queues = new SendQueues()

  constructor(clock: Clock, events: FrontEvents, limits: FrontLimits) {
    this.#context = { events, limits, clock }
    this.connections = new Connections(clock, limits)
    this.#connectionEvents = {
      onRefusal: (failure, { facts: { remoteAddress } }) => {
        events.onRefusal({ status: answerFailure(failure).status, failure, remoteAddress })
      },
      onClosed: (closed) => {
        this.connections.remove(closed)
      },
    }
    this.#http = this.#createParser()
  }

  accept(socket: Socket, facts: Connection): void {
    const { limits, clock } = this.#context
    // Node gives it to the parser of the next connection; it may have changed since the server was made.
    Object.assign(this.#http, { maxHeaderSize: limits.headBytes })
    const connection = new ClientConnection(socket, facts, limits, clock, this.#connectionEvents, this.#queues)
    this.connections.add(connection)
    this.#bySocket.set(socket, connection)
    this.#http.emit('connection', socket)
  }

  #createParser(): HttpServer {
    const { limits } = this.#context
    const http = createHttpServer({
      maxHeaderSize: limits.headBytes,
      insecureHTTPParser: false,
      // request-check.ts checks the Host field, so that its refusal gets the same answer as all others.
      requireHostHeader: false,
      // ClientConnection.sweep() checks the time limits; node checks its own only in a server that listens.
      keepAliveTimeout: 0,
      headersTimeout: 0,
      requestTimeout: 0,
    })
    // 0 means no limit: node would silently drop the fields beyond one; request-check.ts refuses too many fields.
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
      this.#bySocket.get(socket)?.parserFailed(failureOf(error), error)
    })
    return http
  }

  #onRequest(req: IncomingMessage, res: ServerResponse): void {
    const connection = this.#bySocket.get(req.socket)
    connection?.take(new ExchangeSlot(req, res, connection, this.#context), !res.shouldKeepAlive)
  }

  #onUpgrade(req: IncomingMessage, socket: Duplex, early: Buffer): void {
    const connection = this.#bySocket.get(socket)
    const readAgain = (): void => {
      this.#http.emit('connection', socket)
    }
    connection?.take(new UpgradeSlot(req, early, connection, this.#context, readAgain), false)
  }
}

/** `reason`: the error message of node's parser. */
type ParserError = NodeJS.ErrnoException & { readonly reason?: string }

/** The failure that a parser error means for the client; undefined if the connection itself broke. */
function failureOf(error: ParserError): Failure | undefined {
  const code = error.code ?? ''
  if (!code.startsWith('HPE_') || code === 'HPE_INVALID_EOF_STATE') return undefined
  if (code === 'HPE_HEADER_OVERFLOW') return { kind: 'head-too-large' }
  if (code === 'HPE_PAUSED_H2_UPGRADE') return { kind: 'unknown-version' }
  // A well-formed but unknown version. Text that is no version at all has the same code but another reason.
  if (code === 'HPE_INVALID_VERSION' && error.reason === 'Invalid HTTP version') return { kind: 'unknown-version' }
  return { kind: 'bad-request', why: 'it is not HTTP/1.1' }
}
