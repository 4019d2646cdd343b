import { digitGroups } from '../../platform/digit-groups.ts'
import type { WebConfig } from '../../config/model.ts'
import { type HookObstacle, obstacleText, type StartupHook, startupHook } from './startup-hooks.ts'

/** Bytes of a request body that Kestrel takes where the app says nothing. */
const kestrelLimit = 30_000_000
const clearSwitch = 'Microsoft.AspNetCore.Server.IISIntegration.ClearMaxRequestBodySize'
const hook = startupHook('Ancmd.BodyLimit', {
  setsSwitch: clearSwitch,
  purpose: `lifts Kestrel's own limit of ${digitGroups(kestrelLimit)} bytes`,
})

type Limited = Pick<WebConfig, 'requestLimits'> & { readonly process: Pick<WebConfig['process'], 'kind'> }

/**
 * The hook that makes the IIS integration leave the limit of a body to web.config, where that asks for more than Kestrel's own.
 * Programs of `<httpPlatform>` have no IIS integration, there as here.
 */
export function bodyLimitHooks({ process, requestLimits }: Limited): readonly StartupHook[] {
  return process.kind === 'aspNetCore' && requestLimits.maxAllowedContentLength > kestrelLimit ? [hook] : []
}

/** Why an app refuses bodies that web.config allows. */
export type BodyLimitReason = HookObstacle | { readonly why: 'no-iis-integration' }

export interface BodyLimitNotice {
  readonly text: string
  readonly cure: string
  /** False where it is only not known: there may be no such limit at all. */
  readonly isCertain: boolean
}

/** What to say of it, and what to do about it. */
export function describeBodyLimit(
  { requestLimits }: Pick<WebConfig, 'requestLimits'>,
  reason: BodyLimitReason,
): BodyLimitNotice {
  const allowed = digitGroups(requestLimits.maxAllowedContentLength)
  const because =
    reason.why === 'no-iis-integration'
      ? 'it runs without the IIS integration (CreateSlimBuilder?)'
      : obstacleText(reason)
  const inCode = "Set Kestrel's Limits.MaxRequestBodySize in the application"
  const hasIntegration = reason.why !== 'no-iis-integration' && reason.why !== 'no-runtime-config'
  return {
    text:
      `web.config allows request bodies of ${allowed} bytes, but the application keeps Kestrel's own limit ` +
      `of ${digitGroups(kestrelLimit)} bytes (ASP.NET Core 8.0.31, 9.0.20, 10.0.12 and newer): ${because}.`,
    cure: hasIntegration
      ? `${inCode}, or <RuntimeHostConfigurationOption Include="${clearSwitch}" Value="true" /> in its project.`
      : `${inCode}.`,
    isCertain: reason.why !== 'no-runtime-config' && reason.why !== 'old-runtime',
  }
}
