import { isIP, isIPv4 } from 'node:net'
import { AddressSet } from '../platform/address-set.ts'
import type { Connection, Exchange, TlsFacts } from './exchange.ts'
import { withConnection } from './exchange-view.ts'

/** The addresses whose X-Forwarded-For and X-Forwarded-Proto are believed; an AddressSet, for example. */
export interface Trusted {
  has(address: string): boolean
}

/** A client as a trusted proxy tells of it. */
export interface ForwardedClient {
  readonly address: string
  /** 0 if the proxy does not tell it. */
  readonly port: number
  readonly scheme: 'http' | 'https'
}

/** What was found out about a connection; for a trusted proxy, with the fields of its last request. */
interface Found {
  readonly isTrusted: boolean
  readonly forwardedFor?: string | undefined
  readonly forwardedProto?: string | undefined
  readonly connection?: Connection
}

/**
 * Finds the client of each exchange: behind a trusted proxy the one that it tells of, else the peer itself. Consecutive
 * requests of one client over one connection of a proxy get the same Connection object, which connection-bound
 * authentication needs. Life: as long as the set of trusted proxies is in force.
 */
export class ClientFinder {
  readonly #trusted: Trusted
  readonly #found = new WeakMap<Connection, Found>()

  constructor(trusted: Trusted) {
    this.#trusted = trusted
  }

  /** The exchange itself, or a view of it whose connection is the client's. */
  find(exchange: Exchange): Exchange {
    const peer = exchange.connection
    const found = this.#found.get(peer)
    if (found?.isTrusted === false) return exchange
    if (found === undefined && !this.#trusted.has(peer.remoteAddress)) {
      this.#found.set(peer, { isTrusted: false })
      return exchange
    }
    const forwardedFor = exchange.headers.get('x-forwarded-for')
    const forwardedProto = exchange.headers.get('x-forwarded-proto')
    let connection = found?.connection
    if (connection === undefined || found?.forwardedFor !== forwardedFor || found?.forwardedProto !== forwardedProto) {
      connection = new ForwardedConnection(peer, findClient(peer, forwardedFor, forwardedProto, this.#trusted))
      this.#found.set(peer, { isTrusted: true, forwardedFor, forwardedProto, connection })
    }
    return withConnection(exchange, connection)
  }
}

/**
 * Undefined if no proxy is trusted: then every peer is a client.
 *
 * @param trustedProxies addresses and networks, as HostConfig has them; another text throws
 */
export function createClientFinder(trustedProxies: readonly string[] = []): ClientFinder | undefined {
  const trusted = AddressSet.of(trustedProxies)
  if (!trusted.ok) throw new Error(`trustedProxies: '${trusted.failure}' is neither an address nor a network`)
  return trusted.value.isEmpty ? undefined : new ClientFinder(trusted.value)
}

/**
 * Determines the client from the fields of a trusted proxy. X-Forwarded-For is read from the right, because each proxy
 * appends the address of its own peer: the first address that is not a trusted proxy is the client, and what stands to
 * its left is only its claim. In a list of trusted proxies alone, the leftmost is the client. An entry that is no
 * address ends the list: the client is then the last address before it. The scheme is the entry of X-Forwarded-Proto
 * beside the client's if both lists are equally long, else the last one.
 */
export function findClient(
  peer: Pick<Connection, 'remoteAddress' | 'remotePort' | 'scheme'>,
  forwardedFor: string | undefined,
  forwardedProto: string | undefined,
  trusted: Trusted,
): ForwardedClient {
  const entries = membersOf(forwardedFor)
  let client: { address: string; port: number } = { address: peer.remoteAddress, port: peer.remotePort }
  let at = entries.length
  while (at > 0) {
    const entry = readAddress(entries[at - 1] as string)
    if (entry === undefined) break
    at -= 1
    client = entry
    if (!trusted.has(entry.address)) break
  }
  const schemes = membersOf(forwardedProto)
  const isPaired = schemes.length === entries.length && at < entries.length
  const scheme = readScheme(schemes[isPaired ? at : schemes.length - 1])
  return { ...client, scheme: scheme ?? peer.scheme }
}

/** The client's connection as the trusted proxy `proxy` tells of it. Life: that of the proxy's own connection. */
class ForwardedConnection implements Connection {
  readonly scheme: 'http' | 'https'
  readonly remoteAddress: string
  readonly remotePort: number
  readonly proxy: Connection

  constructor(proxy: Connection, { address, port, scheme }: ForwardedClient) {
    this.scheme = scheme
    this.remoteAddress = address
    this.remotePort = port
    this.proxy = proxy
  }

  get localAddress(): string {
    return this.proxy.localAddress
  }

  get localPort(): number {
    return this.proxy.localPort
  }

  get listenerAddress(): string {
    return this.proxy.listenerAddress ?? this.proxy.localAddress
  }

  get listenerPort(): number {
    return this.proxy.listenerPort ?? this.proxy.localPort
  }

  get clientCertificate(): string | undefined {
    return this.proxy.clientCertificate
  }

  get tls(): TlsFacts | undefined {
    return this.proxy.tls
  }

  get idleTimeoutMs(): number | undefined {
    return this.proxy.idleTimeoutMs
  }

  onEnd(listener: () => void): void {
    this.proxy.onEnd(listener)
  }
}

/** The members of a list (RFC 9110 5.6.1), without empty ones. */
function membersOf(list: string | undefined): readonly string[] {
  if (list === undefined) return []
  return list
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '')
}

/**
 * Reads one entry of X-Forwarded-For: `1.2.3.4`, `1.2.3.4:5678`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:5678`,
 * and the same in double quotes. Undefined for anything else, such as `unknown`.
 */
function readAddress(entry: string): { address: string; port: number } | undefined {
  const text = /^".*"$/.test(entry) ? entry.slice(1, -1) : entry
  const whole = isIP(text) === 0 ? /^(?:\[([\d.:A-Fa-f]+)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(text) : undefined
  const address = whole === undefined ? text : (whole?.[1] ?? whole?.[2] ?? '')
  const port = Number(whole?.[3] ?? 0)
  if (isIP(address) === 0 || address.includes('%') || port > 65_535) return undefined
  // Brackets are for IPv6 alone.
  if (whole?.[1] !== undefined && isIPv4(address)) return undefined
  const isMapped = /^::ffff:[\d.]+$/i.test(address)
  return { address: isMapped ? address.slice(7) : address, port }
}

function readScheme(word: string | undefined): 'http' | 'https' | undefined {
  const lower = word?.toLowerCase()
  return lower === 'http' || lower === 'https' ? lower : undefined
}

/** Whether the client is on this machine, and is not a proxy that has forwarded the request for somebody elsewhere. */
export function isLocalClient(exchange: Exchange): boolean {
  return isLocal(exchange.connection.remoteAddress) && !isForwarded(exchange)
}

function isLocal(address: string): boolean {
  return address === '::1' || address.startsWith('127.')
}

/** Whether a proxy on this machine, trusted or not, has forwarded the request: its client may be anywhere. */
function isForwarded({ connection, headers }: Exchange): boolean {
  const fields = ['x-forwarded-for', 'forwarded']
  return connection.proxy !== undefined || fields.some((name) => headers.get(name) !== undefined)
}
