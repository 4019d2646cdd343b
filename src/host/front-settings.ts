import { isIPv4, SocketAddress } from 'node:net'
import type { BindingConfig } from '../config/model.ts'
import { type Problem, problemLine } from '../config/problems.ts'
import { type FrontSettings, plainHttp } from '../listen/entrance.ts'
import type { ListenFailure } from '../listen/listen.ts'
import type { OpenProtocol } from '../listen/protocol.ts'
import type { CertificateReports } from '../listen/tls/certificates.ts'
import type { TlsSecurity } from '../listen/tls/tls-security.ts'
import type { TlsStore } from '../listen/tls/tls-store.ts'
import type { Log } from '../log/entry.ts'
import * as certificateEvents from '../log/certificate-events.ts'
import { AddressSet } from '../platform/address-set.ts'
import type { Clock } from '../platform/clock.ts'
import { failed, ok, type Result } from '../platform/result.ts'

/**
 * Makes the settings of each front from its bindings, and holds the certificates of all of them. The code of TLS and
 * of HTTP/2 is loaded when the first binding needs it. Life: that of the ProxyHost, which owns it.
 */
export class FrontSettingsMaker {
  readonly #clock: Clock
  readonly #log: Log
  #openHttp2: OpenProtocol | undefined
  #trustedProxies = AddressSet.none
  #store: TlsStore | undefined
  readonly #onAuthoritiesRenewed: () => void
  #isClosed = false

  /** `onAuthoritiesRenewed`: called when securityOf() may give another object, because files of TLS were renewed. */
  constructor(clock: Clock, log: Log, onAuthoritiesRenewed: () => void) {
    this.#clock = clock
    this.#log = log
    this.#onAuthoritiesRenewed = onAuthoritiesRenewed
  }

  get trustsProxies(): boolean {
    return !this.#trustedProxies.isEmpty
  }

  /** Sets whose PROXY headers the settings made from now on accept; addresses and networks as HostConfig has them. */
  trust(proxies: readonly string[]): void {
    const set = AddressSet.of(proxies)
    this.#trustedProxies = set.ok ? set.value : AddressSet.none
  }

  /**
   * Reads what the bindings of one front need; fails with every problem if a certificate cannot be used. `everywhere`:
   * whether the front listens on more than one address.
   */
  async make(
    bindings: readonly BindingConfig[],
    everywhere: boolean,
  ): Promise<Result<FrontSettings, readonly Problem[]>> {
    const hasTls = bindings.some(({ tls }) => tls !== undefined)
    const proxies = bindings.some(({ proxyProtocol }) => proxyProtocol === true) ? this.#trustedProxies : undefined
    if (!hasTls && proxies === undefined) return ok(plainHttp)
    const { arrivalEntrance } = await import('../listen/arrival/entrance.ts')
    if (!hasTls) {
      const openEntrance = arrivalEntrance({ handshakes: undefined, proxies }, this.#clock)
      return ok({ scheme: 'http', openEntrance, openHttp2: undefined })
    }
    const { TlsStore: Store } = await import('../listen/tls/tls-store.ts')
    this.#store ??= new Store(this.#clock, reportsOn(this.#log, this.#onAuthoritiesRenewed))
    const problems = await this.#store.load(bindings)
    // close() may have been called meanwhile.
    if (this.#isClosed) this.#store.close()
    if (problems.some(({ level }) => level === 'error')) return failed(problems)
    if (bindings.some(({ tls }) => tls?.http2 === true)) {
      const { openHttp2Protocol } = await import('../listen/http2/protocol.ts')
      this.#openHttp2 ??= openHttp2Protocol(this.#clock)
    }
    const placed = bindings.map((binding) => ({ binding, address: everywhere ? spelt(binding.address) : undefined }))
    const handshakes = this.#store.handshakesFor(placed, this.#openHttp2 !== undefined)
    const openEntrance = arrivalEntrance({ handshakes, proxies }, this.#clock)
    return ok({ scheme: 'https', openEntrance, openHttp2: this.#openHttp2 })
  }

  /** Gives up the certificates that none of these bindings needs; they are all that are in force. */
  async retain(bindings: readonly BindingConfig[]): Promise<void> {
    await this.#store?.retain(bindings)
  }

  /** Ends the watch over the files of certificates. */
  close(): void {
    this.#isClosed = true
    this.#store?.close()
  }

  /** The object that TlsFacts.settings is for connections of this binding, which make() has read; undefined for http. */
  securityOf({ tls }: BindingConfig): TlsSecurity | undefined {
    return tls === undefined ? undefined : this.#store?.securityOf(tls)
  }
}

function reportsOn(log: Log, onAuthoritiesRenewed: () => void): CertificateReports {
  return {
    onRenewed: (file, validTo) => {
      certificateEvents.certificateRenewed(log, { file, validTo: validTo?.toISOString() })
      if (validTo === undefined) onAuthoritiesRenewed()
    },
    onRejected: (problem) => {
      certificateEvents.certificateRejected(log, { file: problem.file, text: problemLine(problem), kept: true })
    },
    onWarning: (problem) => {
      certificateEvents.certificateNotice(log, { file: problem.file, text: problemLine(problem) })
    },
    onExpiry: (file, validTo, days) => {
      if (days < 0) certificateEvents.certificateExpired(log, { file, validTo: validTo.toISOString() })
      else certificateEvents.certificateExpiring(log, { file, validTo: validTo.toISOString(), days })
    },
  }
}

/** The failure of a listener whose certificates cannot be used. */
export function badCertificates(problems: readonly Problem[]): ListenFailure {
  const cause = new Error(problems.map(problemLine).join('\n'))
  return { opened: false, code: 'bad-certificate', cause, problems }
}

/** An address as sockets report it; undefined for every address. An IPv6 address can be written in many ways. */
function spelt(address: string | undefined): string | undefined {
  if (address === undefined || address === '::' || address === '0.0.0.0') return undefined
  const family = isIPv4(address) ? 'ipv4' : 'ipv6'
  return new SocketAddress({ address: address.replace(/%.*$/, ''), family }).address
}
