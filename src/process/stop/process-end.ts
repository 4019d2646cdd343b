import type { Clock } from '../../platform/clock.ts'
import { findListener } from '../system/listener.ts'
import { pause } from '../../platform/pause.ts'
import { readProcess } from '../system/process-table.ts'
import type { ProcessTree } from '../system/process-tree.ts'
import type { ExitStatus } from '../system/spawn.ts'

/** Milliseconds between looks at a listener that is not our own child: nobody tells us of its end. */
const interval = 50

const unknown: ExitStatus = { code: null, signal: null }

/**
 * Waits until a running child is of no more use, and says how it ended (nulls when that was a descendant, whose end only
 * its own parent is told). Running: when the child or the listener ends and nobody of the tree listens on the port any
 * more; a launcher may go while the app that it started lives, which ANCM notices only once. Draining: when both are gone,
 * as an app that finishes its last requests listens no more. The signal ends the wait.
 */
export async function awaitEnd(
  tree: ProcessTree,
  port: number,
  listeningPid: number,
  isDraining: () => boolean,
  clock: Clock,
  signal: AbortSignal,
): Promise<ExitStatus> {
  const { child } = tree
  let listener = identify(listeningPid)
  // How a launcher went whose app was served on says nothing about the end of that app.
  let leftEarly = false as boolean
  child.onExit(() => {
    leftEarly = !isDraining()
  })
  while (!signal.aborted) {
    if (listener.pid === child.pid && child.exit === undefined) await exitOf(tree, signal)
    else await pause(clock, interval, signal)
    if (child.exit === undefined && isAlive(listener)) continue
    if (!isDraining()) {
      const isAlone = listener.pid === child.pid && !tree.mayHaveOthers
      const next = isAlone ? undefined : await findListener(port, tree)
      if (next !== undefined) {
        listener = identify(next)
        tree.follow(next)
      }
      if (next === undefined && !isDraining()) break
    }
    if (isDraining() && child.exit !== undefined && !isAlive(listener)) {
      return leftEarly && listener.pid !== child.pid ? unknown : child.exit
    }
  }
  return listener.pid === child.pid && child.exit !== undefined ? child.exit : unknown
}

interface Identity {
  readonly pid: number
  readonly startTime: number | undefined
}

function identify(pid: number): Identity {
  return { pid, startTime: readProcess(pid)?.startTime }
}

function isAlive({ pid, startTime }: Identity): boolean {
  const row = readProcess(pid)
  return row !== undefined && row.startTime === startTime && row.state !== 'Z'
}

/** The child has been reaped, or the signal ended the wait. */
function exitOf(tree: ProcessTree, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      signal.removeEventListener('abort', end)
      resolve()
    }
    signal.addEventListener('abort', end)
    tree.child.onExit(end)
  })
}
