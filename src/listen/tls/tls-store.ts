import type { BindingConfig, CertificateFiles, TlsConfig } from '../../config/model.ts'
import type { Problem } from '../../config/problems.ts'
import type { Clock } from '../../platform/clock.ts'
import { readAuthorities, readCertificate, type ServerCertificate } from './read-certificate.ts'
import type { TlsSecurity } from './secure-server.ts'
import { type NamedHost, ServerNames } from './server-names.ts'
import { type Held, TlsHost } from './tls-host.ts'

/** A binding with the local address that it is for, spelt as sockets report it; undefined: every address. */
export interface LocalBinding {
  readonly binding: BindingConfig
  readonly address: string | undefined
}

interface Replaceable<T> extends Held<T> {
  current: T
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
  readonly #certificates = new Map<string, Replaceable<ServerCertificate>>()
  readonly #authorities = new Map<string, Replaceable<readonly string[]>>()
  readonly #hosts = new Map<string, TlsHost>()
  readonly #securities = new Map<string, TlsSecurity>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Reads the files of these bindings that are not held yet. Returns every problem; with an error among them the
   * bindings cannot be opened, and what was held before stays.
   */
  async load(bindings: readonly BindingConfig[]): Promise<readonly Problem[]> {
    const settings = bindings.flatMap(({ tls }) => (tls === undefined ? [] : [tls]))
    const problems: Problem[] = []
    const finish: (() => void)[] = []
    const work = this.#missing(settings).values()
    const readOn = async (): Promise<void> => {
      for (const read of work) {
        const { hold, found } = await read()
        problems.push(...found)
        finish.push(hold)
      }
    }
    await Promise.all(Array.from({ length: readers }, readOn))
    if (!problems.some(({ level }) => level === 'error')) for (const hold of finish) hold()
    return problems
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

  /** The object that stands in TlsFacts.settings for connections that were made for a binding with these settings. */
  securityOf({ clientCertificates, clientCa, tls13 }: TlsConfig): TlsSecurity {
    const asks = clientCertificates !== 'ignore' && clientCa !== undefined
    const clientAuthorities = asks ? heldFor(this.#authorities, clientCa).current : undefined
    const key = [clientCertificates, tls13, ...(clientAuthorities ?? [])].join('\n')
    let security = this.#securities.get(key)
    if (security === undefined) {
      security = Object.freeze({ clientCertificates, tls13, clientAuthorities })
      this.#securities.set(key, security)
    }
    return security
  }

  /** What is to be read, each file once. */
  #missing(settings: readonly TlsConfig[]): readonly (() => Promise<Reading>)[] {
    const missing = new Map<string, () => Promise<Reading>>()
    for (const tls of settings) {
      for (const files of filesOf(tls)) {
        const key = pathsOf(files)
        if (!this.#certificates.has(key)) missing.set(key, () => this.#readCertificate(key, files))
      }
      const { clientCa } = tls
      if (clientCa === undefined || this.#authorities.has(clientCa)) continue
      missing.set(`authorities ${clientCa}`, () => this.#readAuthorities(clientCa))
    }
    return [...missing.values()]
  }

  async #readCertificate(key: string, files: CertificateFiles): Promise<Reading> {
    const read = await readCertificate(files, this.#clock.wallTime())
    if (!read.ok) return { found: [read.failure], hold: () => undefined }
    const { certificate, warnings } = read.value
    return { found: warnings, hold: () => this.#certificates.set(key, { current: certificate }) }
  }

  async #readAuthorities(file: string): Promise<Reading> {
    const read = await readAuthorities(file)
    if (!read.ok) return { found: [read.failure], hold: () => undefined }
    return { found: [], hold: () => this.#authorities.set(file, { current: read.value }) }
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
      for (const name of namesIn(this.#held(files).current)) byName.set(name, [...(byName.get(name) ?? []), files])
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
      const held = chosen.map((each) => this.#held(each))
      host = new TlsHost(held, http2, () => this.securityOf(tls))
      this.#hosts.set(key, host)
    }
    return host
  }

  /** The first for each kind of key (RSA, EC): OpenSSL takes one of each, and uses the one that the client supports. */
  #oneForEachKind(all: readonly CertificateFiles[]): readonly CertificateFiles[] {
    const byKind = new Map<string | undefined, CertificateFiles>()
    for (const files of all) {
      const kind = this.#held(files).current.leaf.publicKey.asymmetricKeyType
      if (!byKind.has(kind)) byKind.set(kind, files)
    }
    return [...byKind.values()]
  }

  #held(files: CertificateFiles): Held<ServerCertificate> {
    return heldFor(this.#certificates, pathsOf(files))
  }
}

/** What one reading found, and how what was read comes into force. */
interface Reading {
  readonly found: readonly Problem[]
  readonly hold: () => void
}

function heldFor<T>(all: ReadonlyMap<string, Held<T>>, key: string): Held<T> {
  const held = all.get(key)
  if (held === undefined) throw new Error(`${key} has not been read`)
  return held
}

function filesOf(tls: TlsConfig): readonly CertificateFiles[] {
  return [tls, ...(tls.alternatives ?? [])]
}

function pathsOf({ certificate, key, passphraseFile }: CertificateFiles): string {
  return JSON.stringify([certificate, key, passphraseFile])
}

/** The names that a certificate is for. */
function namesIn({ leaf: { subjectAltName = '' } }: ServerCertificate): readonly string[] {
  return Array.from(subjectAltName.matchAll(/DNS:([^\s,"]+)/g), ([, name = '']) => name.toLowerCase())
}
