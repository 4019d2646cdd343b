import { ExchangeView } from '../../../http/exchange-view.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { type Headers, RawHeaders } from '../../../http/headers.ts'
import { readTarget } from '../../../http/target.ts'
import { fieldOf } from './variables.ts'

/** The field that tells the application which address was asked for. */
const originalUrl = 'X-Original-URL'

/** A client's field of that name, also with underscores, as some applications read it. */
const originalUrlSpellings = ['x-original-url', 'x_original_url', 'x-original_url', 'x_original-url'] as const

/**
 * The request as the rules have made it. The application is told the address that was asked for when it was rewritten;
 * a client's own X-Original-URL never reaches it.
 *
 * @param target undefined: it was not rewritten
 * @param fields the fields that rules have set, by the names of their variables
 * @param isRewrittenBefore whether earlier rules have looked at the request, so that an X-Original-URL is theirs
 */
export function rewrittenRequest(
  exchange: Exchange,
  target: string | undefined,
  fields: ReadonlyMap<string, string>,
  isRewrittenBefore = false,
): Exchange {
  const hasForged = !isRewrittenBefore && originalUrlSpellings.some((name) => exchange.headers.get(name) !== undefined)
  if (target === undefined && fields.size === 0 && !hasForged) return exchange
  const before = isRewrittenBefore ? exchange.headers.get(originalUrlSpellings[0]) : undefined
  const headers = headersOf(exchange, before ?? (target === undefined ? undefined : exchange.target), fields)
  if (target === undefined) return new ExchangeView(exchange, { headers })
  const read = readTarget(exchange.method, target)
  if (!read.ok) throw new Error('a rule has made a target that was not checked')
  const { target: checked, path } = read.value
  return new ExchangeView(exchange, { headers, target: checked, path, originalTarget: exchange.target })
}

function headersOf(exchange: Exchange, original: string | undefined, fields: ReadonlyMap<string, string>): Headers {
  const set = new Map([...fields].map(([variable, value]) => [fieldOf(variable), value]))
  const flat: string[] = []
  exchange.headers.each((name, value) => {
    if (
      !(originalUrlSpellings as readonly string[]).includes(name.toLowerCase()) &&
      !set.has(name.toLowerCase().replaceAll('_', '-'))
    )
      flat.push(name, value)
  })
  for (const [name, value] of set) {
    const text = fieldText(value)
    if (text !== '') flat.push(name, text)
  }
  if (original !== undefined) flat.push(originalUrl, original)
  return new RawHeaders(flat)
}

/** What a header field can carry of a text: UTF-8 as Latin-1, without control characters. */
function fieldText(value: string): string {
  const bytes = Buffer.from(value, 'utf8').toString('latin1')
  return bytes.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, ' ').trim()
}
