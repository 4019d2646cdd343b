import type { Clock } from '../../platform/clock.ts'
import { FolderWatch, folderItself } from '../../platform/file-watch.ts'

/** How long a web.config has to stay unchanged before it is read: editors write a file in pieces or by renaming. */
const configQuietMs = 100

const webConfig = 'web.config'
const appOffline = 'app_offline.htm'
/** A deployment touches this file to recycle the application: a convention of Phusion Passenger, not of ANCM. */
const restartName = 'tmp/restart.txt'

export interface MonitoredFolders {
  /** The application's own folder. */
  readonly own: string
  /** Folders of the applications above it, whose web.config it inherits. */
  readonly parents: readonly string[]
}

export interface ChangeListener {
  /**
   * A web.config (the application's or a parent's) was written, touched, replaced, added or removed, or the
   * application's folder was replaced by another one. `what` says which, with file names as they are spelled on disk.
   */
  onConfigChange(what: string): void
  /** app_offline.htm appeared, changed or was removed: see `offlineFile`. */
  onOfflineChange(): void
  /** tmp/restart.txt appeared or was touched. */
  onRestart(file: string): void
}

/**
 * Watches the files whose changes concern an application, and calls its listener. Life: from open() to close(), owned
 * by the Application; the listener is not called after close(). Contents are not compared, so touching web.config is a
 * change, as in IIS. A change of app_offline.htm is reported at once.
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
      await FolderWatch.open(own, [webConfig, appOffline, restartName], (seen, changed) => {
        if (changed.has(appOffline)) listener.onOfflineChange()
        if (changed.has(folderItself)) {
          // Another folder is another deployment, even if its web.config is the same.
          monitor.#configChanged(`${own} is another folder now`)
          return
        }
        if (changed.has(webConfig))
          monitor.#configChanged(`${seen.get(webConfig)?.path ?? `${own}/${webConfig}`} changed`)
        const restartFile = seen.get(restartName)
        if (changed.has(restartName) && restartFile !== undefined) listener.onRestart(restartFile.path)
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

  /** The path of app_offline.htm as spelled on disk; undefined when the last look at the folder did not find it. */
  get offlineFile(): string | undefined {
    return this.#watches[0]?.seen.get(appOffline)?.path
  }

  /** Looks for app_offline.htm and the other files now; `offlineFile` is then up to date, unless a look was under way. */
  async look(): Promise<void> {
    await this.#watches[0]?.look()
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
    this.#cancelQuiet = this.#clock.after(configQuietMs, () => {
      this.#cancelQuiet = undefined
      this.#listener.onConfigChange(what)
    })
  }
}
