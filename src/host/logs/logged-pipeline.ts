import { answerFailure } from '../../http/answer.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { Log } from '../../log/entry.ts'
import { reportBug } from '../../log/report-bug.ts'
import type { Clock } from '../../platform/clock.ts'
import type { AccessLogs } from '../../site/modules/access-log/access-logs.ts'
import { createDebugAccessLog } from '../../site/modules/access-log/access-log.ts'
import { createPipeline, type RequestHandler } from '../../site/pipeline.ts'
import type { Unrouted } from '../../site/routing/site-table.ts'
import type { RefusalLog } from '../../site/refusal-log.ts'
import { refusedExchange } from './refusals.ts'

export interface LoggedPipelineParts {
  /** Asked for each exchange. */
  readonly sites: () => {
    find(exchange: Exchange): { readonly handler: RequestHandler } | Unrouted
    siteOf(exchange: Exchange): number | undefined
  }
  readonly refusals: RefusalLog
  readonly accessLogs: AccessLogs
  readonly log: Log
  readonly clock: Clock
}

/** The pipeline, which logs every exchange that reaches no application, and why. */
export function createLoggedPipeline(parts: LoggedPipelineParts): (exchange: Exchange) => void {
  const { sites, refusals, accessLogs, log, clock } = parts
  const debugLog = createDebugAccessLog(log, clock)
  const pipeline = createPipeline({
    find: (exchange) => {
      const found = sites().find(exchange)
      return typeof found === 'string' ? found : found.handler
    },
    unrouted: (exchange, kind) => {
      refusals.write(log, refusedExchange(exchange, { kind }, undefined, undefined))
      return answerFailure({ kind }, { accept: exchange.headers.get('accept') })
    },
    refused: (exchange, failure) => {
      refusals.write(log, refusedExchange(exchange, failure, undefined, undefined))
      return answerFailure(failure, { accept: exchange.headers.get('accept') })
    },
    bug: (exchange, error) => {
      reportBug(log, 'request', error)
      return answerFailure({ kind: 'bug' }, { accept: exchange.headers.get('accept') })
    },
    finishUnrouted: (exchange) => {
      debugLog(exchange)
      accessLogs.write(exchange, sites().siteOf(exchange), undefined)
    },
  })
  return accessLogs.noting(pipeline)
}
