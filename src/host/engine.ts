import type { OpenUpstream } from '../forward/forwarder.ts'
import { openUpstream } from '../forward/http-proxy/forwarder.ts'
import { openHttp1Upstream } from '../forward/http1/forwarder.ts'
import type { OpenFront } from '../listen/front.ts'
import { openNodeFront } from '../listen/node/front.ts'
import { openHttp1Front } from '../listen/http1/front.ts'
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

export function engineOf(name: EngineName, clock: Clock): Engine {
  switch (name) {
    case 'wire':
      return { openFront: openHttp1Front(clock), openUpstream: openHttp1Upstream(clock) }
    case 'http-proxy':
      return { openFront: openNodeFront, openUpstream }
  }
}
