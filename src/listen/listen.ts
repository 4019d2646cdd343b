import type { Server } from 'node:net'
import { allRead } from './all-read.ts'
import { plainAddress } from './connection-facts.ts'
import type { FrontEvents } from './protocol.ts'

/**
 * Connections that the system may hold for us until we accept them; Linux takes at most net.core.somaxconn, which is 4096. With
 * node's 511 a burst of clients, or a moment in which we are busy, costs the others a second: their SYN is dropped.
 */
const BACKLOG = 4096

/** What is listened on. */
export interface Endpoint {
  /** undefined = every address, IPv4 and IPv6. */
  readonly address: string | undefined
  /** 0 = any free one. */
  readonly port: number
}

/** Why nothing listens. */
export interface ListenFailure {
  readonly opened: false
  readonly code: 'port-taken' | 'no-permission' | 'bad-address' | 'failed'
  readonly cause: Error
}

/** Makes `server` listen; undefined when it does. Without an address: IPv4 and IPv6 on one socket, IPv4 where there is no IPv6. */
export async function listen(server: Server, endpoint: Endpoint): Promise<ListenFailure | undefined> {
  if (endpoint.address !== undefined) return attempt(server, endpoint.address, endpoint.port)
  const failure = await attempt(server, '::', endpoint.port)
  return failure?.code === 'bad-address' ? attempt(server, '0.0.0.0', endpoint.port) : failure
}

/**
 * Closes a listener behind the clients that the system has connected already: they are accepted, and not reset, which is what
 * closing at once would do to them. Resolves when it is closed.
 */
export async function closeBehindWaiting(server: Server): Promise<void> {
  let came = true
  const onCome = (): void => {
    came = true
  }
  // Above the cap of connections they are dropped, and there may be more behind them.
  server.on('connection', onCome).on('drop', onCome)
  // libuv accepts one in each pass of the event loop.
  for (let pass = 0; came && pass < BACKLOG; pass++) {
    came = false
    await allRead()
  }
  server.off('connection', onCome).off('drop', onCome).close()
}

/** Connections for which there is no room are closed as soon as they are made, and reported. `room`: how many may be open. */
export function boundConnections(server: Server, room: () => number, { onRefusal }: FrontEvents): void {
  // Node asks for each connection that it accepts.
  Object.defineProperty(server, 'maxConnections', { get: room })
  server.on('drop', (dropped) => {
    const remoteAddress = plainAddress(dropped?.remoteAddress ?? '')
    onRefusal({ status: 0, failure: { kind: 'too-many-connections' }, remoteAddress })
  })
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
