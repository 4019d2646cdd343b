import { digitGroups } from '../../../platform/digit-groups.ts'
import type { WebConfig } from '../../../config/model.ts'
import { type SectionReader, settingsOf } from '../../../config/sections/section-reader.ts'
import type { Exchange } from '../../../http/exchange.ts'
import type { GateAnswer, Module } from '../module.ts'
import { readRequestLimits, requestFilteringShape, type RequestLimits } from './request-limits.ts'

const section: SectionReader<RequestLimits> = {
  section: 'security/requestFiltering',
  shape: requestFilteringShape,
  read: (elements, { problems }) => readRequestLimits(elements, problems),
  describe: (limits) => [['largest body', `${digitGroups(limits.maxAllowedContentLength)} bytes`]],
}

/** `<security><requestFiltering>`: the largest request body. Without the section IIS's default applies. */
export const requestFiltering: Module<RequestLimits> = {
  section,
  create: (limits) => ({ gate: createBodyLimit(limits) }),
}

/** The largest request body in bytes under this configuration. */
export function maxAllowedContentLength(web: WebConfig): number {
  const limits = settingsOf(web, section)
  if (limits === undefined) throw new Error('a web.config is loaded with the section of request filtering')
  return limits.maxAllowedContentLength
}

/** The limit as it is written in web.config. */
export function bodyLimitSetting(bytes: number): string {
  return `maxAllowedContentLength="${String(bytes)}"`
}

/**
 * The gate that refuses a body above the limit. The IIS integration middleware switches the application's own limit
 * off, because IIS already limits bodies, so this limit is the only one (process/command/body-limit.ts is for versions
 * of the middleware that do not switch it off). A Content-Length above the limit is refused here; a chunked body is
 * refused by the front as soon as it exceeds the limit.
 */
export function createBodyLimit(limits: RequestLimits): (exchange: Exchange) => GateAnswer | undefined {
  const limit = limits.maxAllowedContentLength
  const tooLarge: GateAnswer = {
    failure: { kind: 'body-too-large' },
    setting: bodyLimitSetting(limit),
  }
  return ({ body }) => {
    if (body === undefined) return undefined
    if (body.length !== undefined) return body.length > limit ? tooLarge : undefined
    body.limit(limit)
    return undefined
  }
}
