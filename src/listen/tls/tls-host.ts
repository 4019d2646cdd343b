import type { ServerCertificate } from './read-certificate.ts'
import { SecureServer } from './secure-server.ts'
import type { TlsSecurity } from './tls-security.ts'

/** Something that was read from a file, and is replaced when the file is renewed. */
export interface Held<T> {
  readonly current: T
}

/** What a TlsHost speaks. */
export interface HostSettings {
  readonly certificates: readonly Held<ServerCertificate>[]
  /** What stands in TlsFacts.settings of the connections from now on: see TlsStore.securityOf(). */
  readonly security: () => TlsSecurity
  /** PEM texts; undefined: any certificate of a client passes. */
  readonly clientAuthorities: Held<readonly string[]> | undefined
  readonly http2: boolean
}

/**
 * What one host name, or several with the same settings, speak: their certificates and everything else that TLS may
 * differ in. It makes its SecureServer at the first handshake, and makes it anew when a file has been renewed;
 * handshakes and connections of the one before go on. Life: as long as settings refer to it; nothing is to be closed.
 */
export class TlsHost {
  readonly #settings: HostSettings
  #server: SecureServer | undefined
  #madeFor: readonly unknown[] = []

  constructor(settings: HostSettings) {
    this.#settings = settings
  }

  get server(): SecureServer {
    const { security, http2 } = this.#settings
    const certificates = this.#settings.certificates.map(({ current }) => current)
    const clientAuthorities = this.#settings.clientAuthorities?.current
    const parts = [clientAuthorities, ...certificates]
    if (this.#server === undefined || parts.some((part, i) => part !== this.#madeFor[i])) {
      const hasNewAuthorities = (): boolean => this.#settings.clientAuthorities?.current !== clientAuthorities
      this.#server = new SecureServer({
        certificates,
        security: security(),
        clientAuthorities,
        hasNewAuthorities,
        http2,
      })
      this.#madeFor = parts
    }
    return this.#server
  }
}
