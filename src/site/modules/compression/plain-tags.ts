import { ExchangeView } from '../../../http/exchange-view.ts'
import type { Exchange, ResponseHead } from '../../../http/exchange.ts'
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

/**
 * The head of a 304 as the client understands it: with the weak tag, if that is the one the client has. A cache updates
 * no stored response by a strong tag that it does not have (RFC 9111 4.3.4).
 *
 * @param ifNoneMatch what the client has sent
 */
export function withWeakTag(head: ResponseHead, ifNoneMatch: string | undefined): ResponseHead {
  if (head.status !== 304 || ifNoneMatch?.includes('W/"') !== true) return head
  const tags: readonly string[] = ifNoneMatch.match(/(?:W\/)?"[^"]*"/g) ?? []
  const fields = pairsOf(head.headers).map(([name, value]) => {
    const isWeak = name.toLowerCase() === 'etag' && tags.includes(`W/${value}`) && !tags.includes(value)
    return [name, isWeak ? `W/${value}` : value]
  })
  return { ...head, headers: fields.flat() }
}
