import { Agent, type ClientRequest } from 'node:http'
import type { Duplex } from 'node:stream'

/** Limits of the free connections. */
export interface FreeLimits {
  readonly max: number
  /** How long a connection may be free, in milliseconds; undefined for no limit. */
  readonly idle: number | undefined
}

/**
 * The kept-alive connections to one child. The most recently used is taken first, so the others reach their time limit.
 * A free connection that receives bytes is destroyed, because the next request would take them for the beginning of its
 * response (CVE-2026-48931). A free connection whose other side ends is destroyed at once, because node would first
 * close its own side, and might give the connection to a request meanwhile. Owner and life: those of its Upstream.
 *
 * A request gets its connection at the end of the current turn of the event loop, when everything that has arrived is
 * read: a busy daemon may read a client's request before the end of the connection to a dead child, and most requests
 * must not be sent twice. Measured with a daemon that is 50 ms late and 20 requests at the death of the child: without
 * this, requests were lost in 55 of 80 deaths, and with it in 8; a request takes the same time. A request with a body,
 * which can be sent only once, waits for one turn more.
 */
export class ApplicationAgent extends Agent {
  readonly #last = new WeakSet<Duplex>()
  #retired = false

  constructor({ max, idle }: FreeLimits) {
    super({ keepAlive: true, scheduling: 'lifo', maxFreeSockets: max, timeout: idle })
  }

  /** Ends a connection after the response under way. */
  useNoMore(socket: Duplex): void {
    this.#last.add(socket)
  }

  /** Ends free connections now, and the others when they become free. */
  retire(): void {
    this.#retired = true
    for (const sockets of Object.values(this.freeSockets)) for (const socket of [...(sockets ?? [])]) socket.destroy()
  }

  /** Node calls this for each request, although the declared type lacks it. */
  addRequest(request: ClientRequest, options: object): void {
    const add = (): void => {
      addRequestNow.call(this, request, options)
    }
    const hasBody = request.hasHeader('content-length') || request.hasHeader('transfer-encoding')
    // The end of a connection is read one turn after the last bytes before it, which may have made it free just now.
    setImmediate(hasBody ? () => setImmediate(add) : add)
  }

  /** Node calls this when a response is complete, to decide whether to keep the connection. */
  override keepSocketAlive(socket: Duplex): boolean {
    // The declared type is void, but node uses the returned value.
    const keep = super.keepSocketAlive(socket) as unknown as boolean
    if (!keep || this.#retired || this.#last.has(socket) || socket.readableLength > 0) return false
    socket.on('data', destroyThis).on('end', destroyThis)
    return true
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    socket.off('data', destroyThis).off('end', destroyThis)
    super.reuseSocket(socket, request)
  }
}

const { addRequest: addRequestNow } = Agent.prototype as unknown as Pick<ApplicationAgent, 'addRequest'>

/** Destroys the socket and takes it out of the agent's lists at once, not only when it is closed. */
function destroyThis(this: Duplex): void {
  this.destroy()
  this.emit('agentRemove')
}
