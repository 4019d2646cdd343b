import type { Clock } from '../platform/clock.ts'
import { FolderWatch, folderItself } from '../platform/file-watch.ts'

/** Milliseconds of quiet before a changed web.config is read: editors write in pieces and by rename. */
const configQuiet = 100

const webConfig = 'web.config'
const appOffline = 'app_offline.htm'
/** Touched by a deployment to have the application recycled; Phusion Passenger's custom, not ANCM's. */
const restart = 'tmp/restart.txt'

export interface MonitoredFolders {
  /** The application's own folder. */
  readonly own: string
  /** Folders of the applications above it, whose web.config it inherits. */
  readonly parents: readonly string[]
}

export interface ChangeListener {
  /**
   * A web.config (own or a parent's) was written, touched, replaced, added or removed, or the application's folder is another
   * one now. `what` says it, files as spelled on disk.
   */
  onConfigChange(what: string): void
  /** app_offline.htm appeared, changed or went: see `offlineFile`. */
  onOfflineChange(): void
  /** tmp/restart.txt appeared or was touched. */
  onRestart(file: string): void
}

/**
 * Files → what an application should know. Life: from open() to close(), owned by its Application; after close() the listener
 * hears nothing more. Touching web.config is enough: contents are not compared, as in IIS. app_offline.htm is told at once.
 */
export class ChangeMonitor {
  readonly #watches: FolderWatch[] = []
  readonly #clock: Clock
  readonly #listener: ChangeListener
  #cancelQuiet: (() => void) | undefined
  #closed = false

  static async open(folders: MonitoredFolders, listener: ChangeListener, clock: Clock): Promise<ChangeMonitor> {
    const monitor = new ChangeMonitor(listener, clock)
    const { own, parents } = folders
    monitor.#watches.push(
      await FolderWatch.open(own, [webConfig, appOffline, restart], (seen, changed) => {
        if (changed.has(appOffline)) listener.onOfflineChange()
        if (changed.has(folderItself)) {
          // Whatever is in it: all of it is another deployment.
          monitor.#configChanged(`${own} is another folder now`)
          return
        }
        if (changed.has(webConfig))
          monitor.#configChanged(`${seen.get(webConfig)?.path ?? `${own}/${webConfig}`} changed`)
        const restartFile = seen.get(restart)
        if (changed.has(restart) && restartFile !== undefined) listener.onRestart(restartFile.path)
      }),
    )
    for (const folder of parents) {
      monitor.#watches.push(
        await FolderWatch.open(folder, [webConfig], (seen, changed) => {
          if (changed.has(webConfig))
            monitor.#configChanged(`${seen.get(webConfig)?.path ?? `${folder}/${webConfig}`} changed`)
        }),
      )
    }
    return monitor
  }

  private constructor(listener: ChangeListener, clock: Clock) {
    this.#listener = listener
    this.#clock = clock
  }

  /** app_offline.htm as it is spelled on disk, when it was there at the last look. */
  get offlineFile(): string | undefined {
    return this.#watches[0]?.seen.get(appOffline)?.path
  }

  close(): void {
    this.#closed = true
    this.#cancelQuiet?.()
    this.#cancelQuiet = undefined
    for (const watch of this.#watches) watch.close()
  }

  #configChanged(what: string): void {
    if (this.#closed) return
    this.#cancelQuiet?.()
    this.#cancelQuiet = this.#clock.after(configQuiet, () => {
      this.#cancelQuiet = undefined
      this.#listener.onConfigChange(what)
    })
  }
}
