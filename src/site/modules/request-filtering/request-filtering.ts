import { digitGroups } from '../../../platform/digit-groups.ts'
import type { WebConfig } from '../../../config/model.ts'
import { type SectionReader, settingsOf } from '../../../config/sections/section-reader.ts'
import type { Exchange } from '../../../http/exchange.ts'
import type { GateAnswer, Module } from '../module.ts'
import { readRequestLimits, type RequestLimits } from './request-limits.ts'

const section: SectionReader<RequestLimits> = {
  section: 'security/requestFiltering',
  read: (elements, { problems }) => readRequestLimits(elements, problems),
  describe: (limits) => [['largest body', `${digitGroups(limits.maxAllowedContentLength)} bytes`]],
}

/** `<security><requestFiltering>`: how large a request's body may be. There is a limit also where nothing is written. */
export const requestFiltering: Module<RequestLimits> = {
  section,
  create: (limits) => ({ gate: createBodyLimit(limits) }),
}

/** In bytes, for those who must let the application take as much as this module does. */
export function maxAllowedContentLength(web: WebConfig): number {
  const limits = settingsOf(web, section)
  if (limits === undefined) throw new Error('a web.config is loaded with the section of request filtering')
  return limits.maxAllowedContentLength
}

/** The limit as it is written in a web.config. */
export function bodyLimitSetting(bytes: number): string {
  return `maxAllowedContentLength="${String(bytes)}"`
}

/**
 * The app's own body limit is switched off behind the IIS integration middleware ("IIS already limits this"; see
 * process/command/body-limit.ts for versions that no longer do), so this is the only one: a Content-Length above it is refused
 * here, a chunked body is cut off by the front when it passes it.
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
