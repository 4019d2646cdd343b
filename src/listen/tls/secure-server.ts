import type { Socket } from 'node:net'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import type { ClientCertificateStatus, TlsFacts } from '../../http/exchange.ts'
import type { HandshakeListeners } from '../arrival/handshakes.ts'
import type { ServerCertificate } from './read-certificate.ts'
import { keyBitsOf, profileOptions } from './profile.ts'
import type { TlsSecurity } from './tls-security.ts'

/** Everything that a handshake needs. */
export interface ServerSettings {
  /** One for each kind of key at most. */
  readonly certificates: readonly ServerCertificate[]
  readonly security: TlsSecurity
  /** PEM texts; undefined: any certificate of a client passes. */
  readonly clientAuthorities: readonly string[] | undefined
  /** Whether clients are judged by other authorities now. */
  readonly hasNewAuthorities: () => boolean
  readonly http2: boolean
}

/**
 * A `tls.Server` that never listens: it gets sockets by the event `connection`, and does the handshakes of one setting.
 * Each setting has one of its own, because a server's versions and its requests for client certificates hold for all of
 * its names, and its session tickets work for all of them. Life: as long as a host or one of its connections refers to
 * it; there is nothing to close.
 */
export class SecureServer {
  readonly #server: Server
  readonly #security: TlsSecurity
  readonly #hasNewAuthorities: () => boolean
  /** The handshakes under way, by the addresses of both ends: Node does not tell which socket a TLS socket wraps. */
  readonly #waiting = new Map<string, Waiting>()

  /** Throws if OpenSSL refuses a certificate, which readCertificate() tries before. */
  constructor({ certificates, security, clientAuthorities, hasNewAuthorities, http2 }: ServerSettings) {
    this.#security = security
    this.#hasNewAuthorities = hasNewAuthorities
    const asks = security.clientCertificates !== 'ignore'
    this.#server = createServer({
      // A session ticket carries the judgement of the client's certificate, so without tickets each is judged anew.
      ...profileOptions(security.tls13, !asks),
      ...credentialsOf(certificates),
      // curl --http1.0 offers http/1.0 alone.
      ALPNProtocols: [...(http2 ? ['h2'] : []), 'http/1.1', 'http/1.0'],
      requestCert: asks,
      // The answer to a missing or untrusted certificate is given in HTTP.
      rejectUnauthorized: false,
      ...(asks && clientAuthorities !== undefined && { ca: [...clientAuthorities] }),
      allowHalfOpen: true,
    })
    this.#server.on('secureConnection', (socket: TLSSocket) => {
      this.#secured(socket)
    })
    this.#server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
      this.#take(socket)?.listeners.onFailed(error.code ?? error.message)
      socket.destroy()
    })
  }

  /** See Handshakes.begin(). */
  begin(socket: Socket, serverName: string, listeners: HandshakeListeners): void {
    const key = keyOf(socket)
    const waiting = { serverName, listeners }
    this.#waiting.set(key, waiting)
    socket.once('close', () => {
      if (this.#waiting.get(key) === waiting) this.#waiting.delete(key)
    })
    this.#server.emit('connection', socket)
  }

  #secured(socket: TLSSocket): void {
    const waiting = this.#take(socket)
    // The client has disconnected meanwhile: a socket that has lost its addresses is not found.
    if (waiting === undefined) {
      socket.on('error', () => undefined).destroy()
      return
    }
    const certificate = this.#security.clientCertificates === 'ignore' ? undefined : socket.getPeerX509Certificate()
    const tls: TlsFacts = {
      serverName: waiting.serverName,
      settings: this.#security,
      clientCertificateStatus: certificate === undefined ? 'none' : this.#statusOf(socket),
      keyBits: keyBitsOf(socket.getCipher().name),
      hasNewAuthorities: this.#hasNewAuthorities,
    }
    waiting.listeners.onSecured({
      socket,
      isHttp2: socket.alpnProtocol === 'h2',
      learnt: { tls, clientCertificate: certificate?.raw.toString('base64') },
    })
  }

  #statusOf(socket: TLSSocket): ClientCertificateStatus {
    if (this.#security.clientCa === undefined || socket.authorized) return 'trusted'
    const error = String(socket.authorizationError)
    return error === 'CERT_HAS_EXPIRED' || error === 'CERT_NOT_YET_VALID' ? 'expired' : 'untrusted'
  }

  #take(socket: TLSSocket): Waiting | undefined {
    const key = keyOf(socket)
    const waiting = this.#waiting.get(key)
    this.#waiting.delete(key)
    return waiting
  }
}

interface Waiting {
  readonly serverName: string
  readonly listeners: HandshakeListeners
}

function keyOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress ?? ''} ${String(remotePort)} ${localAddress ?? ''} ${String(localPort)}`
}

function credentialsOf(certificates: readonly ServerCertificate[]): object {
  const pems = certificates.flatMap(({ pem }) => (pem === undefined ? [] : [pem]))
  const pfxs = certificates.flatMap(({ pfx }) => (pfx === undefined ? [] : [pfx]))
  return {
    ...(pems.length > 0 && { cert: pems.map(({ cert }) => cert), key: pems.map(({ key }) => key) }),
    ...(pfxs.length > 0 && { pfx: [...pfxs] }),
  }
}
