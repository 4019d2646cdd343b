import type { Clock } from '../platform/clock.ts'
import type { Launch } from './life/launch.ts'
import type { ProcessEvents } from './life/process-events.ts'
import type { Prepare } from './server-process.ts'
import type { Channels } from './slot.ts'
import type { ChildOutput } from './system/spawn.ts'
import type { FolderView } from './system/folder-view.ts'

/** Everything that a ProcessPool takes from outside. */
export interface PoolOptions<Channel> {
  readonly launch: Launch
  readonly channels: Channels<Channel>
  /** Called once for each process, before its first start attempt. */
  readonly openOutput: () => ChildOutput
  readonly events: ProcessEvents
  readonly clock: Clock
  readonly view?: FolderView
  /**
   * Called when a process listens, before it gets requests; these wait until the promise has settled. The signal aborts
   * when the process is to end. Never rejects. Undefined: it gets requests at once.
   */
  readonly prepare?: Prepare | undefined
  /** With a fixed port: resolves when no process of this application outside of this pool can still hold the port. */
  readonly whenPortFree?: (() => Promise<unknown>) | undefined
}
