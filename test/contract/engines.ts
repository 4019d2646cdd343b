import { openUpstream } from '../../src/forward/http-proxy/forwarder.ts'
import type { OpenUpstream } from '../../src/forward/forwarder.ts'
import type { OpenFront } from '../../src/listen/front.ts'
import { openNodeFront } from '../../src/listen/node/front.ts'
import { openHttp1Front } from '../../src/listen/http1/front.ts'
import { openHttp1Upstream } from '../../src/forward/http1/forwarder.ts'
import { systemClock } from '../../src/platform/clock.ts'

/** One way to fill the two seams. */
export interface Engine {
  readonly name: string
  readonly openFront: OpenFront
  readonly openUpstream: OpenUpstream
}

/** Every engine that can be chosen passes every suite of this folder, and so does a pair of their halves: the seams hold. */
export const engines: readonly Engine[] = [
  { name: 'wire', openFront: openHttp1Front(systemClock), openUpstream: openHttp1Upstream(systemClock) },
  { name: 'http-proxy', openFront: openNodeFront, openUpstream },
  { name: 'wire behind the node front', openFront: openNodeFront, openUpstream: openHttp1Upstream(systemClock) },
]
