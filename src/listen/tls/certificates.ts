import type { CertificateFiles, TlsConfig } from '../../config/model.ts'
import type { Problem } from '../../config/problems.ts'
import type { Clock } from '../../platform/clock.ts'
import { FilePoll } from '../../platform/file-poll.ts'
import type { Result } from '../../platform/result.ts'
import { readAuthorities, readCertificate, type ServerCertificate, validityWarnings } from './read-certificate.ts'
import type { Held } from './tls-host.ts'

/** What an operator is told about certificates. */
export interface CertificateReports {
  /** A file was renewed and what it holds is in force. `validTo`: undefined for the authorities of clients. */
  readonly onRenewed: (file: string, validTo: Date | undefined) => void
  /** A renewed file cannot be used; the one before stays in force. */
  readonly onRejected: (problem: Problem) => void
  /** The certificate works, but not as its owner may expect. */
  readonly onWarning: (problem: Problem) => void
  /** Called for each certificate that is in force and again every day. `days` is negative when it has expired. */
  readonly onExpiry: (file: string, validTo: Date, days: number) => void
}

/** How many files are read at the same time. */
const readers = 16
/** A certificate is written before its key or after it, so both are read when nothing has changed for this long. */
const settleMs = 1500
/** How often a renewed pair that does not fit together is read again before it is reported. */
const furtherReads = 2
const dayMs = 86_400_000
/** Certificates that end within this time are reported. */
const warnDays = 30

/** One thing that is read from files, and is read again when they change. */
interface Entry {
  readonly files: readonly string[]
  /** Reads the files; on success `commit` puts what was read into force, and tells whether it is something else. */
  readonly read: () => Promise<Result<Reading, Problem>>
  /** Cancels the wait for the files to settle. */
  cancel: (() => void) | undefined
}

interface Reading {
  readonly warnings: readonly Problem[]
  /** A warning if the certificate has expired. */
  readonly expired: readonly Problem[]
  readonly validTo: Date | undefined
  readonly commit: () => boolean
}

/**
 * The certificates and authorities that are in force, each read once and again whenever its files change. Life: from
 * the first load() until close(); owned by the TlsStore.
 */
export class Certificates {
  readonly #clock: Clock
  readonly #reports: CertificateReports
  readonly #poll: FilePoll
  readonly #entries = new Map<string, Entry>()
  readonly #certificates = new Map<string, { current: ServerCertificate }>()
  readonly #authorities = new Map<string, { current: readonly string[] }>()
  #cancelDaily: (() => void) | undefined

  constructor(clock: Clock, reports: CertificateReports) {
    this.#clock = clock
    this.#reports = reports
    this.#poll = new FilePoll(clock, (file) => {
      this.#changed(file)
    })
  }

  /**
   * Reads what these settings name and is not held yet. Returns every problem; with an error among them nothing of it
   * is held.
   */
  async load(settings: readonly TlsConfig[]): Promise<readonly Problem[]> {
    const missing = [...this.#entriesFor(settings)].filter(([key]) => !this.#entries.has(key))
    // Watched before they are read, so that no change is missed.
    await this.#watch(missing.map(([, entry]) => entry))
    const problems: Problem[] = []
    const readings: Reading[] = []
    const work = missing.values()
    const readOn = async (): Promise<void> => {
      for (const [, entry] of work) {
        const read = await entry.read()
        if (read.ok) readings.push(read.value)
        problems.push(...(read.ok ? [...read.value.warnings, ...read.value.expired] : [read.failure]))
      }
    }
    await Promise.all(Array.from({ length: readers }, readOn))
    if (problems.some(({ level }) => level === 'error')) await this.#watch([])
    else this.#hold(missing, readings)
    return problems
  }

  /** Gives up everything that these settings do not name. */
  async retain(settings: readonly TlsConfig[]): Promise<void> {
    const wanted = this.#entriesFor(settings)
    for (const [key, { cancel }] of this.#entries) {
      if (wanted.has(key)) continue
      cancel?.()
      this.#entries.delete(key)
      this.#certificates.delete(key)
      this.#authorities.delete(key)
    }
    await this.#watch([])
  }

  /** load() has read it. */
  certificate(files: CertificateFiles): Held<ServerCertificate> {
    return heldFor(this.#certificates, pathsOf(files))
  }

  /** load() has read them. PEM texts. */
  authorities(file: string): Held<readonly string[]> {
    return heldFor(this.#authorities, file)
  }

  close(): void {
    this.#poll.close()
    this.#cancelDaily?.()
    for (const { cancel } of this.#entries.values()) cancel?.()
    this.#entries.clear()
  }

  #hold(missing: readonly (readonly [string, Entry])[], readings: readonly Reading[]): void {
    for (const { commit, warnings } of readings) {
      commit()
      for (const warning of warnings) this.#reports.onWarning(warning)
    }
    for (const [key, entry] of missing) {
      this.#entries.set(key, entry)
      const certificate = this.#certificates.get(key)
      if (certificate !== undefined) this.#judge(certificate.current)
    }
    if (this.#certificates.size > 0) this.#cancelDaily ??= this.#daily()
  }

  #entriesFor(settings: readonly TlsConfig[]): ReadonlyMap<string, Entry> {
    const entries = new Map<string, Entry>()
    for (const tls of settings) {
      for (const files of filesOf(tls)) {
        const key = pathsOf(files)
        const paths = [files.certificate, files.key, files.passphraseFile].filter((path) => path !== undefined)
        entries.set(key, { files: paths, read: () => this.#readCertificate(key, files), cancel: undefined })
      }
      const { clientCa } = tls
      if (clientCa === undefined) continue
      entries.set(clientCa, { files: [clientCa], read: () => this.#readAuthorities(clientCa), cancel: undefined })
    }
    return entries
  }

  async #readCertificate(key: string, files: CertificateFiles): Promise<Result<Reading, Problem>> {
    const read = await readCertificate(files)
    if (!read.ok) return read
    const { certificate } = read.value
    const now = this.#clock.wallTime()
    const validTo = new Date(certificate.leaf.validTo)
    const dates = validityWarnings(certificate, now)
    // An event of its own tells that a certificate has expired.
    const warnings = [...read.value.warnings, ...(validTo < now ? [] : dates)]
    const expired = validTo < now ? dates : []
    const commit = (): boolean => {
      const held = this.#certificates.get(key)
      if (held === undefined) this.#certificates.set(key, { current: certificate })
      else if (held.current.id === certificate.id) return false
      else held.current = certificate
      return true
    }
    return { ok: true, value: { warnings, expired, validTo, commit } }
  }

  async #readAuthorities(file: string): Promise<Result<Reading, Problem>> {
    const read = await readAuthorities(file)
    if (!read.ok) return read
    const commit = (): boolean => {
      const held = this.#authorities.get(file)
      if (held === undefined) this.#authorities.set(file, { current: read.value })
      else if (held.current.join() === read.value.join()) return false
      else held.current = read.value
      return true
    }
    return { ok: true, value: { warnings: [], expired: [], validTo: undefined, commit } }
  }

  #changed(file: string): void {
    for (const entry of this.#entries.values()) if (entry.files.includes(file)) this.#settle(entry, furtherReads)
  }

  #settle(entry: Entry, readsLeft: number): void {
    entry.cancel?.()
    entry.cancel = this.#clock.after(settleMs, () => void this.#renew(entry, readsLeft))
  }

  async #renew(entry: Entry, readsLeft: number): Promise<void> {
    const { cancel } = entry
    const read = await entry.read()
    // It may have changed once more, or have been given up, while it was read.
    if (entry.cancel !== cancel || ![...this.#entries.values()].includes(entry)) return
    entry.cancel = undefined
    if (!read.ok) {
      if (readsLeft > 0) this.#settle(entry, readsLeft - 1)
      else this.#reports.onRejected(read.failure)
      return
    }
    const { commit, warnings, validTo } = read.value
    if (!commit()) return
    this.#reports.onRenewed(entry.files[0] ?? '', validTo)
    for (const warning of warnings) this.#reports.onWarning(warning)
  }

  #watch(more: readonly Entry[]): Promise<void> {
    const entries = [...this.#entries.values(), ...more]
    return this.#poll.watch(new Set(entries.flatMap(({ files }) => files)))
  }

  #daily(): () => void {
    return this.#clock.after(dayMs, () => {
      for (const { current } of this.#certificates.values()) this.#judge(current)
      this.#cancelDaily = this.#daily()
    })
  }

  #judge({ file, leaf }: ServerCertificate): void {
    const validTo = new Date(leaf.validTo)
    const days = Math.floor((validTo.getTime() - this.#clock.wallTime().getTime()) / dayMs)
    if (days < warnDays) this.#reports.onExpiry(file, validTo, days)
  }
}

/** Every certificate that the settings name. */
export function filesOf(tls: TlsConfig): readonly CertificateFiles[] {
  return [tls, ...(tls.alternatives ?? [])]
}

/** Names a certificate by the files that it is read from. */
export function pathsOf({ certificate, key, passphraseFile }: CertificateFiles): string {
  return JSON.stringify([certificate, key, passphraseFile])
}

function heldFor<T>(all: ReadonlyMap<string, Held<T>>, key: string): Held<T> {
  const held = all.get(key)
  if (held === undefined) throw new Error(`${key} has not been read`)
  return held
}
