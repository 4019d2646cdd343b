import type { BindingConfig, TlsConfig } from '../../config/model.ts'
import type { Problem } from '../../config/problems.ts'
import type { Clock } from '../../platform/clock.ts'
import { type ReadCertificate, readCertificate } from './read-certificate.ts'
import type { TlsSecurity } from './secure-server.ts'
import { type NamedHost, ServerNames } from './server-names.ts'
import { TlsHost } from './tls-host.ts'

/** A binding with the local address that it is for, spelt as sockets report it; undefined: every address. */
export interface PlacedBinding {
  readonly binding: BindingConfig
  readonly address: string | undefined
}

interface Held {
  current: ReadCertificate
}

/** How many files are read at the same time. */
const readers = 16

/**
 * The certificates of all bindings, each read once, and the TlsHosts made of them, one for each distinct setting. Life:
 * that of the host, which owns it.
 */
export class TlsStore {
  readonly #clock: Clock
  /** By the paths that are read. */
  readonly #held = new Map<string, Held>()
  readonly #hosts = new Map<string, TlsHost>()
  readonly #securities = new Map<string, TlsSecurity>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Reads the certificates of these bindings that are not held yet. Returns every problem; with an error among them the
   * bindings cannot be opened, and what was held before stays.
   */
  async load(bindings: readonly BindingConfig[]): Promise<readonly Problem[]> {
    const wanted = new Map(bindings.flatMap(({ tls }) => (tls === undefined ? [] : [[pathsOf(tls), tls] as const])))
    const missing = [...wanted].filter(([key]) => !this.#held.has(key))
    const read = new Map<string, Held>()
    const problems: Problem[] = []
    const work = missing.values()
    const readOn = async (): Promise<void> => {
      for (const [key, tls] of work) {
        const outcome = await readCertificate(tls, this.#clock.wallTime())
        if (outcome.ok) read.set(key, { current: outcome.value })
        problems.push(...(outcome.ok ? outcome.value.warnings : [outcome.failure]))
      }
    }
    await Promise.all(Array.from({ length: readers }, readOn))
    if (!problems.some(({ level }) => level === 'error')) for (const [key, held] of read) this.#held.set(key, held)
    return problems
  }

  /** The handshakes of one listener, for the bindings that it serves; load() has read them. */
  handshakesFor(placed: readonly PlacedBinding[]): ServerNames {
    const named = groupByName(placed).flatMap((group) => this.#namedHosts(group))
    const [first, ...others] = named
    if (first === undefined) throw new Error('a listener for TLS has at least one binding with a certificate')
    return new ServerNames([first, ...others])
  }

  /** The object that stands in TlsFacts.settings for connections that were made for a binding like this. */
  securityOf(tls: TlsConfig): TlsSecurity {
    return this.#securityOf(tls, this.#heldFor(tls))
  }

  /** The hosts of one name: one, and for bindings of any name also one for each name in their certificates. */
  #namedHosts({ address, name, settings }: NameGroup): NamedHost[] {
    const named: NamedHost[] = []
    if (name === '' && settings.length > 1) {
      for (const [own, theirs] of byCertificateName(settings, (tls) => this.#heldFor(tls))) {
        named.push({ address, name: own, host: this.#hostOf(theirs) })
      }
    }
    return [{ address, name, host: this.#hostOf(settings) }, ...named]
  }

  #hostOf(settings: readonly TlsConfig[]): TlsHost {
    const chosen = oneForEachKind(settings, (tls) => this.#heldFor(tls))
    const [main] = chosen as [TlsConfig]
    const key = [main.http2, main.tls13, main.clientCertificates, ...chosen.map(pathsOf)].join('\n')
    let host = this.#hosts.get(key)
    if (host === undefined) {
      const held = chosen.map((tls) => this.#heldFor(tls))
      host = new TlsHost(held, main.http2, () => this.#securityOf(main, held[0] as Held))
      this.#hosts.set(key, host)
    }
    return host
  }

  #securityOf({ clientCertificates, tls13 }: TlsConfig, { current }: Held): TlsSecurity {
    const clientAuthorities = clientCertificates === 'ignore' ? undefined : current.clientAuthorities
    const key = [clientCertificates, tls13, ...(clientAuthorities ?? [])].join('\n')
    let security = this.#securities.get(key)
    if (security === undefined) {
      security = { clientCertificates, tls13, clientAuthorities }
      this.#securities.set(key, security)
    }
    return security
  }

  #heldFor(tls: TlsConfig): Held {
    const held = this.#held.get(pathsOf(tls))
    if (held === undefined) throw new Error(`the certificate ${tls.certificate} has not been read`)
    return held
  }
}

/** The settings of the bindings of one name. */
interface NameGroup {
  readonly address: string | undefined
  readonly name: string
  readonly settings: TlsConfig[]
}

function groupByName(placed: readonly PlacedBinding[]): readonly NameGroup[] {
  const groups = new Map<string, NameGroup>()
  for (const { binding, address } of placed) {
    if (binding.tls === undefined) continue
    const name = binding.hostName.toLowerCase()
    const key = `${address ?? '*'} ${name}`
    const group = groups.get(key) ?? { address, name, settings: [] }
    group.settings.push(binding.tls)
    groups.set(key, group)
  }
  return [...groups.values()]
}

function byCertificateName(
  settings: readonly TlsConfig[],
  heldFor: (tls: TlsConfig) => Held,
): ReadonlyMap<string, TlsConfig[]> {
  const names = new Map<string, TlsConfig[]>()
  for (const tls of settings) {
    const { subjectAltName = '' } = heldFor(tls).current.certificate.leaf
    for (const [, name = ''] of subjectAltName.matchAll(/DNS:([^\s,"]+)/g)) {
      const key = name.toLowerCase()
      names.set(key, [...(names.get(key) ?? []), tls])
    }
  }
  return names
}

/** The first for each kind of key (RSA, EC): OpenSSL takes one of each, and uses the one that the client understands. */
function oneForEachKind(settings: readonly TlsConfig[], heldFor: (tls: TlsConfig) => Held): readonly TlsConfig[] {
  const byKind = new Map<string, TlsConfig>()
  for (const tls of settings) {
    const kind = String(heldFor(tls).current.certificate.leaf.publicKey.asymmetricKeyType)
    if (!byKind.has(kind)) byKind.set(kind, tls)
  }
  return [...byKind.values()]
}

function pathsOf({ certificate, key, passphraseFile, clientCa }: TlsConfig): string {
  return JSON.stringify([certificate, key, passphraseFile, clientCa])
}
