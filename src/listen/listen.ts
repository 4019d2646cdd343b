import type { DropArgument, Server } from 'node:net'
import type { Problem } from '../config/problems.ts'
import { allRead } from './all-read.ts'
import { plainAddress } from './connection-facts.ts'
import type { FrontEvents } from './protocol.ts'

/**
 * How many connections the operating system may hold until the process accepts them; Linux allows at most
 * net.core.somaxconn, by default 4096. With node's default of 511, a burst of clients or a busy moment makes Linux drop
 * the SYN of further clients, which repeat it only after a second.
 */
const BACKLOG = 4096

/** Where a server listens. */
export interface Endpoint {
  /** Undefined for every address, IPv4 and IPv6. */
  readonly address: string | undefined
  /** 0 for any free port. */
  readonly port: number
}

/** Whether a listener at this endpoint gets connections for more than one local address. */
export function listensEverywhere({ address }: Endpoint): boolean {
  return address === undefined || address === '::' || address === '0.0.0.0'
}

/** Why a server could not listen. */
export interface ListenFailure {
  readonly opened: false
  readonly code: 'port-taken' | 'no-permission' | 'bad-address' | 'bad-certificate' | 'failed'
  readonly cause: Error
  /** What is wrong with the certificates, for `bad-certificate`. */
  readonly problems?: readonly Problem[]
}

/**
 * Makes `server` listen; resolves with undefined, or with the failure. Without an address it listens on IPv4 and IPv6
 * with one socket, or on IPv4 only if the machine has no IPv6.
 */
export async function listen(server: Server, endpoint: Endpoint): Promise<ListenFailure | undefined> {
  if (endpoint.address !== undefined) return attempt(server, endpoint.address, endpoint.port)
  const failure = await attempt(server, '::', endpoint.port)
  return failure?.code === 'bad-address' ? attempt(server, '0.0.0.0', endpoint.port) : failure
}

/**
 * Closes a listener after accepting the clients that the operating system has already connected; closing it at once
 * would reset them. Resolves when `close` has been called.
 */
export async function closeBehindWaiting(server: Server, close: () => void): Promise<void> {
  let hasNewClient = true
  const onClient = (): void => {
    hasNewClient = true
  }
  // At the limit of connections the server emits `drop` for a client, and more clients may still wait behind it.
  server.on('connection', onClient).on('drop', onClient)
  // One turn of the event loop may accept a single client only.
  for (let pass = 0; hasNewClient && pass < BACKLOG; pass++) {
    hasNewClient = false
    await allRead()
  }
  server.off('connection', onClient).off('drop', onClient)
  close()
}

/**
 * Limits the open connections of a server: a connection beyond the limit is closed at once, and reported as a refusal.
 * `room` returns how many may be open now. The function that is returned takes the limit away.
 */
export function boundConnections(server: Server, room: () => number, { onRefusal }: FrontEvents): () => void {
  // Node reads maxConnections for each connection that it accepts, so a getter can change the limit.
  Object.defineProperty(server, 'maxConnections', { get: room, configurable: true })
  const onDrop: (dropped?: DropArgument) => void = (dropped) => {
    const remoteAddress = plainAddress(dropped?.remoteAddress ?? '')
    onRefusal({ status: 0, failure: { kind: 'too-many-connections' }, remoteAddress })
  }
  server.on('drop', onDrop)
  return () => {
    server.off('drop', onDrop)
    Reflect.deleteProperty(server, 'maxConnections')
  }
}

function attempt(server: Server, host: string, port: number): Promise<ListenFailure | undefined> {
  return new Promise((resolve) => {
    const onError = (cause: NodeJS.ErrnoException): void => {
      server.off('listening', onListening)
      resolve({ opened: false, code: codes[cause.code ?? ''] ?? 'failed', cause })
    }
    const onListening = (): void => {
      server.off('error', onError)
      resolve(undefined)
    }
    server.once('error', onError)
    server.once('listening', onListening)
    server.listen({ host, port, exclusive: true, backlog: BACKLOG })
  })
}

const codes: Readonly<Record<string, ListenFailure['code']>> = {
  EADDRINUSE: 'port-taken',
  EACCES: 'no-permission',
  EPERM: 'no-permission',
  EADDRNOTAVAIL: 'bad-address',
  EAFNOSUPPORT: 'bad-address',
  EINVAL: 'bad-address',
  ENOTFOUND: 'bad-address',
  EAI_AGAIN: 'bad-address',
}
