import type { Server } from 'node:net'
import { plainAddress } from './connection-facts.ts'
import type { FrontBinding, FrontEvents, FrontOpening } from './front.ts'

type Refused = Extract<FrontOpening, { readonly opened: false }>

/** Makes `server` listen; undefined when it does. Without an address: IPv4 and IPv6 on one socket, IPv4 where there is no IPv6. */
export async function listen(server: Server, binding: FrontBinding): Promise<Refused | undefined> {
  if (binding.address !== undefined) return attempt(server, binding.address, binding.port)
  const refusal = await attempt(server, '::', binding.port)
  return refusal?.code === 'bad-address' ? attempt(server, '0.0.0.0', binding.port) : refusal
}

/** More connections than this are closed as soon as they are made, and told. */
export function boundConnections(server: Server, most: number, { onRefusal }: FrontEvents): void {
  server.maxConnections = most
  server.on('drop', (dropped) => {
    const remoteAddress = plainAddress(dropped?.remoteAddress ?? '')
    onRefusal({ status: 0, failure: { kind: 'too-many-connections' }, remoteAddress })
  })
}

function attempt(server: Server, host: string, port: number): Promise<Refused | undefined> {
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
    server.listen({ host, port, exclusive: true })
  })
}

const codes: Readonly<Record<string, Refused['code']>> = {
  EADDRINUSE: 'port-taken',
  EACCES: 'no-permission',
  EPERM: 'no-permission',
  EADDRNOTAVAIL: 'bad-address',
  EAFNOSUPPORT: 'bad-address',
  EINVAL: 'bad-address',
  ENOTFOUND: 'bad-address',
  EAI_AGAIN: 'bad-address',
}
