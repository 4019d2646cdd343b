import type { Exchange } from '../../src/http/exchange.ts'
import { type Front, frontLimits } from '../../src/listen/front.ts'
import { openHttp1Front } from '../../src/listen/http1/front.ts'
import { systemClock } from '../../src/platform/clock.ts'

/** A wire front whose exchanges go to one handler. */
export async function openFront(onExchange: (exchange: Exchange) => void): Promise<Front> {
  const binding = { protocol: 'http', address: '127.0.0.1', port: 0 } as const
  const opening = await openHttp1Front(systemClock)(binding, { onExchange, onRefusal: () => undefined }, frontLimits)
  if (!opening.opened) throw opening.cause
  return opening.front
}
