import { once } from 'node:events'
import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'

import { failed, ok, type Result } from '../platform/result.ts'
import { hasSmallBody, sendApiAnswer } from './http-answer.ts'
import { type ApiAnswer, type ApiRequest, errorAnswer, routeSegments } from './protocol.ts'
import { claimSocket, type SocketClaim, type SocketFailure } from './socket-claim.ts'
import type { SocketPlace } from './socket-place.ts'

/** What a client may do to the daemon at most. */
const limits = {
  connections: 64,
  headBytes: 16 * 1024,
  /** How long a connection may be silent while no answer is under way. */
  idleMs: 30_000,
  /** How long a client may still read its last answer when the socket is closed. */
  lastReadsMs: 500,
}

export type CallApi = (request: ApiRequest) => Promise<ApiAnswer>

/**
 * The control socket of a daemon. Life: from open() to close(); owned by who runs the host. The code of HTTP is loaded
 * with the first connection. Rights are those of the socket and its folder: whoever can connect may do everything.
 * Invariant: no connection, however long it lasts, keeps close() from resolving.
 */
export class ControlServer {
  readonly #api: CallApi
  readonly #onBug: (error: unknown) => void
  readonly #server: Server
  readonly #connections = new Set<Socket>()
  #claim: SocketClaim | undefined
  #http: Promise<HttpServer> | undefined

  static async open(
    places: readonly SocketPlace[],
    api: CallApi,
    onBug: (error: unknown) => void,
  ): Promise<Result<ControlServer, SocketFailure>> {
    const control = new ControlServer(api, onBug)
    const claimed = await claimSocket(places, control.#server)
    if (!claimed.ok) return failed(claimed.failure)
    control.#claim = claimed.value
    return ok(control)
  }

  private constructor(api: CallApi, onBug: (error: unknown) => void) {
    this.#api = api
    this.#onBug = onBug
    this.#server = createServer((socket) => void this.#accept(socket))
    this.#server.maxConnections = limits.connections
  }

  /** Where it listens: a path, or the name of a pipe. */
  get path(): string {
    return this.#claim?.path ?? ''
  }

  /** The path that was asked for, and that another daemon listens on; undefined if it is this one's. */
  get takenPath(): string | undefined {
    return this.#claim?.takenPath
  }

  /** Removes the socket and closes every connection. Idempotent. */
  async close(): Promise<void> {
    this.#claim?.release()
    this.#claim = undefined
    if (this.#server.listening) {
      const closed = once(this.#server, 'close')
      this.#server.close()
      // What has been written is still sent, but a client that does not read it is not waited for.
      for (const socket of this.#connections) socket.destroySoon()
      const limit = setTimeout(() => {
        for (const socket of this.#connections) socket.destroy()
      }, limits.lastReadsMs)
      await closed
      clearTimeout(limit)
    }
  }

  async #accept(socket: Socket): Promise<void> {
    this.#connections.add(socket)
    socket.on('close', () => this.#connections.delete(socket))
    socket.on('error', () => undefined)
    socket.setTimeout(limits.idleMs, () => {
      socket.destroy()
    })
    this.#http ??= this.#openHttp()
    const http = await this.#http
    if (!socket.destroyed) http.emit('connection', socket)
  }

  async #openHttp(): Promise<HttpServer> {
    const { createServer: createHttpServer } = await import('node:http')
    // It never listens itself: it only reads the requests of the connections that it is given.
    const http = createHttpServer({ maxHeaderSize: limits.headBytes, requireHostHeader: false, keepAliveTimeout: 0 })
    http.on('request', (request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        this.#onBug(error)
        request.socket.destroy()
      })
    })
    http.on('clientError', (_error, socket) => {
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
      else socket.destroy()
    })
    for (const event of ['upgrade', 'connect'] as const) {
      http.on(event, (_request, socket) => {
        socket.destroy()
      })
    }
    return http
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = request
    const gone = new AbortController()
    response.on('close', () => {
      gone.abort()
    })
    if (!(await hasSmallBody(request))) {
      response.on('finish', () => socket.destroy())
      await sendApiAnswer(response, errorAnswer(413, 'too-large', 'the body of a request has to be small.'))
      return
    }
    // An operation may take as long as it takes.
    socket.setTimeout(0)
    await sendApiAnswer(response, await this.#call(request, gone.signal))
    socket.setTimeout(limits.idleMs)
  }

  #call(request: IncomingMessage, gone: AbortSignal): Promise<ApiAnswer> {
    const [path = '', query = ''] = (request.url ?? '').split('?', 2)
    const segments = routeSegments(path)
    if (segments === undefined) {
      const text = 'this daemon speaks version 1 of the protocol, whose paths begin with /v1/.'
      return Promise.resolve(errorAnswer(404, 'unknown-version', text))
    }
    const method = request.method ?? 'GET'
    return this.#api({ method, segments, query: new URLSearchParams(query), gone })
  }
}
