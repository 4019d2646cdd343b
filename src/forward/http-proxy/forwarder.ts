import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ProxyServer } from 'http-proxy'
import type { Connection, Exchange } from '../../http/exchange.ts'
import { isFieldValue } from '../../http/field-syntax.ts'
import { authenticatesConnection } from '../../http1/connection-authentication.ts'
import { presentsConnectionCredentials } from '../http1/bound-connections.ts'
import { ClientAgents } from './client-agents.ts'
import type { Attempt } from './attempt.ts'
import { HttpDelivery } from './delivery.ts'
import { type Delivery, failedToConnect } from '../forward-failure.ts'
import type { ApplicationAddress, ForwardOptions, OpenUpstream, Upstream } from '../forwarder.ts'
import { OpenDeliveries } from '../open-deliveries.ts'
import { requestHeaders } from '../request-headers.ts'
import { UpgradeDelivery } from '../http1/upgrade.ts'
import { upgradeRequest } from '../http1/upgrade-request.ts'

/** The largest response head, as in ANCM; a response with a larger one is refused. */
const RESPONSE_HEAD_BYTES = 65_536

/** The key of the attempt on node's request object, which http-proxy passes to all its events. */
const attemptKey = Symbol('attempt')

type Sent = IncomingMessage & { [attemptKey]?: { readonly attempt: Attempt; readonly client: Connection } }

/** Opens an Upstream on http-proxy, which makes the request and pipes its body; all else is done here. */
export const openUpstream: OpenUpstream = (destination) => new HttpProxyUpstream(destination)

/**
 * The Upstream of one child. Life: from when the child listens until close(), at its end; owned by its process.
 * Invariant: every delivery under way is in #open, and every connection belongs to #agents or to a delivery; so close()
 * ends all of them.
 */
class HttpProxyUpstream implements Upstream {
  readonly #destination: ApplicationAddress
  readonly #agents = new ClientAgents()
  readonly #proxy = createProxy()
  readonly #open = new OpenDeliveries()
  #closed = false

  constructor(destination: ApplicationAddress) {
    this.#destination = destination
    this.#proxy.on('proxyReq', (request, req) => {
      ;(req as Sent)[attemptKey]?.attempt.onRequest(request)
    })
    this.#proxy.on('proxyRes', (response, req) => {
      const sent = (req as Sent)[attemptKey]
      if (sent === undefined) return
      if (challengesConnection(response)) this.#agents.bind(sent.client, response.socket)
      sent.attempt.onResponse(response)
    })
    // Ignores errors of requests that were already aborted, for example because the client has gone.
    this.#proxy.on('error', () => undefined)
  }

  async forward(exchange: Exchange, options: ForwardOptions): Promise<Delivery> {
    if (this.#closed) return failedToConnect('the way to this process has been closed')
    // web.config may set any token (ASPNETCORE_TOKEN), even one with a line break.
    if (!isFieldValue(this.#destination.token))
      return failedToConnect('the pairing token cannot stand in a header field')
    if (presentsConnectionCredentials(exchange, undefined)) this.#agents.bind(exchange.connection)
    const delivery = this.#deliveryOf(exchange, options)
    this.#open.add(delivery)
    const outcome = await delivery.run()
    this.#open.remove(delivery)
    return outcome
  }

  retire(): void {
    this.#agents.retire()
  }

  close(): void {
    this.#closed = true
    this.#open.destroy()
    this.#agents.destroy()
  }

  #deliveryOf(exchange: Exchange, options: ForwardOptions): HttpDelivery | UpgradeDelivery {
    const { port, token } = this.#destination
    if (exchange.upgrade !== undefined) {
      const request = upgradeRequest(exchange, token, options.withheldCookie)
      return new UpgradeDelivery(exchange, exchange.upgrade, options, port, request)
    }
    const fields = requestHeaders(exchange, token, options.withheldCookie)
    return new HttpDelivery(exchange, options, (attempt, fresh) => {
      this.#request(exchange, fields, attempt, fresh)
    })
  }

  #request(exchange: Exchange, fields: readonly string[], attempt: Attempt, fresh: boolean): void {
    const { req, res } = exchange.native ?? standIn(exchange)
    req.headers = grouped(fields)
    ;(req as Sent)[attemptKey] = { attempt, client: exchange.connection }
    this.#proxy.web(
      req,
      res,
      {
        target: { host: '127.0.0.1', port: this.#destination.port },
        method: exchange.method,
        // The path is set on the request itself (HttpDelivery): http-proxy would drop an empty query and join slashes.
        ignorePath: true,
        toProxy: true,
        prependPath: false,
        agent: this.#agents.choose(exchange.connection, fresh),
        buffer: attempt.body,
        selfHandleResponse: true,
        // Despite its name, http-proxy passes this object on to http.request.
        ssl: { maxHeaderSize: RESPONSE_HEAD_BYTES, setHost: false },
      },
      (error) => {
        attempt.onError(error)
      },
    )
  }
}

/**
 * What http-proxy needs of node's request and response if the front has no such objects (HTTP/2): it only listens to
 * them, because the body comes from the attempt, and the response goes to the reply.
 */
function standIn({ method, target }: Exchange): { readonly req: IncomingMessage; readonly res: ServerResponse } {
  const req = Object.assign(new EventEmitter(), { method, url: target, httpVersionMajor: 1, headers: {}, socket: {} })
  const res = Object.assign(new EventEmitter(), { headersSent: true, finished: true, writableFinished: true })
  return { req: req as unknown as IncomingMessage, res: res as unknown as ServerResponse }
}

function challengesConnection({ headers }: IncomingMessage): boolean {
  const challenges = [headers['www-authenticate'], headers['proxy-authenticate']]
  return challenges.some((list) => list !== undefined && authenticatesConnection(String(list)))
}

/**
 * Makes an http-proxy that runs only the pass that makes the request. The pass deleteLength gives a chunked DELETE or
 * OPTIONS a Content-Length of 0 and still sends its body, which becomes the next request (CVE-2026-29057); XHeaders and
 * timeout do what this folder does itself. There is no public way to remove a pass.
 */
function createProxy(): ProxyServer {
  const proxy = new ProxyServer({})
  const inner = proxy as unknown as { webPasses: { readonly name: string }[] }
  inner.webPasses = inner.webPasses.filter((pass) => pass.name === 'stream')
  if (inner.webPasses.length !== 1) throw new Error('http-proxy has no pass named stream any more')
  return proxy
}

/**
 * The fields as node's request headers: one entry per name, in the casing of its first line; repeated lines as an
 * array.
 */
function grouped(fields: readonly string[]): IncomingMessage['headers'] {
  const byName: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>
  const spelling = new Map<string, string>()
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string
    const value = fields[i + 1] as string
    const lower = name.toLowerCase()
    const first = spelling.get(lower)
    if (first === undefined) {
      spelling.set(lower, name)
      byName[name] = value
      continue
    }
    const before = byName[first]
    if (Array.isArray(before)) before.push(value)
    else byName[first] = [before as string, value]
  }
  return byName
}
