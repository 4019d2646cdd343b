import { isIPv4, SocketAddress } from 'node:net'
import type { BindingConfig } from '../config/model.ts'
import { type Problem, problemLine } from '../config/problems.ts'
import { type FrontSettings, plainHttp } from '../listen/entrance.ts'
import type { ListenFailure } from '../listen/listen.ts'
import type { OpenProtocol } from '../listen/protocol.ts'
import type { TlsStore } from '../listen/tls/tls-store.ts'
import type { Clock } from '../platform/clock.ts'
import { failed, ok, type Result } from '../platform/result.ts'

/**
 * Makes the settings of each front from its bindings, and holds the certificates of all of them. The code of TLS and
 * of HTTP/2 is loaded when the first binding needs it. Life: that of the ProxyHost, which owns it.
 */
export class FrontSettingsMaker {
  readonly #clock: Clock
  #openHttp2: OpenProtocol | undefined
  #store: TlsStore | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Reads what the bindings of one front need; fails with every problem if a certificate cannot be used. `everywhere`:
   * whether the front listens on more than one address.
   */
  async make(
    bindings: readonly BindingConfig[],
    everywhere: boolean,
  ): Promise<Result<FrontSettings, readonly Problem[]>> {
    if (!bindings.some(({ tls }) => tls !== undefined)) return ok(plainHttp)
    const { arrivalEntrance } = await import('../listen/arrival/entrance.ts')
    const { TlsStore: Store } = await import('../listen/tls/tls-store.ts')
    this.#store ??= new Store(this.#clock)
    const problems = await this.#store.load(bindings)
    if (problems.some(({ level }) => level === 'error')) return failed(problems)
    if (bindings.some(({ tls }) => tls?.http2 === true)) {
      const { openHttp2Protocol } = await import('../listen/http2/protocol.ts')
      this.#openHttp2 ??= openHttp2Protocol(this.#clock)
    }
    const placed = bindings.map((binding) => ({ binding, address: everywhere ? spelt(binding.address) : undefined }))
    const handshakes = this.#store.handshakesFor(placed, this.#openHttp2 !== undefined)
    const openEntrance = arrivalEntrance({ handshakes }, this.#clock)
    return ok({ scheme: 'https', openEntrance, openHttp2: this.#openHttp2 })
  }

  /** The object that TlsFacts.settings is for connections of this binding, which make() has read; undefined for http. */
  securityOf({ tls }: BindingConfig): object | undefined {
    return tls === undefined ? undefined : this.#store?.securityOf(tls)
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
