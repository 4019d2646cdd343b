import type { WebConfig } from '../../config/model.ts'
import { type SectionReader, settingsOf } from '../../config/sections/section-reader.ts'
import { type ElementShape, readShaped } from '../../config/xml/element.ts'
import { ExchangeView } from '../../http/exchange-view.ts'
import { bool, string } from '../../platform/schema.ts'
import type { Module } from './module.ts'

/** Only written when WebSockets are switched off. */
export interface WebSocketSettings {
  readonly enabled: false
}

interface WebSocketAttributes {
  readonly enabled: boolean
  readonly receiveBufferLimit: string
  readonly pingInterval: string
}

const shape: ElementShape<WebSocketAttributes> = {
  kinds: { enabled: bool(), receiveBufferLimit: string(), pingInterval: string() },
  defaults: { enabled: true },
}

const section: SectionReader<WebSocketSettings> = {
  section: 'webSocket',
  shape,
  read: (elements, { problems }) => {
    let enabled = true
    for (const element of elements) {
      const values = readShaped(element, shape, problems)
      enabled = values.enabled?.value ?? enabled
      for (const name of ['receiveBufferLimit', 'pingInterval'] as const) {
        const written = values[name]
        if (written === undefined) continue
        const text = `<webSocket ${name}> means nothing here: the frames are passed on as they are.`
        problems.notice(written.at, text)
      }
    }
    return enabled ? undefined : { enabled }
  },
  describe: () => [['WebSockets', 'off: a handshake is an ordinary request for the application']],
}

/**
 * `<webSocket enabled="false">`, as IIS without its WebSocket module: a handshake reaches the application as an ordinary
 * request, without Upgrade and Connection, and ASPNETCORE_IIS_WEBSOCKETS_SUPPORTED is false. One over HTTP/2 is an
 * extended CONNECT, which is no request without its protocol; it is refused.
 */
export const webSocket: Module<WebSocketSettings> = {
  section,
  create: () => ({
    gate: ({ upgrade, httpVersion }) =>
      upgrade !== undefined && httpVersion === '2'
        ? { failure: { kind: 'method-not-served' }, setting: '<webSocket enabled="false">' }
        : undefined,
    rewrite: (exchange) =>
      exchange.upgrade === undefined ? exchange : new ExchangeView(exchange, { withoutUpgrade: true }),
  }),
}

/** Whether the application is told that it gets WebSockets. */
export function takesWebSockets(web: Pick<WebConfig, 'sections'>): boolean {
  return settingsOf(web, section) === undefined
}
