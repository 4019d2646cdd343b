import { openHttp2Upstream } from '../../src/forward/http2/forwarder.ts'
import { openHttp1Protocol } from '../../src/listen/http1/protocol.ts'
import { openNodeProtocol } from '../../src/listen/node/protocol.ts'
import { systemClock } from '../../src/platform/clock.ts'
import type { Engine } from './engines.ts'

/** HTTP/2 to the application, behind the HTTP/1.1 front of each engine. */
export const h2cFronts: readonly Engine[] = [
  { name: 'wire', openProtocol: openHttp1Protocol(systemClock), openUpstream: openHttp2Upstream(systemClock) },
  { name: 'http-proxy', openProtocol: openNodeProtocol(systemClock), openUpstream: openHttp2Upstream(systemClock) },
]
