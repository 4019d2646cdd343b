import type { Clock } from '../../platform/clock.ts'
import { ChangeMonitor, type MonitoredFolders } from './change-monitor.ts'
import type { ChangeQueue } from './change-queue.ts'

/** What an application does about changes of its files. */
export interface ChangeActions {
  configChanged(what: string): Promise<void>
  offlineChanged(): Promise<void>
  restarted(file: string): Promise<void>
}

/** Opens a ChangeMonitor that puts an action into the queue for each change. */
export function watchInQueue(
  folders: MonitoredFolders,
  clock: Clock,
  changes: ChangeQueue,
  { configChanged, offlineChanged, restarted }: ChangeActions,
): Promise<ChangeMonitor> {
  const listener = {
    onConfigChange: (what: string) => {
      changes.add(() => configChanged(what))
    },
    onOfflineChange: () => {
      changes.add(offlineChanged)
    },
    onRestart: (file: string) => {
      changes.add(() => restarted(file))
    },
  }
  return ChangeMonitor.open(folders, listener, clock)
}
