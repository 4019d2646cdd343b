import type { OpenUpstream } from '../forward/forwarder.ts'
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

/** Loads the code of one engine; that of the other stays where it is. */
export async function loadEngine(name: EngineName, clock: Clock): Promise<Engine> {
  switch (name) {
    case 'wire': {
      const { openHttp1Protocol } = await import('../listen/http1/protocol.ts')
      const { openHttp1Upstream } = await import('../forward/http1/forwarder.ts')
      return { openProtocol: openHttp1Protocol(clock), openUpstream: openHttp1Upstream(clock) }
    }
    case 'http-proxy': {
      const { openNodeProtocol } = await import('../listen/node/protocol.ts')
      const { openUpstream } = await import('../forward/http-proxy/forwarder.ts')
      return { openProtocol: openNodeProtocol(clock), openUpstream }
    }
  }
}
