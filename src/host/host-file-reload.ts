import { basename, dirname } from 'node:path'
import type { LoadedHostFile } from '../config/host-file/load.ts'
import { type Problem, problemAt, problemLine, wholeFile } from '../config/problems.ts'
import type { ListenFailure } from '../listen/listen.ts'
import type { Log } from '../log/entry.ts'
import * as events from '../log/events.ts'
import { reportBug } from '../log/report-bug.ts'
import type { Clock } from '../platform/clock.ts'
import { FolderWatch } from '../platform/file-watch.ts'
import type { Host, HostStartFailure } from './host.ts'

/** How long the files have to stay unchanged before they are read: editors write a file in pieces or by renaming. */
const quietMs = 100

/** Everything that a HostFileReload takes from outside. */
export interface HostFileReloadParts {
  readonly host: Pick<Host, 'reload'>
  /** Reads the host file as it is now. */
  readonly load: () => Promise<LoadedHostFile>
  readonly log: Log
  readonly clock: Clock
  /** Called when a reload begins, and when the last one that was asked for is over. */
  readonly onBusy?: (isBusy: boolean) => void
}

/**
 * Reads a host file again when it, or a file that it includes, has changed, or when request() is called, and reloads the
 * host. A file that cannot be used changes nothing. Life: from open() to close(); owned by who runs the host. Reloads
 * are carried out one after the other; several changes during one reload lead to one more.
 */
export class HostFileReload {
  readonly #parts: HostFileReloadParts
  #watches: readonly FolderWatch[] = []
  #watched = ''
  #cancelQuiet: (() => void) | undefined
  #isBusy = false
  #next: string | undefined
  #notices: ReadonlySet<string>
  #closed = false

  /** @param loaded what came of reading the file that is in force */
  static async open(parts: HostFileReloadParts, loaded: LoadedHostFile): Promise<HostFileReload> {
    const reload = new HostFileReload(parts, loaded.notices)
    await reload.#watch(loaded.files)
    return reload
  }

  private constructor(parts: HostFileReloadParts, notices: readonly Problem[]) {
    this.#parts = parts
    this.#notices = new Set(notices.map(problemLine))
  }

  /** Reads the file and reloads the host now; `reason` is logged. */
  request(reason: string): void {
    if (this.#closed) return
    this.#next = reason
    if (!this.#isBusy) void this.#work()
  }

  close(): void {
    this.#closed = true
    this.#next = undefined
    this.#cancelQuiet?.()
    for (const watch of this.#watches) watch.close()
  }

  async #work(): Promise<void> {
    this.#isBusy = true
    this.#parts.onBusy?.(true)
    try {
      for (let reason = this.#take(); reason !== undefined; reason = this.#take()) await this.#reload(reason)
    } catch (error) {
      reportBug(this.#parts.log, 'reload', error)
    } finally {
      this.#isBusy = false
      this.#parts.onBusy?.(false)
    }
  }

  #take(): string | undefined {
    const reason = this.#next
    this.#next = undefined
    return reason
  }

  async #reload(reason: string): Promise<void> {
    const { host, load, log } = this.#parts
    const loaded = await load()
    await this.#watch(loaded.files)
    if (this.#closed) return
    const file = loaded.files[0] ?? ''
    if (!loaded.config.ok) {
      this.#reject(loaded.config.failure, reason)
      return
    }
    const reloaded = await host.reload(loaded.config.value, reason)
    if (reloaded.ok) {
      for (const notice of loaded.notices) {
        if (!this.#notices.has(problemLine(notice))) events.configNotice(log, notice)
      }
      this.#notices = new Set(loaded.notices.map(problemLine))
      events.configReloaded(log, { file, reason, ...reloaded.value })
    } else if (reloaded.failure.why === 'binding') this.#reject(problemsOf(reloaded.failure, file), reason)
  }

  #reject(problems: readonly Problem[], reason: string): void {
    const errors = problems.filter(({ level }) => level === 'error')
    const first = errors[0] ?? problems[0]
    if (first === undefined) return
    const { file, line, column, text } = first
    const lines = errors.map(problemLine)
    events.hostConfigRejected(this.#parts.log, { file, line, column, text, reason, problems: lines })
  }

  /** Watches these files; a folder that is watched already keeps its watch if all files are the same. */
  async #watch(files: readonly string[]): Promise<void> {
    const wanted = files.join('\n')
    if (wanted === this.#watched || files.length === 0) return
    const before = this.#watches
    const byFolder = new Map<string, string[]>()
    for (const file of files) byFolder.set(dirname(file), [...(byFolder.get(dirname(file)) ?? []), basename(file)])
    const watches: FolderWatch[] = []
    for (const [folder, names] of byFolder) {
      const lowerCase = names.map((name) => name.toLowerCase())
      watches.push(
        await FolderWatch.open(folder, lowerCase, () => {
          this.#changed(files[0] ?? folder)
        }),
      )
    }
    this.#watches = watches
    this.#watched = wanted
    for (const watch of this.#closed ? watches : before) watch.close()
  }

  #changed(file: string): void {
    if (this.#closed) return
    this.#cancelQuiet?.()
    this.#cancelQuiet = this.#parts.clock.after(quietMs, () => {
      this.#cancelQuiet = undefined
      this.request(`${file} changed`)
    })
  }
}

/** A binding that cannot be opened, as a problem in the host file. */
function problemsOf({ binding, opening }: HostStartFailure, file: string): readonly Problem[] {
  if (opening.problems !== undefined && opening.problems.length > 0) return opening.problems
  const place = `port ${String(binding.port)}${binding.address === undefined ? '' : ` on ${binding.address}`}`
  const { text, cure } = listenTexts[opening.code]
  const cause = opening.code === 'failed' ? ` (${opening.cause.message})` : ''
  return [problemAt('error', binding.at ?? wholeFile(file), `${place} ${text}${cause}.`, cure)]
}

const listenTexts: Readonly<Record<ListenFailure['code'], { readonly text: string; readonly cure: string }>> = {
  'port-taken': {
    text: 'is taken by another program or binding',
    cure: 'Stop that program, or choose another port or host name.',
  },
  'no-permission': {
    text: 'may not be opened by this user',
    cure: 'Use a port from 1024 on, or give node the right to low ports (CAP_NET_BIND_SERVICE).',
  },
  'bad-address': { text: 'cannot be opened, because this machine has no such address', cure: 'Write one that it has.' },
  'bad-certificate': { text: 'has a certificate that cannot be used', cure: 'Correct the files of this binding.' },
  failed: { text: 'cannot be opened', cure: 'See the reason in brackets.' },
}
