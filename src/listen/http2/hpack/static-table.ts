import { HpackField } from './hpack-field.ts'

/** RFC 7541 Appendix A; an entry without `=` has an empty value. */
const entries = [
  ':authority', ':method=GET', ':method=POST', ':path=/', ':path=/index.html', ':scheme=http', ':scheme=https',
  ':status=200', ':status=204', ':status=206', ':status=304', ':status=400', ':status=404', ':status=500',
  'accept-charset', 'accept-encoding=gzip, deflate', 'accept-language', 'accept-ranges', 'accept',
  'access-control-allow-origin', 'age', 'allow', 'authorization', 'cache-control', 'content-disposition',
  'content-encoding', 'content-language', 'content-length', 'content-location', 'content-range', 'content-type',
  'cookie', 'date', 'etag', 'expect', 'expires', 'from', 'host', 'if-match', 'if-modified-since', 'if-none-match',
  'if-range', 'if-unmodified-since', 'last-modified', 'link', 'location', 'max-forwards', 'proxy-authenticate',
  'proxy-authorization', 'range', 'referer', 'refresh', 'retry-after', 'server', 'set-cookie',
  'strict-transport-security', 'transfer-encoding', 'user-agent', 'vary', 'via', 'www-authenticate',
] // biome-ignore format: a table

/** The static table: index 1 is at 1, and there is no index 0. */
export const staticTable: readonly (HpackField | undefined)[] = [
  undefined,
  ...entries.map((entry) => {
    const at = entry.indexOf('=')
    return at < 0 ? new HpackField(entry, '') : new HpackField(entry.slice(0, at), entry.slice(at + 1))
  }),
]

/** How many entries it has; the dynamic table begins behind them. */
export const STATIC_COUNT = entries.length

/** The first index with a name. */
export const staticNames: ReadonlyMap<string, number> = new Map(
  entries.map((entry, i) => [entry.split('=', 1)[0] as string, i + 1] as const).reverse(),
)
