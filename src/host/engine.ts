import type { OpenUpstream } from '../forward/forwarder.ts'
import { lazyUpstream } from '../forward/lazy-upstream.ts'
import type { OpenProtocol } from '../listen/protocol.ts'
import type { Clock } from '../platform/clock.ts'

/**
 * How HTTP is read and written, towards clients and towards applications. `wire`: by ancmd's own HTTP/1.1 parser on
 * plain sockets. `http-proxy`: by Node's HTTP server and the package http-proxy, which takes several times the CPU for
 * the same answers.
 */
export type EngineName = 'wire' | 'http-proxy'

export const engineNames: readonly EngineName[] = ['wire', 'http-proxy']

export const defaultEngine: EngineName = 'wire'

/** An engine's two halves: the protocol that clients speak to, and the connection to the application. */
export interface Engine {
  readonly openProtocol: OpenProtocol
  readonly openUpstream: OpenUpstream
  /** HTTP/2 in plain text to applications, the same for both engines; loaded when the first process needs it. */
  readonly openHttp2Upstream: OpenUpstream
}

/** Loads the code of one engine; the other engine's code is not loaded. */
export async function loadEngine(name: EngineName, clock: Clock): Promise<Engine> {
  const openHttp2Upstream = lazyUpstream(async () =>
    (await import('../forward/http2/forwarder.ts')).openHttp2Upstream(clock),
  )
  switch (name) {
    case 'wire': {
      const { openHttp1Protocol } = await import('../listen/http1/protocol.ts')
      const { openHttp1Upstream } = await import('../forward/http1/forwarder.ts')
      return { openProtocol: openHttp1Protocol(clock), openUpstream: openHttp1Upstream(clock), openHttp2Upstream }
    }
    case 'http-proxy': {
      const { openNodeProtocol } = await import('../listen/node/protocol.ts')
      const { openUpstream } = await import('../forward/http-proxy/forwarder.ts')
      return { openProtocol: openNodeProtocol(clock), openUpstream, openHttp2Upstream }
    }
  }
}
