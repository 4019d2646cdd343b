import { ExchangeView } from '../../../http/exchange-view.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { pairsOf, RawHeaders } from '../../../http/headers.ts'

/**
 * The request as the application understands it: behind each weak entity tag of If-None-Match stands the strong one,
 * because a tag became weak when the response was compressed, and ASP.NET Core compares tags strongly.
 */
export function withPlainTags(exchange: Exchange): Exchange {
  if (exchange.headers.get('if-none-match')?.includes('W/"') !== true) return exchange
  const flat: string[] = []
  exchange.headers.each((name, value) => flat.push(name, value))
  const fields = pairsOf(flat).map(([name, value]) => {
    const isTags = name.toLowerCase() === 'if-none-match'
    return [name, isTags ? value.replaceAll(/W\/("[^"]*")/g, '$&, $1') : value]
  })
  return new ExchangeView(exchange, { headers: new RawHeaders(fields.flat()) })
}
