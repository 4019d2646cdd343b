import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Learnt } from '../connection-facts.ts'

/** A TLS connection whose handshake is complete. */
export interface SecuredConnection {
  readonly socket: TLSSocket
  /** Whether ALPN chose HTTP/2. */
  readonly isHttp2: boolean
  readonly learnt: Pick<Learnt, 'tls' | 'clientCertificate'>
}

/** How the handshakes of one listener are done. */
export interface Handshakes {
  /**
   * Begins the handshake on a socket from which everything that was read has been put back. Exactly one of the
   * listeners is called, unless the socket closes before. `serverName`: as in the ClientHello, '' without one.
   */
  begin(socket: Socket, serverName: string, localAddress: () => string, listeners: HandshakeListeners): void
}

export interface HandshakeListeners {
  readonly onSecured: (secured: SecuredConnection) => void
  /** `why`: the code of the failure, such as ERR_SSL_NO_SHARED_CIPHER. */
  readonly onFailed: (why: string) => void
}
