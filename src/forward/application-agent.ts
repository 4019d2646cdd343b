import { Agent, type ClientRequest } from 'node:http'
import type { Duplex } from 'node:stream'

/** Kestrel drops a silent connection after 130 s (120 s before); well below that, nobody writes into one that is closing. */
const FREE_IDLE = 60_000
const FREE_MAX = 256

/**
 * The kept-alive connections to one child. The most recently used goes out first, so that the rest can grow old. A free
 * connection that receives bytes is destroyed: whatever they are, the next request's response would begin with them
 * (CVE-2026-48931). Life: that of its Upstream.
 */
export class ApplicationAgent extends Agent {
  constructor() {
    super({ keepAlive: true, scheduling: 'lifo', maxFreeSockets: FREE_MAX, timeout: FREE_IDLE })
  }

  /** Node asks this whenever a response is complete. */
  override keepSocketAlive(socket: Duplex): boolean {
    // The declared type says void, but the answer decides.
    const keep = super.keepSocketAlive(socket) as unknown as boolean
    if (!keep || socket.readableLength > 0) return false
    socket.on('data', destroyThis)
    return true
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    socket.off('data', destroyThis)
    super.reuseSocket(socket, request)
  }
}

function destroyThis(this: Duplex): void {
  this.destroy()
}
