import type { BindingConfig, CertificateFiles, TlsConfig } from '../../config/model.ts'
import type { Problem } from '../../config/problems.ts'
import type { Clock } from '../../platform/clock.ts'
import { type CertificateReports, Certificates, filesOf, pathsOf } from './certificates.ts'
import { kindOf, namesIn, uselessCertificates } from './review-certificates.ts'
import { type NamedHost, ServerNames } from './server-names.ts'
import { TlsHost } from './tls-host.ts'
import { TlsSecurity } from './tls-security.ts'

/** A binding with the local address that it is for, spelt as sockets report it; undefined: every address. */
export interface LocalBinding {
  readonly binding: BindingConfig
  readonly address: string | undefined
}

/**
 * The certificates of all bindings, and the TlsHosts made of them, one for each distinct setting. Life: that of the
 * host, which owns it; close() stops the watch over the files.
 */
export class TlsStore {
  readonly #certificates: Certificates
  readonly #hosts = new Map<string, TlsHost>()
  readonly #securities = new Map<string, { readonly security: TlsSecurity; authorities: readonly string[] }>()

  constructor(clock: Clock, reports: CertificateReports) {
    this.#certificates = new Certificates(clock, reports)
  }

  /**
   * Reads the files of these bindings that are not held yet. Returns every problem; with an error among them the
   * bindings cannot be opened, and what was held before stays.
   */
  async load(bindings: readonly BindingConfig[]): Promise<readonly Problem[]> {
    const problems = await this.#certificates.load(settingsOf(bindings))
    if (problems.some(({ level }) => level === 'error')) return problems
    const useless = bindings.flatMap(({ tls, hostName }) => {
      const all = tls?.alternatives === undefined ? [] : filesOf(tls)
      return uselessCertificates(
        hostName,
        all.map((files) => this.#certificates.certificate(files).current),
      )
    })
    return [...problems, ...useless]
  }

  /** Gives up everything that no binding needs any more. `bindings`: all that are in force. */
  async retain(bindings: readonly BindingConfig[]): Promise<void> {
    // Hosts are few things to make anew, and those in force are held by the settings of their fronts.
    this.#hosts.clear()
    await this.#certificates.retain(settingsOf(bindings))
  }

  close(): void {
    this.#certificates.close()
  }

  /**
   * The handshakes of one listener, for the bindings that it serves; load() has read them. `hasHttp2`: whether HTTP/2
   * may be offered where a binding allows it.
   */
  handshakesFor(placed: readonly LocalBinding[], hasHttp2: boolean): ServerNames {
    const [first, ...others] = placed.flatMap((place) => this.#namedHosts(place, hasHttp2))
    if (first === undefined) throw new Error('a listener for TLS has at least one binding with a certificate')
    return new ServerNames([first, ...others])
  }

  /**
   * The object that stands in TlsFacts.settings for connections that are made from now on for a binding with these
   * settings. It is another one when an authority was taken out of the file, because a client that was trusted may not
   * be trusted any more; load() has read the file.
   */
  securityOf({ clientCertificates, clientCa: written, tls13 }: TlsConfig): TlsSecurity {
    const clientCa = clientCertificates === 'ignore' ? undefined : written
    const authorities = clientCa === undefined ? [] : this.#certificates.authorities(clientCa).current
    const key = JSON.stringify([clientCertificates, clientCa, tls13])
    const known = this.#securities.get(key)
    if (known?.authorities.every((authority) => authorities.includes(authority)) === true) {
      known.authorities = authorities
      return known.security
    }
    const security = new TlsSecurity(clientCertificates, clientCa, tls13)
    this.#securities.set(key, { security, authorities })
    return security
  }

  /** The host of a binding; for a binding of any name also one for each name in its certificates if it has several. */
  #namedHosts({ binding: { tls: written, hostName }, address }: LocalBinding, hasHttp2: boolean): NamedHost[] {
    if (written === undefined) return []
    const tls = { ...written, http2: written.http2 && hasHttp2 }
    const all = filesOf(tls)
    const named = [{ address, name: hostName, host: this.#hostOf(tls, all) }]
    if (hostName !== '' || all.length === 1) return named
    const byName = new Map<string, CertificateFiles[]>()
    for (const files of all) {
      const { current } = this.#certificates.certificate(files)
      for (const name of namesIn(current)) byName.set(name, [...(byName.get(name) ?? []), files])
    }
    for (const [name, files] of byName) named.push({ address, name, host: this.#hostOf(tls, files) })
    return named
  }

  #hostOf(tls: TlsConfig, files: readonly CertificateFiles[]): TlsHost {
    const chosen = this.#oneForEachKind(files)
    const { http2, tls13, clientCertificates, clientCa } = tls
    const key = JSON.stringify([http2, tls13, clientCertificates, clientCa, ...chosen.map(pathsOf)])
    let host = this.#hosts.get(key)
    if (host === undefined) {
      const authorities = clientCertificates === 'ignore' ? undefined : clientCa
      host = new TlsHost({
        certificates: chosen.map((each) => this.#certificates.certificate(each)),
        security: () => this.securityOf(tls),
        clientAuthorities: authorities === undefined ? undefined : this.#certificates.authorities(authorities),
        http2,
      })
      this.#hosts.set(key, host)
    }
    return host
  }

  /** The first for each kind of key (RSA, EC): OpenSSL takes one of each, and uses the one that the client supports. */
  #oneForEachKind(all: readonly CertificateFiles[]): readonly CertificateFiles[] {
    const byKind = new Map<string | undefined, CertificateFiles>()
    for (const files of all) {
      const kind = kindOf(this.#certificates.certificate(files).current)
      if (!byKind.has(kind)) byKind.set(kind, files)
    }
    return [...byKind.values()]
  }
}

function settingsOf(bindings: readonly BindingConfig[]): readonly TlsConfig[] {
  return bindings.flatMap(({ tls }) => (tls === undefined ? [] : [tls]))
}
