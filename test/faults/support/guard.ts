import type { Daemon } from '../../support/daemon.ts'
import { childrenOf, commandLineOf } from '../../support/processes.ts'

/** The process that watches over the apps for the case of the daemon's death. */
export function guardOf(daemon: Daemon): number | undefined {
  return childrenOf(daemon.pid).find((pid) => commandLineOf(pid).startsWith('/bin/sh -c'))
}
