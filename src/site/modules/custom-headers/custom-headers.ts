import type { SectionReader } from '../../../config/sections/section-reader.ts'
import { prepareFields } from '../../../http/response-fields.ts'
import type { Module } from '../module.ts'
import { type CustomHeader, readHttpProtocol } from './http-protocol.ts'

export interface CustomHeaderSettings {
  /** In the order in which they go out; at least one. */
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
 * `<httpProtocol><customHeaders>`: fields for every final response of the application, also those that are ours (502.5, its
 * app_offline.htm, 413.1, 404.4) and a 304, as under IIS. Of the 1xx heads only the 101 of a WebSocket has them: it is the last
 * head that such a client gets, and takes them without harm, because no field of the handshake may be configured. They stand
 * behind the application's own fields, so a name that both have goes out twice, the application's first. Where the web.config
 * cannot be used (500.19) there are none.
 */
export const customHeaders: Module<CustomHeaderSettings> = {
  section,
  create: (settings) => ({
    responseFields: prepareFields(settings.customHeaders.flatMap(({ name, value }) => [name, value])),
  }),
}
