import type { WebConfig } from '../../config/model.ts'
import type { Log } from '../../log/entry.ts'
import * as processLog from '../../log/process-events.ts'
import { bodyLimitHooks, describeBodyLimit, type BodyLimitReason } from '../../process/command/body-limit.ts'
import { largestContentLength } from '../../site/modules/request-filtering/request-filtering.ts'
import { checksPairing } from '../../process/start/pairing-check.ts'
import type { ProcessEvents } from '../../process/life/process-events.ts'

/**
 * Wraps `events`: also logs once if the application itself will refuse request bodies that web.config allows, because
 * Kestrel's own limit is lower. Returns `events` itself when web.config allows no such bodies.
 */
export function reportBodyLimit(events: ProcessEvents, app: string, web: WebConfig, log: Log): ProcessEvents {
  const application = { process: web.process, maxAllowedContentLength: largestContentLength(web) }
  const hooks = bodyLimitHooks(application)
  if (hooks.length === 0) return events
  let isReported = false
  const report = (reason: BodyLimitReason): void => {
    if (isReported) return
    isReported = true
    const { text, cure, isCertain } = describeBodyLimit(application, reason)
    processLog.bodyLimitKept(log, { app, text, cure, certain: isCertain })
  }
  const reportMissingIntegration = async (pid: number): Promise<void> => {
    if ((await checksPairing(pid)) === false) report({ why: 'no-iis-integration' })
  }
  return {
    ...events,
    hooksChosen: (choices) => {
      events.hooksChosen(choices)
      for (const { hook, outcome } of choices) if (typeof outcome === 'object' && hooks.includes(hook)) report(outcome)
    },
    processStarted: (started) => {
      events.processStarted(started)
      void reportMissingIntegration(started.listeningPid)
    },
  }
}
