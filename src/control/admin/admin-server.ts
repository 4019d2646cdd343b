import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Endpoint, listen, type ListenFailure } from '../../listen/listen.ts'
import { failed, ok, type Result } from '../../platform/result.ts'
import { hasSmallBody, sendApiAnswer } from '../http-answer.ts'
import { type ApiAnswer, type ApiRequest, decodedSegments, errorAnswer } from '../protocol.ts'
import type { Page } from './page.ts'
import { type GuardSettings, refusal } from './request-guard.ts'

/** What a client may do to the daemon at most; those who may do more have the token. */
const limits = { connections: 256, headBytes: 16 * 1024, headMs: 10_000, requestMs: 30_000, idleMs: 60_000 }

/** What the address answers with. */
export interface AdminParts {
  readonly api: (request: ApiRequest) => Promise<ApiAnswer>
  readonly metrics: { readonly contentType: string; read(): Promise<string> }
  /** Whether every binding is open and the daemon is not stopping. */
  readonly isReady: () => boolean
  /** Undefined: it was not built. */
  readonly page: () => Page | undefined
  readonly onBug: (error: unknown) => void
}

/** No other site may show, read or use what this address sends. */
const safeFields = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Frame-Options': 'DENY',
}

/**
 * The admin address: health, metrics, the API and the status page, over plain HTTP. Life: from open() to close(), owned by
 * who runs the host. It stays open while the host stops, so that /readyz can say so. Invariant: no connection, however
 * long it lasts, keeps close() from resolving.
 */
export class AdminServer {
  readonly #parts: AdminParts
  readonly #guard: GuardSettings
  readonly #server: Server

  static async open(
    endpoint: Endpoint & { readonly address: string },
    token: string,
    parts: AdminParts,
  ): Promise<Result<AdminServer, ListenFailure>> {
    const admin = new AdminServer({ token, host: endpoint.address }, parts)
    const failure = await listen(admin.#server, endpoint)
    return failure === undefined ? ok(admin) : failed(failure)
  }

  private constructor(guard: GuardSettings, parts: AdminParts) {
    this.#guard = guard
    this.#parts = parts
    this.#server = createServer({
      maxHeaderSize: limits.headBytes,
      headersTimeout: limits.headMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.idleMs,
    })
    this.#server.maxConnections = limits.connections
    this.#server.on('request', (request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        parts.onBug(error)
        request.socket.destroy()
      })
    })
    this.#server.on('clientError', (_error, socket) => {
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
      else socket.destroy()
    })
    for (const event of ['upgrade', 'connect'] as const) {
      this.#server.on(event, (_request, socket) => {
        socket.destroy()
      })
    }
  }

  /** The port that it listens on. */
  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? 0
  }

  /** Ends every connection. Idempotent. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve()
      })
      this.#server.closeAllConnections()
    })
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(safeFields)) response.setHeader(name, value)
    const gone = new AbortController()
    response.on('close', () => {
      gone.abort()
    })
    const [path = '', query = ''] = (request.url ?? '').split('?', 2)
    const { host, origin, authorization } = request.headers
    const contentType = request.headers['content-type']
    const method = request.method ?? 'GET'
    const refused = refusal({ method, path, host, origin, contentType, authorization }, this.#guard)
    if (refused !== undefined) {
      if (refused.status === 401) response.setHeader('WWW-Authenticate', 'Bearer realm="ancmd"')
      // What is left of a body would have to be read before another request.
      response.setHeader('Connection', 'close')
      await sendApiAnswer(response, refused)
      return
    }
    if (!(await hasSmallBody(request))) {
      response.setHeader('Connection', 'close')
      await sendApiAnswer(response, errorAnswer(413, 'too-large', 'the body of a request has to be small.'))
      return
    }
    if (path.startsWith('/api/')) {
      const segments = decodedSegments(path.slice('/api/'.length)) ?? []
      await sendApiAnswer(
        response,
        await this.#parts.api({ method, segments, query: new URLSearchParams(query), gone: gone.signal }),
      )
      return
    }
    if (method !== 'GET' && method !== 'HEAD') {
      await sendApiAnswer(response, errorAnswer(405, 'unknown-method', 'this path takes GET only.'))
      return
    }
    await this.#answerPath(path, response)
  }

  async #answerPath(path: string, response: ServerResponse): Promise<void> {
    const { metrics, isReady, page } = this.#parts
    switch (path) {
      case '/healthz':
        sendText(response, 200, 'text/plain; charset=utf-8', 'ok\n')
        return
      case '/readyz':
        if (isReady()) sendText(response, 200, 'text/plain; charset=utf-8', 'ready\n')
        else sendText(response, 503, 'text/plain; charset=utf-8', 'not ready\n')
        return
      case '/metrics':
        sendText(response, 200, metrics.contentType, await metrics.read())
        return
      case '/': {
        const built = page()
        if (built === undefined) {
          sendText(
            response,
            404,
            'text/plain; charset=utf-8',
            'The status page was not built: npm run build makes it.\n',
          )
          return
        }
        response.setHeader('Content-Security-Policy', built.contentSecurityPolicy)
        sendText(response, 200, 'text/html; charset=utf-8', built.html)
        return
      }
      default:
        await sendApiAnswer(response, errorAnswer(404, 'unknown-route', 'there is nothing at this path.'))
    }
  }
}

function sendText(response: ServerResponse, status: number, contentType: string, text: string): void {
  const body = Buffer.from(text)
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': body.length })
  // Node leaves the body out when the request was HEAD.
  response.end(body)
}
