import type { HostConfig } from '../config/model.ts'
import type { Log } from '../log/entry.ts'
import * as events from '../log/events.ts'
import { systemClock } from '../platform/clock.ts'
import { openFileLimit } from '../platform/open-files.ts'
import { OrphanGuard } from '../process/system/orphan-guard.ts'
import { defaultEngine, type EngineName, loadEngine } from './engine.ts'
import { Host } from './host.ts'
import { limitsFor } from './limits.ts'
import type { AppOutput } from './parts.ts'

export interface CreateHostOptions {
  readonly log: Log
  /** What children inherit, and what `%NAME%` in a web.config reads. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The number in stdout log names; ANCM takes the front's. */
  readonly pid: number
  /** Where the applications' stdout and stderr go besides their log files; nowhere if absent. */
  readonly appOutput?: AppOutput
  /** A web.config that is broken while its application runs: keep it running on the old one, instead of answering 500.19. */
  readonly keepsOnBrokenConfig?: boolean
  /** Default: wire. */
  readonly engine?: EngineName
}

/** A Host on this system's clock and sockets, with the engine's code loaded. */
export async function createHost(
  config: HostConfig,
  { log, environment, pid, appOutput, keepsOnBrokenConfig = false, engine = defaultEngine }: CreateHostOptions,
): Promise<Host> {
  const { openProtocol, openUpstream } = await loadEngine(engine, systemClock)
  return new Host(config, {
    log,
    clock: systemClock,
    environment,
    pid,
    guard: new OrphanGuard((reason) => {
      events.guardFailed(log, { reason })
    }),
    engine,
    openProtocol,
    openUpstream,
    keepsOnBrokenConfig,
    limits: limitsFor(openFileLimit()),
    appOutput,
  })
}
