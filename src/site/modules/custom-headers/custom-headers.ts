import type { SectionReader } from '../../../config/sections/section-reader.ts'
import { prepareFields } from '../../../http/response-fields.ts'
import type { Module } from '../module.ts'
import { type CustomHeader, httpProtocolShape, readHttpProtocol } from './http-protocol.ts'

export interface CustomHeaderSettings {
  /** In the order in which they are sent; at least one. */
  readonly customHeaders: readonly CustomHeader[]
}

const section: SectionReader<CustomHeaderSettings> = {
  section: 'httpProtocol',
  shape: httpProtocolShape,
  read: (elements, { problems }) => {
    const customHeaders = readHttpProtocol(elements, problems)
    return customHeaders.length === 0 ? undefined : { customHeaders }
  },
  describe: ({ customHeaders }) => customHeaders.map(({ name, value }) => ['response header', `${name}: ${value}`]),
}

/**
 * `<httpProtocol><customHeaders>`: fields that are added to every final response, as under IIS; that includes 304s and
 * ancmd's own answers (502.5, app_offline.htm, 413.1, 404.4). The 101 of a WebSocket gets them too, because it is the
 * last head on its connection, and names that belong to the handshake are refused here; other 1xx responses do not get
 * them. They follow the application's own fields, so a name that both set is sent twice, the application's value first.
 * A 500.19 has none, because the web.config with the section cannot be used.
 */
export const customHeaders: Module<CustomHeaderSettings> = {
  section,
  create: (settings) => ({
    responseFields: prepareFields(settings.customHeaders.flatMap(({ name, value }) => [name, value])),
  }),
}
