import type { SectionReader } from '../../../config/sections/section-reader.ts'
import { prepareFields } from '../../../http/response-fields.ts'
import type { Module, ModuleSteps } from '../module.ts'
import { ClosingReply, createRedirectReply } from './header-replies.ts'
import { type HttpProtocolSettings, httpProtocolShape, readHttpProtocol } from './http-protocol.ts'

const section: SectionReader<HttpProtocolSettings> = {
  section: 'httpProtocol',
  shape: httpProtocolShape,
  read: (elements, { problems }) => readHttpProtocol(elements, problems),
  describe: ({ customHeaders, redirectHeaders = [], allowKeepAlive }) => [
    ...customHeaders.map(({ name, value }) => ['response header', `${name}: ${value}`] as const),
    ...redirectHeaders.map(({ name, value }) => ['header of redirects', `${name}: ${value}`] as const),
    ...(allowKeepAlive === false ? [['connections', 'end with each response'] as const] : []),
  ],
}

/**
 * `<httpProtocol>`. `<customHeaders>` are fields that are added to every final response, as under IIS; that includes
 * 304s and ancmd's own answers (502.5, app_offline.htm, 413.1, 404.4). The 101 of a WebSocket gets them too, because it
 * is the last head on its connection, and names that belong to the handshake are refused here; other 1xx responses do
 * not get them. They follow the application's own fields, so a name that both set is sent twice, the application's value
 * first. A 500.19 has none, because the web.config with the section cannot be used. `<redirectHeaders>` go out with the
 * redirects of modules alone, never with those of the application.
 */
export const customHeaders: Module<HttpProtocolSettings> = {
  section,
  create: ({ customHeaders: headers, redirectHeaders, allowKeepAlive }): ModuleSteps => {
    const responseFields = prepareFields(headers.flatMap(({ name, value }) => [name, value]))
    const forRedirects = redirectHeaders?.flatMap(({ name, value }) => [name, value])
    if (forRedirects === undefined && allowKeepAlive !== false) return { responseFields }
    const wrapRedirects = forRedirects === undefined ? undefined : createRedirectReply(forRedirects)
    return {
      responseFields,
      wrapReply: (_exchange, reply) => {
        const closing = allowKeepAlive === false ? new ClosingReply(reply) : reply
        return wrapRedirects === undefined ? closing : wrapRedirects(closing)
      },
    }
  },
}
