import { digitGroups } from '../../platform/digit-groups.ts'
import type { ProcessConfig } from '../../config/model.ts'
import { type HookObstacle, obstacleText, type StartupHook, startupHook } from './startup-hooks.ts'

/** The largest request body that Kestrel takes unless the app sets another limit. */
const kestrelLimitBytes = 30_000_000
const clearSwitch = 'Microsoft.AspNetCore.Server.IISIntegration.ClearMaxRequestBodySize'
const hook = startupHook('Ancmd.BodyLimit', {
  setsSwitch: clearSwitch,
  purpose: `lifts Kestrel's own limit of ${digitGroups(kestrelLimitBytes)} bytes`,
})

/** The settings that decide whether an application needs the hook. */
export interface LimitedApplication {
  readonly process: Pick<ProcessConfig, 'kind'>
  /** The largest request body that web.config allows, in bytes. */
  readonly maxAllowedContentLength: number
}

/**
 * The startup hook that lifts Kestrel's limit of a request body, needed where web.config allows larger bodies. Programs
 * of `<httpPlatform>` need none, as they have no IIS integration.
 */
export function bodyLimitHooks({ process, maxAllowedContentLength }: LimitedApplication): readonly StartupHook[] {
  return process.kind === 'aspNetCore' && maxAllowedContentLength > kestrelLimitBytes ? [hook] : []
}

/** Why an app refuses bodies that web.config allows. */
export type BodyLimitReason = HookObstacle | { readonly why: 'no-iis-integration' }

export interface BodyLimitNotice {
  readonly text: string
  readonly cure: string
  /** False when it is only possible that the app has this limit. */
  readonly isCertain: boolean
}

/** The notice that an app keeps Kestrel's limit, and what to do about it. */
export function describeBodyLimit(
  { maxAllowedContentLength }: Pick<LimitedApplication, 'maxAllowedContentLength'>,
  reason: BodyLimitReason,
): BodyLimitNotice {
  const allowed = digitGroups(maxAllowedContentLength)
  const because =
    reason.why === 'no-iis-integration'
      ? 'it runs without the IIS integration (CreateSlimBuilder?)'
      : obstacleText(reason)
  const inCode = "Set Kestrel's Limits.MaxRequestBodySize in the application"
  const hasIntegration = reason.why !== 'no-iis-integration' && reason.why !== 'no-runtime-config'
  return {
    text:
      `web.config allows request bodies of ${allowed} bytes, but the application keeps Kestrel's own limit ` +
      `of ${digitGroups(kestrelLimitBytes)} bytes (ASP.NET Core 8.0.31, 9.0.20, 10.0.12 and newer): ${because}.`,
    cure: hasIntegration
      ? `${inCode}, or <RuntimeHostConfigurationOption Include="${clearSwitch}" Value="true" /> in its project.`
      : `${inCode}.`,
    isCertain: reason.why !== 'no-runtime-config' && reason.why !== 'old-runtime',
  }
}
