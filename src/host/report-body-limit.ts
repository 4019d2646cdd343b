import type { WebConfig } from '../config/model.ts'
import type { Log } from '../log/entry.ts'
import * as told from '../log/process-events.ts'
import { bodyLimitHooks, describeBodyLimit, type BodyLimitReason } from '../process/command/body-limit.ts'
import { maxAllowedContentLength } from '../site/modules/request-filtering/request-filtering.ts'
import { checksPairing } from '../process/start/pairing-check.ts'
import type { ProcessEvents } from '../process/life/process-events.ts'

/** `events`, and one notice more: that the app will refuse bodies which this configuration allows. */
export function reportBodyLimit(events: ProcessEvents, app: string, web: WebConfig, log: Log): ProcessEvents {
  const limited = { process: web.process, maxAllowedContentLength: maxAllowedContentLength(web) }
  if (bodyLimitHooks(limited).length === 0) return events
  let isTold = false
  const tell = (reason: BodyLimitReason): void => {
    if (isTold) return
    isTold = true
    const { text, cure, isCertain } = describeBodyLimit(limited, reason)
    told.bodyLimitKept(log, { app, text, cure, certain: isCertain })
  }
  const lookForIntegration = async (pid: number): Promise<void> => {
    if ((await checksPairing(pid)) === false) tell({ why: 'no-iis-integration' })
  }
  return {
    ...events,
    hooksChosen: (choices) => {
      events.hooksChosen(choices)
      for (const { outcome } of choices) if (typeof outcome === 'object') tell(outcome)
    },
    processStarted: (started) => {
      events.processStarted(started)
      void lookForIntegration(started.listeningPid)
    },
  }
}
