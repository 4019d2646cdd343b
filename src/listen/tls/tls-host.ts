import type { ServerCertificate } from './read-certificate.ts'
import { SecureServer, type TlsSecurity } from './secure-server.ts'

/** Something that was read from a file, and is replaced when the file is renewed. */
export interface Held<T> {
  readonly current: T
}

/**
 * What one host name, or several with the same settings, speak: their certificates and everything else that TLS may
 * differ in. It makes its SecureServer at the first handshake, and makes it anew when a file has been renewed;
 * handshakes and connections of the one before go on. Life: as long as settings refer to it; nothing is to be closed.
 */
export class TlsHost {
  readonly #certificates: readonly Held<ServerCertificate>[]
  readonly #http2: boolean
  readonly #securityOf: () => TlsSecurity
  #server: SecureServer | undefined
  #madeFor: readonly unknown[] = []

  /** `securityOf` returns the same object as long as the settings and the authorities stay equal. */
  constructor(certificates: readonly Held<ServerCertificate>[], http2: boolean, securityOf: () => TlsSecurity) {
    this.#certificates = certificates
    this.#http2 = http2
    this.#securityOf = securityOf
  }

  get server(): SecureServer {
    const certificates = this.#certificates.map(({ current }) => current)
    const security = this.#securityOf()
    const parts = [security, ...certificates]
    if (this.#server === undefined || parts.some((part, i) => part !== this.#madeFor[i])) {
      this.#server = new SecureServer({ certificates, security, http2: this.#http2 })
      this.#madeFor = parts
    }
    return this.#server
  }
}
