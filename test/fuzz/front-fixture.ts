import type { Exchange } from '../../src/http/exchange.ts'
import { type Front, openFront as openFrontOf } from '../../src/listen/front.ts'
import { openHttp1Protocol } from '../../src/listen/http1/protocol.ts'
import { frontLimits } from '../../src/listen/limits.ts'
import { systemClock } from '../../src/platform/clock.ts'

/** A wire front whose exchanges go to one handler. */
export async function openFront(onExchange: (exchange: Exchange) => void): Promise<Front> {
  const endpoint = { address: '127.0.0.1', port: 0 }
  const events = { onExchange, onRefusal: () => undefined }
  const opening = await openFrontOf(endpoint, openHttp1Protocol(systemClock), events, frontLimits)
  if (!opening.opened) throw opening.cause
  return opening.front
}
