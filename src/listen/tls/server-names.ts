import type { Socket } from 'node:net'
import type { HandshakeListeners, Handshakes } from '../arrival/handshakes.ts'
import type { TlsHost } from './tls-host.ts'

/** The connections that a TlsHost is for. */
export interface NamedHost {
  /** A local address, spelt as sockets report it; undefined: every address. */
  readonly address: string | undefined
  /** '' = any name; `*.example.org` = any name below it. */
  readonly name: string
  readonly host: TlsHost
}

/**
 * Chooses the TlsHost of a connection by the name that the client asks for, in the order in which the site table
 * chooses a site: the name itself, a wildcard, no name; each first for the local address, then for all addresses. A
 * client that asks for another name, or for none, gets the first host, so that it can be answered in HTTP. However many
 * names there are, a choice takes the same time. Immutable.
 */
export class ServerNames implements Handshakes {
  /** By address (`*` for all) and name, such as `* www.example.org` and `* *.example.org`. */
  readonly #hosts = new Map<string, TlsHost>()
  readonly #first: TlsHost
  readonly #hasAddresses: boolean

  constructor(named: readonly [NamedHost, ...NamedHost[]]) {
    for (const { address, name, host } of named) {
      const key = `${address ?? '*'} ${name.toLowerCase()}`
      if (!this.#hosts.has(key)) this.#hosts.set(key, host)
    }
    this.#first = named[0].host
    this.#hasAddresses = named.some(({ address }) => address !== undefined)
  }

  begin(socket: Socket, serverName: string, localAddress: () => string, listeners: HandshakeListeners): void {
    this.find(serverName, localAddress).server.begin(socket, serverName, listeners)
  }

  find(serverName: string, localAddress: () => string): TlsHost {
    const addresses = this.#hasAddresses ? [localAddress(), '*'] : ['*']
    for (const name of namesFor(serverName)) {
      for (const address of addresses) {
        const host = this.#hosts.get(`${address} ${name}`)
        if (host !== undefined) return host
      }
    }
    return this.#first
  }
}

/** The name, the wildcards that it is below of, nearest first, and ''. */
function* namesFor(serverName: string): Generator<string> {
  if (serverName !== '') {
    yield serverName
    for (let dot = serverName.indexOf('.'); dot !== -1; dot = serverName.indexOf('.', dot + 1)) {
      yield `*${serverName.slice(dot)}`
    }
  }
  yield ''
}
