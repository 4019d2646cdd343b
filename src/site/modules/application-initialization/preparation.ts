import type { WebConfig } from '../../../config/model.ts'
import type { OpenUpstream } from '../../../forward/forwarder.ts'
import type { Log } from '../../../log/entry.ts'
import * as processLog from '../../../log/process-events.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Prepare } from '../../../process/server-process.ts'
import { isRemoved } from '../module-list.ts'
import { applicationInitialization, initializationPagesOf } from './application-initialization.ts'
import { warmUp } from './warm-up.ts'

/** The application whose processes are prepared. */
export interface Prepared {
  readonly id: string
  readonly applicationPath: string
  readonly web: Pick<WebConfig, 'sections' | 'process'>
  readonly openUpstream: OpenUpstream
  readonly log: Log
  readonly clock: Clock
}

/**
 * Asks each new process for the initialization pages, for startupTimeLimit at most, over connections of its own.
 * Undefined: there are no such pages.
 */
export function preparation({ id, applicationPath, web, openUpstream, log, clock }: Prepared): Prepare | undefined {
  const pages = initializationPagesOf(web)
  if (pages.length === 0 || isRemoved(web, applicationInitialization.nativeName)) return undefined
  return async ({ pid, port, token }, signal) => {
    const upstream = openUpstream({ port, token })
    await warmUp({
      pages,
      applicationPath,
      upstream,
      limitMs: web.process.startupTimeLimit,
      clock,
      signal,
      onFailed: (page, reason) => {
        processLog.initializationFailed(log, { app: id, pid, page, reason })
      },
    })
    upstream.close()
  }
}
