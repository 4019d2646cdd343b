import type { Daemon } from '../../support/daemon.ts'
import { eventually } from '../../support/eventually.ts'
import { childrenOf, commandLineOf } from '../../support/processes.ts'

/** The process that watches over the apps for the case of the daemon's death. */
export function guardOf(daemon: Daemon): number | undefined {
  return childrenOf(daemon.pid).find((pid) => commandLineOf(pid).startsWith('/bin/sh -c'))
}

/** The same once it is there: at the moment in which a process begins it has no command line yet. */
export function presentGuard(daemon: Daemon): Promise<number> {
  return eventually('there is a guard', () => guardOf(daemon))
}
