import { openUpstream } from '../../src/forward/http-proxy/forwarder.ts'
import type { OpenUpstream } from '../../src/forward/forwarder.ts'
import { openHttp1Protocol } from '../../src/listen/http1/protocol.ts'
import { openNodeProtocol } from '../../src/listen/node/protocol.ts'
import type { OpenProtocol } from '../../src/listen/protocol.ts'
import { openHttp1Upstream } from '../../src/forward/http1/forwarder.ts'
import { systemClock } from '../../src/platform/clock.ts'

/** One way to fill the two seams. */
export interface Engine {
  readonly name: string
  readonly openProtocol: OpenProtocol
  readonly openUpstream: OpenUpstream
  /** Whether clients speak TLS. */
  readonly isTls?: true
}

const http1 = openHttp1Protocol(systemClock)
const node = openNodeProtocol(systemClock)
const wire = openHttp1Upstream(systemClock)

/** Every engine that can be chosen passes every suite of this folder, and so does a pair of their halves: the seams hold. */
export const engines: readonly Engine[] = [
  { name: 'wire', openProtocol: http1, openUpstream: wire },
  { name: 'http-proxy', openProtocol: node, openUpstream },
  { name: 'wire behind the node front', openProtocol: node, openUpstream: wire },
]

/** The engines that can be chosen, behind TLS: what holds for bytes in plain text has to hold for them too. */
export const tlsEngines: readonly Engine[] = engines
  .filter(({ name }) => name === 'wire' || name === 'http-proxy')
  .map((engine) => ({ ...engine, name: `${engine.name} over TLS`, isTls: true }))
