import type { OpenUpstream } from '../forward/forwarder.ts'
import { openUpstream } from '../forward/http-proxy/forwarder.ts'
import { openHttp1Upstream } from '../forward/http1/forwarder.ts'
import { openHttp1Protocol } from '../listen/http1/protocol.ts'
import { openNodeProtocol } from '../listen/node/protocol.ts'
import type { OpenProtocol } from '../listen/protocol.ts'
import type { Clock } from '../platform/clock.ts'

/**
 * How bytes are forwarded. `wire`: our own reader on plain sockets, on both sides. `http-proxy`: Node's HTTP server and
 * http-proxy; several times the CPU, the same answers.
 */
export const engineNames = ['wire', 'http-proxy'] as const
export type EngineName = (typeof engineNames)[number]

export const defaultEngine: EngineName = 'wire'

/** What fills the two seams: one protocol in front, one way to the application behind. */
export interface Engine {
  readonly openProtocol: OpenProtocol
  readonly openUpstream: OpenUpstream
}

export function engineOf(name: EngineName, clock: Clock): Engine {
  switch (name) {
    case 'wire':
      return { openProtocol: openHttp1Protocol(clock), openUpstream: openHttp1Upstream(clock) }
    case 'http-proxy':
      return { openProtocol: openNodeProtocol(clock), openUpstream }
  }
}
