import type { ReadCertificate } from './read-certificate.ts'
import { SecureServer, type TlsSecurity } from './secure-server.ts'

/** A certificate in force, which is replaced when its files are renewed. */
export interface HeldCertificate {
  readonly current: ReadCertificate
}

/**
 * What one host name, or several with the same settings, speak: their certificates and everything else that TLS may
 * differ in. It makes its SecureServer at the first handshake, and makes it anew when a certificate has been renewed;
 * handshakes and connections of the one before go on. Life: as long as settings refer to it; nothing is to be closed.
 */
export class TlsHost {
  readonly #held: readonly HeldCertificate[]
  readonly #http2: boolean
  readonly #securityOf: () => TlsSecurity
  #server: SecureServer | undefined
  #madeFor: readonly ReadCertificate[] = []

  /** `securityOf` returns the same object as long as the settings and the authorities stay equal. */
  constructor(held: readonly HeldCertificate[], http2: boolean, securityOf: () => TlsSecurity) {
    this.#held = held
    this.#http2 = http2
    this.#securityOf = securityOf
  }

  get security(): TlsSecurity {
    return this.#securityOf()
  }

  get server(): SecureServer {
    const isCurrent = this.#held.every(({ current }, i) => current === this.#madeFor[i])
    if (this.#server !== undefined && isCurrent) return this.#server
    const read = this.#held.map(({ current }) => current)
    const certificates = read.map(({ certificate }) => certificate)
    this.#server = new SecureServer({ certificates, http2: this.#http2, security: this.#securityOf() })
    this.#madeFor = read
    return this.#server
  }
}
