import { join } from 'node:path'
import type { LogFileConfig } from '../../../config/host-settings.ts'
import type { SiteConfig } from '../../../config/model.ts'
import { sameSettings } from '../../../config/same-settings.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { withRecord } from '../../../http/request-record.ts'
import type { Clock } from '../../../platform/clock.ts'
import { type AccessEntry, entryOf, entryOfUnread, type UnreadRequest } from './access-entry.ts'
import { accessFormats, type AccessFormat, type AccessFormatName } from './formats.ts'
import { oneFile, SiteFolder } from './log-place.ts'
import { LogWriter, type LogWriterOptions } from './log-writer.ts'

/** The access log of every site, as the command line asks for it. */
export interface AccessLogOption {
  readonly format: AccessFormatName
  /** A file, absolute, or the daemon's stdout, which takes whole lines. */
  readonly target: string | { writeLine(text: string): void }
}

export interface AccessLogsParts extends Pick<LogWriterOptions, 'clock' | 'onFailed' | 'onDropped'> {
  /** Undefined: only sites whose `<logFile>` is enabled have an access log. */
  readonly option: AccessLogOption | undefined
  /** Where sites have their logs whose `<logFile>` names no directory. */
  readonly defaultDirectory: string
}

/** One log that takes entries. */
interface Target {
  readonly format: AccessFormat
  write(line: string, time: number): void
  readonly writer?: LogWriter
  /** Writes at once what it still holds. */
  flush?(): void
}

interface SiteLog extends Target {
  readonly config: LogFileConfig
  readonly writer: LogWriter
}

/**
 * The access logs of all sites. Life: that of the ProxyHost, which owns it; ends by close(). Files are opened at their
 * first line, but looked at before. Invariant: each request is written once into each log that is for it, when it is over.
 */
export class AccessLogs {
  readonly #parts: AccessLogsParts
  readonly #common: Target | undefined
  #bySite: ReadonlyMap<number, SiteLog> = new Map()
  #sites: readonly SiteConfig[] = []
  readonly #closing = new Set<Promise<void>>()

  constructor(parts: AccessLogsParts) {
    this.#parts = parts
    this.#common = parts.option === undefined ? undefined : this.#openCommon(parts.option)
  }

  /** Whether requests are logged at all. */
  get isOn(): boolean {
    return this.#common !== undefined || this.#bySite.size > 0
  }

  /** Puts `<logFile>` of these sites into force; a log whose settings are the same stays open. */
  use(sites: readonly SiteConfig[]): void {
    const before = this.#bySite
    const after = new Map<number, SiteLog>()
    for (const { id, logFile } of sites) {
      if (logFile === undefined) continue
      const known = before.get(id)
      after.set(id, known !== undefined && sameSettings(known.config, logFile) ? known : this.#openSite(id, logFile))
    }
    this.#sites = sites
    this.#bySite = after
    for (const [id, { writer }] of before) if (after.get(id)?.writer !== writer) this.#leave(writer)
  }

  /** What handles exchanges, with the notes that these logs need while they are on. */
  noting(handle: (exchange: Exchange) => void): (exchange: Exchange) => void {
    return this.isOn ? withRecord(handle) : handle
  }

  /** Writes an exchange that is over. `site`: undefined if it was for no site; then the first site of its port has it. */
  write(exchange: Exchange, site: number | undefined, app: string | undefined): void {
    const { record } = exchange.reply
    // It came before there was a log.
    if (record === undefined) return
    const { clock } = this.#parts
    const { localPort, listenerPort = localPort } = exchange.connection
    this.#write(entryOf(exchange, record, site, app, clock.now(), clock.wallTime().getTime()), listenerPort)
  }

  /** Writes a request that was refused before it could be read. */
  writeUnread(request: UnreadRequest): void {
    this.#write(entryOfUnread(request, undefined, this.#parts.clock.wallTime().getTime()), request.localPort)
  }

  /** Opens every file anew: the old ones were renamed. */
  reopen(): void {
    for (const { writer } of this.#targets) writer?.reopen()
  }

  /** Resolves when every line is written, at the latest after two seconds. */
  async close(): Promise<void> {
    this.#common?.flush?.()
    await Promise.all([...this.#targets.map(({ writer }) => writer?.close()), ...this.#closing])
  }

  #write(entry: AccessEntry, port: number): void {
    this.#common?.write(this.#common.format.line(entry), entry.time)
    if (this.#bySite.size === 0) return
    const site = entry.site ?? this.#siteOfPort(port)
    const target = site === undefined ? undefined : this.#bySite.get(site)
    target?.write(target.format.line(entry), entry.time)
  }

  get #targets(): readonly Target[] {
    return [...(this.#common === undefined ? [] : [this.#common]), ...this.#bySite.values()]
  }

  #siteOfPort(port: number): number | undefined {
    const isOf = ({ id, bindings }: SiteConfig): boolean =>
      this.#bySite.has(id) && bindings.some((binding) => binding.port === port || binding.port === 0)
    return this.#sites.find(isOf)?.id
  }

  #openCommon({ format: name, target }: AccessLogOption): Target {
    const format = accessFormats[name]
    if (typeof target === 'string') return targetOf(format, this.#writer(format, oneFile(target)))
    return new StreamTarget(format, target, this.#parts.clock)
  }

  #openSite(id: number, config: LogFileConfig): SiteLog {
    const format = accessFormats[config.logFormat]
    const directory = config.directory ?? join(this.#parts.defaultDirectory, 'logs')
    return { ...targetOf(format, this.#writer(format, new SiteFolder(directory, id, config))), config }
  }

  #writer(format: AccessFormat, place: LogWriterOptions['place']): LogWriter {
    const { clock, onFailed, onDropped } = this.#parts
    const writer = new LogWriter({ place, clock, onFailed, onDropped, head: (time) => format.head(time) })
    void writer.examine()
    return writer
  }

  #leave(writer: LogWriter): void {
    const closed = writer.close().finally(() => this.#closing.delete(closed))
    this.#closing.add(closed)
  }
}

function targetOf(format: AccessFormat, writer: LogWriter): Target & { readonly writer: LogWriter } {
  const write = (line: string, time: number): void => {
    writer.write(line, time)
  }
  return { format, writer, write }
}

/** The lines of one turn of the event loop go to the stream together; it counts what it has no room for. */
class StreamTarget implements Target {
  readonly format: AccessFormat
  readonly #stream: { writeLine(text: string): void }
  readonly #clock: Clock
  #text = ''
  #hasBegun = false
  #cancel: (() => void) | undefined

  constructor(format: AccessFormat, stream: { writeLine(text: string): void }, clock: Clock) {
    this.format = format
    this.#stream = stream
    this.#clock = clock
  }

  write(line: string, time: number): void {
    if (!this.#hasBegun) this.#text = this.format.head(time)
    this.#hasBegun = true
    this.#text += line
    this.#cancel ??= this.#clock.after(0, this.flush)
  }

  readonly flush = (): void => {
    this.#cancel?.()
    this.#cancel = undefined
    if (this.#text === '') return
    const text = this.#text
    this.#text = ''
    this.#stream.writeLine(text)
  }
}
