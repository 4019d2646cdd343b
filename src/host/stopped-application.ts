import { answerFailure } from '../http/answer.ts'
import { sendAnswer } from '../http/request-record.ts'
import { createDebugAccessLog } from '../site/modules/access-log/access-log.ts'
import type { RequestHandler } from '../site/pipeline.ts'
import type { HostedSitesParts } from './dependencies.ts'
import { refusedExchange } from './logs/refusals.ts'

/** What stands in the site table for an application while it, its site or its pool is stopped. */
export interface StoppedApplication {
  readonly handler: RequestHandler
}

/** Answers 503; its requests are logged and counted as those of the application. */
export function stoppedApplication(
  id: string,
  site: number,
  { dependencies: { log, clock, meters }, refusals, accessLogs }: HostedSitesParts,
): StoppedApplication {
  const failure = { kind: 'pool-stopped' } as const
  const debugLog = createDebugAccessLog(log, clock)
  const meter = meters?.of(id)
  return {
    handler: {
      serve: (exchange) => {
        refusals.write(log, refusedExchange(exchange, failure, undefined, id))
        sendAnswer(exchange, answerFailure(failure, { accept: exchange.headers.get('accept') }))
        return undefined
      },
      finish: (exchange) => {
        // One that a rule has moved here is logged by the application that was asked.
        if (exchange.isMoved === true) return
        meter?.count(exchange.reply.status, clock.now() - exchange.receivedAt)
        debugLog(exchange)
        accessLogs.write(exchange, site, id)
      },
    },
  }
}
