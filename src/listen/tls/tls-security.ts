import type { TlsSettings } from '../../http/exchange.ts'

/**
 * What two hosts must have in common if one TLS connection is to serve both; compared by identity. Life: from the first
 * binding with these settings until withdraw(), and beyond it while a connection refers to it.
 */
export class TlsSecurity implements TlsSettings {
  readonly clientCertificates: 'ignore' | 'accept' | 'require'
  /** The file of the authorities that a client's certificate must come from; undefined: any certificate passes. */
  readonly clientCa: string | undefined
  readonly tls13: boolean
  readonly #listeners = new Set<() => void>()

  constructor(clientCertificates: TlsSecurity['clientCertificates'], clientCa: string | undefined, tls13: boolean) {
    this.clientCertificates = clientCertificates
    this.clientCa = clientCa
    this.tls13 = tls13
  }

  onWithdrawn(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** No binding has these settings any more. */
  withdraw(): void {
    const listeners = [...this.#listeners]
    this.#listeners.clear()
    for (const listener of listeners) listener()
  }
}
