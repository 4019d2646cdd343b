import type { SectionReader } from '../../../config/sections/section-reader.ts'
import { prepareFields } from '../../../http/response-fields.ts'
import type { Module } from '../module.ts'
import { type CustomHeader, readHttpProtocol } from './http-protocol.ts'

export interface CustomHeaderSettings {
  /** In the order in which they are sent; at least one. */
  readonly customHeaders: readonly CustomHeader[]
}

const section: SectionReader<CustomHeaderSettings> = {
  section: 'httpProtocol',
  read: (elements, { problems }) => {
    const customHeaders = readHttpProtocol(elements, problems)
    return customHeaders.length === 0 ? undefined : { customHeaders }
  },
  describe: ({ customHeaders }) => customHeaders.map(({ name, value }) => ['response header', `${name}: ${value}`]),
}

/**
 * `<httpProtocol><customHeaders>`: fields that are added to every final response, also to a 304 and to ancmd's own
 * answers (502.5, app_offline.htm, 413.1, 404.4), as under IIS. Of the 1xx responses only the 101 of a WebSocket gets
 * them: it is the last head on that connection, and fields of the handshake cannot be configured. They stand behind the
 * application's own fields, so a name that both have is sent twice, the application's first. With a web.config that
 * cannot be used (500.19) there are none.
 */
export const customHeaders: Module<CustomHeaderSettings> = {
  section,
  create: (settings) => ({
    responseFields: prepareFields(settings.customHeaders.flatMap(({ name, value }) => [name, value])),
  }),
}
