import type { WebConfig } from '../../../config/model.ts'
import { type SectionReader, settingsOf } from '../../../config/sections/section-reader.ts'
import type { Exchange } from '../../../http/exchange.ts'
import type { GateAnswer, Module } from '../module.ts'
import { describeRequestFiltering } from './describe.ts'
import { createFilters } from './filters.ts'
import { readRequestFiltering, requestFilteringShape } from './read-request-filtering.ts'
import { ReplyWithoutServer } from './remove-server.ts'
import type { RequestFilteringSettings } from './settings.ts'

const section: SectionReader<RequestFilteringSettings> = {
  section: 'security/requestFiltering',
  shape: requestFilteringShape,
  read: (elements, { problems }) => readRequestFiltering(elements, problems),
  describe: describeRequestFiltering,
}

/**
 * `<security><requestFiltering>`: refuses requests by their method, URL, header fields and body. Without the section
 * IIS's defaults apply: 30,000,000 bytes of body, 4096 of path, 2048 of query, no double escapes, no `web.config`.
 */
export const requestFiltering: Module<RequestFilteringSettings> = {
  section,
  create: (settings) => ({
    gate: createFilters(settings, createBodyLimit(settings)),
    ...(settings.removeServerHeader === true && { wrapReply: (_exchange, reply) => new ReplyWithoutServer(reply) }),
  }),
}

/** The largest request body in bytes that any part of the application may get. */
export function largestContentLength(web: Pick<WebConfig, 'sections' | 'parts'>): number {
  return Math.max(...[web, ...(web.parts ?? [])].map(maxAllowedContentLength))
}

/** The largest request body in bytes under these settings. */
export function maxAllowedContentLength(web: Pick<WebConfig, 'sections'>): number {
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
export function createBodyLimit({
  maxAllowedContentLength: limit,
}: Pick<RequestFilteringSettings, 'maxAllowedContentLength'>): (exchange: Exchange) => GateAnswer | undefined {
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
