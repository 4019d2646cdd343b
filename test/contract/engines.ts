import { openUpstream } from '../../src/forward/http-proxy-forwarder.ts'
import type { OpenUpstream } from '../../src/forward/forwarder.ts'
import type { OpenFront } from '../../src/listen/front.ts'
import { openNodeFront } from '../../src/listen/node-front.ts'
import { openWireFront } from '../../src/listen/wire-front.ts'
import { openWireUpstream } from '../../src/forward/wire-forwarder.ts'
import { systemClock } from '../../src/platform/clock.ts'

/** One way to fill the two seams. */
export interface Engine {
  readonly name: string
  readonly openFront: OpenFront
  readonly openUpstream: OpenUpstream
}

/** Not selectable until they pass every suite of this folder; `ANCMD_EVERY_ENGINE=1` runs the suites on them too. */
const coming: readonly Engine[] = [
  { name: 'wire', openFront: openWireFront(systemClock), openUpstream: openWireUpstream(systemClock) },
  { name: 'wire behind the node front', openFront: openNodeFront, openUpstream: openWireUpstream(systemClock) },
]

/** Every engine that can be chosen passes every suite of this folder. */
export const engines: readonly Engine[] = [
  { name: 'http-proxy', openFront: openNodeFront, openUpstream },
  ...(process.env['ANCMD_EVERY_ENGINE'] === '1' ? coming : []),
]
