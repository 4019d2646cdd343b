import type { OpenUpstream } from '../forward/forwarder.ts'
import type { OpenFront } from '../listen/front.ts'
import type { Clock } from '../platform/clock.ts'

/**
 * How bytes are forwarded. `wire`: our own reader on plain sockets, on both sides. `http-proxy`: Node's HTTP server and
 * http-proxy; several times the CPU, the same answers.
 */
export const engineNames = ['wire', 'http-proxy'] as const
export type EngineName = (typeof engineNames)[number]

export const defaultEngine: EngineName = 'wire'

/** One way to fill the two seams. */
export interface Engine {
  readonly openFront: OpenFront
  readonly openUpstream: OpenUpstream
}

/** Loads the code of one engine; that of the other stays where it is. */
export async function loadEngine(name: EngineName, clock: Clock): Promise<Engine> {
  switch (name) {
    case 'wire': {
      const { openHttp1Front } = await import('../listen/http1/front.ts')
      const { openHttp1Upstream } = await import('../forward/http1/forwarder.ts')
      return { openFront: openHttp1Front(clock), openUpstream: openHttp1Upstream(clock) }
    }
    case 'http-proxy': {
      const { openNodeFront } = await import('../listen/node/front.ts')
      const { openUpstream } = await import('../forward/http-proxy/forwarder.ts')
      return { openFront: openNodeFront, openUpstream }
    }
  }
}
