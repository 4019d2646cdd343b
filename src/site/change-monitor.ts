import type { Clock } from '../platform/clock.ts'
import { FolderWatch } from '../platform/file-watch.ts'

/** Milliseconds of quiet before a changed web.config is read: editors write in pieces and by rename. */
const configQuiet = 100

export interface MonitoredFolders {
  /** The application's own folder. */
  readonly own: string
  /** Folders of the applications above it, whose web.config it inherits. */
  readonly parents: readonly string[]
}

export interface ChangeListener {
  /** A web.config (own or a parent's) was written, touched, replaced, added or removed; `file` as spelled on disk. */
  onConfigChange(file: string): void
}

/**
 * Files → what an application should know. Life: from open() to close(), owned by its Application; after close() the
 * listener hears nothing more. Touching web.config is enough: contents are not compared, as in IIS.
 */
export class ChangeMonitor {
  readonly #watches: FolderWatch[] = []
  readonly #clock: Clock
  readonly #listener: ChangeListener
  #cancelQuiet: (() => void) | undefined

  static async open(folders: MonitoredFolders, listener: ChangeListener, clock: Clock): Promise<ChangeMonitor> {
    const monitor = new ChangeMonitor(listener, clock)
    for (const folder of [folders.own, ...folders.parents]) {
      monitor.#watches.push(
        await FolderWatch.open(folder, ['web.config'], (seen) => {
          monitor.#configChanged(seen.get('web.config')?.path ?? `${folder}/web.config`)
        }),
      )
    }
    return monitor
  }

  private constructor(listener: ChangeListener, clock: Clock) {
    this.#listener = listener
    this.#clock = clock
  }

  close(): void {
    this.#cancelQuiet?.()
    this.#cancelQuiet = undefined
    for (const watch of this.#watches) watch.close()
    this.#watches.length = 0
  }

  #configChanged(file: string): void {
    this.#cancelQuiet?.()
    this.#cancelQuiet = this.#clock.after(configQuiet, () => {
      this.#cancelQuiet = undefined
      this.#listener.onConfigChange(file)
    })
  }
}
