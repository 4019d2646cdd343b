import { type AddressInfo, createServer, isIP, type Server, Socket, SocketAddress } from 'node:net'
import type { InheritedDescriptor } from './service-environment.ts'

/** As long as the queue of a socket that we open ourselves. */
const backlog = 4096

/** A listening socket that the service manager has opened. */
export interface InheritedPlace {
  readonly fd: number
  /** FileDescriptorName= of its socket unit; may be empty. */
  readonly name: string
  /** `address:port`, or what it is if it is no TCP socket. */
  readonly place: string
}

/**
 * The listening sockets that the service manager has opened, so that none of its clients is refused while the daemon is
 * started anew. Life: from the constructor to close(), before which the daemon stops; owned by the Fronts. A socket that
 * was asked for once stays open until then, because Node closes a descriptor with its server; while nobody uses it, its
 * clients are disconnected at once, as they would wait for ever.
 */
export class InheritedSockets {
  readonly #sockets: readonly InheritedSocket[]
  readonly #onUnused: (socket: InheritedPlace) => void
  readonly #told = new Set<InheritedSocket>()
  #isClosed = false

  /** @param onUnused called once for each socket that no binding is for */
  constructor(descriptors: readonly InheritedDescriptor[], onUnused: (socket: InheritedPlace) => void) {
    this.#sockets = descriptors.map((descriptor) => new InheritedSocket(descriptor))
    this.#onUnused = onUnused
  }

  /**
   * The socket for this address (undefined: every address, IPv4 and IPv6) and port, if nobody uses it. Port 0, any free
   * one, is never among them.
   */
  find(address: string | undefined, port: number): InheritedSocket | undefined {
    if (this.#isClosed || port === 0) return undefined
    const free = this.#sockets.filter((socket) => !socket.isUsed && socket.port === port)
    const wanted = address === undefined ? ['::', '0.0.0.0'] : [address]
    return wanted.flatMap((host) => free.find((socket) => socket.address === canonical(host)) ?? [])[0]
  }

  /** Reports the sockets that are not used, and disconnects their clients. */
  disconnectUnused(): void {
    for (const socket of this.#isClosed ? [] : this.#sockets) {
      if (socket.isUsed || this.#told.has(socket)) continue
      this.#told.add(socket)
      this.#onUnused(socket)
      socket.disconnectClients()
    }
  }

  /** Accepts nobody any more: who connects waits for the next daemon. */
  close(): void {
    this.#isClosed = true
    for (const socket of this.#sockets) socket.close()
  }
}

/** One of them. Life: that of the InheritedSockets; used by one front at a time, from use() to release(). */
export class InheritedSocket implements InheritedPlace {
  readonly fd: number
  readonly name: string
  /** As sockets report it; empty if this is no TCP socket, and then it has no port. */
  readonly address: string
  readonly port: number | undefined
  isUsed = false
  /** Holds the descriptor until there is a server, without accepting. */
  #holder: Socket | undefined
  #server: Server | undefined

  constructor({ fd, name }: InheritedDescriptor) {
    this.fd = fd
    this.name = name
    this.#holder = holderOf(fd)
    const { address = '', port } = (this.#holder?.address() ?? {}) as Partial<AddressInfo>
    this.address = address
    this.port = port
  }

  get place(): string {
    if (this.port === undefined) return 'not a TCP socket'
    return `${this.address.includes(':') ? `[${this.address}]` : this.address}:${String(this.port)}`
  }

  /**
   * Begins to accept; resolves with a server whose events are for the caller until release().
   *
   * @param options of createServer()
   */
  async use(options: { readonly highWaterMark: number | undefined }): Promise<Server> {
    this.isUsed = true
    const server = await this.#listen(options.highWaterMark)
    // The server may have been made before anybody used it.
    if (options.highWaterMark !== undefined) Object.assign(server, options)
    return server
  }

  /** The caller must have removed its listeners. Clients are disconnected from now on. */
  release(): void {
    this.isUsed = false
  }

  disconnectClients(): void {
    // A socket of another kind is not ours to accept from, and one that cannot be listened on has no clients.
    if (this.port !== undefined) void this.#listen(undefined).catch(() => undefined)
  }

  close(): void {
    this.#server?.close()
    this.#holder?.destroy()
    this.#holder = undefined
  }

  #listen(highWaterMark: number | undefined): Promise<Server> {
    if (this.#server !== undefined) return Promise.resolve(this.#server)
    // Without allowHalfOpen, node would close the connection before the answer to a client that has half-closed.
    const options = { allowHalfOpen: true, noDelay: true, ...(highWaterMark !== undefined && { highWaterMark }) }
    const server = createServer(options, (socket) => {
      if (!this.isUsed) socket.destroy()
    })
    const holder = this.#holder
    this.#server = server
    this.#holder = undefined
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(holder, backlog, () => {
        server.off('error', reject)
        server.ref()
        // A failed accept (no file descriptors left) affects that one client only.
        server.on('error', () => undefined)
        resolve(server)
      })
    })
  }
}

/** Undefined for a descriptor that is no stream socket. */
function holderOf(fd: number): Socket | undefined {
  try {
    return new Socket({ fd, readable: false, writable: false }).unref()
  } catch {
    return undefined
  }
}

/** An address as sockets report it: an IPv6 address can be written in many ways. */
function canonical(address: string): string {
  if (isIP(address) !== 6) return address
  return new SocketAddress({ address: address.replace(/%.*$/, ''), family: 'ipv6' }).address
}
