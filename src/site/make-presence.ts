import type { ApplicationDependencies, LoadedConfig } from './application-dependencies.ts'
import type { ConfigReport } from './config-report.ts'
import type { Presence } from './presence.ts'

interface PresenceParts {
  readonly report: ConfigReport
  readonly redispatch: Parameters<ApplicationDependencies['openServing']>[1]
  readonly predecessorsGone: Parameters<ApplicationDependencies['openServing']>[2]
}

/** Makes what answers the requests under this configuration, and reports the configuration's problems. */
export function makePresence(
  loaded: LoadedConfig,
  { openServing, openFaulted }: ApplicationDependencies,
  { report, redispatch, predecessorsGone }: PresenceParts,
): Presence {
  if (!loaded.ok) {
    report.rejected(loaded.failure, false)
    return openFaulted(loaded.failure)
  }
  report.notices(loaded.value.notices)
  return openServing(loaded.value, redispatch, predecessorsGone)
}
