import type { OpenUpstream } from '../forward/forwarder.ts'
import type { FrontLimits } from '../listen/limits.ts'
import type { OpenProtocol } from '../listen/protocol.ts'
import type { Log } from '../log/entry.ts'
import type { Clock } from '../platform/clock.ts'
import type { OrphanGuard } from '../process/system/orphan-guard.ts'
import type { Module } from '../site/modules/module.ts'

/** The daemon's own stdout and stderr, for what applications print. */
export interface AppOutput {
  readonly stdout: { write(chunk: Uint8Array): void }
  readonly stderr: { write(chunk: Uint8Array): void }
}

export interface HostParts {
  readonly log: Log
  readonly clock: Clock
  /** The daemon's own environment: what children inherit, and what `%NAME%` reads. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly pid: number
  /** Ends every app when the daemon is killed. Owned by the Host. */
  readonly guard: OrphanGuard | undefined
  readonly engine: string
  /** A web.config that is broken while the application runs: keep the application on the old one, instead of 500.19. */
  readonly keepsOnBrokenConfig: boolean
  readonly openProtocol: OpenProtocol
  readonly openUpstream: OpenUpstream
  readonly limits?: FrontLimits
  /** Default: every module there is. */
  readonly modules?: readonly Module[]
  /** Where a child's output goes besides its log file. */
  readonly appOutput: AppOutput | undefined
}
