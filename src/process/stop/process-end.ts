import type { Clock } from '../../platform/clock.ts'
import { findListener } from '../system/listener.ts'
import { pause } from '../../platform/pause.ts'
import { readProcess } from '../system/process-table.ts'
import type { ProcessTree } from '../system/process-tree.ts'
import type { ExitStatus } from '../system/spawn.ts'

/**
 * How often the daemon checks whether a listener that is not its own child still runs: the system reports only the end
 * of the daemon's own child.
 */
const listenerCheckIntervalMs = 50

const unknown: ExitStatus = { code: null, signal: null }

/**
 * Waits until an app has ended, and returns its exit status (nulls for a descendant, whose status only its own parent
 * gets). While the process runs, the app has ended when the child or the listener has ended and no member of the tree
 * listens on the port any more: a launcher may end while the app that it started lives. While the process drains, the
 * app has ended when both the child and the listener have, since an app that finishes its last requests no longer
 * listens. The signal ends the wait.
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
  // The exit status of a launcher that ended before the stop says nothing about the end of its app.
  let childEndedBeforeStop = false as boolean
  child.onExit(() => {
    childEndedBeforeStop = !isDraining()
  })
  while (!signal.aborted) {
    if (listener.pid === child.pid && child.exit === undefined) await exitOf(tree, signal)
    else await pause(clock, listenerCheckIntervalMs, signal)
    if (child.exit === undefined && isAlive(listener)) continue
    if (!isDraining()) {
      const isAlone = listener.pid === child.pid && !tree.mayHaveOthers
      const next = isAlone ? undefined : await findListener(port, tree)
      if (next !== undefined) {
        listener = identify(next)
        tree.guardListener(next)
      }
      if (next === undefined && !isDraining()) break
    }
    if (isDraining() && child.exit !== undefined && !isAlive(listener)) {
      return childEndedBeforeStop && listener.pid !== child.pid ? unknown : child.exit
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

/** Resolves when the child has been reaped or the signal aborts. */
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
