// The engine by itself: a wire front that hands every exchange to a wire upstream. Run `npm run build` first.
import { openWireFront } from '../../dist/listen/wire-front.js'
import { openWireUpstream } from '../../dist/forward/wire-forwarder.js'
import { frontLimits } from '../../dist/listen/front.js'
import { systemClock } from '../../dist/platform/clock.js'

const upstream = openWireUpstream(systemClock)({ port: Number(process.env.UP), token: process.env.TOKEN })
const options = { requestTimeout: 120_000, forwardResponseConnectionHeader: false }
const onExchange = async (exchange) => {
  const delivery = await upstream.forward(exchange, options)
  if (delivery.outcome === 'delivered') return
  if (exchange.reply.started) exchange.reply.abort()
  else exchange.reply.answer({ status: 502, substatus: 3, reason: 'Bad Gateway', headers: [], body: '', close: false })
}
const opening = await openWireFront(systemClock)(
  { protocol: 'http', address: '127.0.0.1', port: Number(process.env.PORT) },
  { onExchange, onRefusal: () => {} },
  frontLimits,
)
if (!opening.opened) throw opening.cause
