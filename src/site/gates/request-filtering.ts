import type { RequestLimits } from '../../config/model.ts'
import type { Exchange } from '../../http/exchange.ts'

/**
 * requestFiltering/requestLimits. The app's own body limit is switched off behind the IIS integration middleware ("IIS
 * already limits this"), so this is the only one: a Content-Length above it is refused here, a chunked body is cut off by
 * the front when it passes it. Answers the limit that was passed, or undefined.
 */
export type BodyLimit = (exchange: Exchange) => number | undefined

export function createBodyLimit(limits: RequestLimits): BodyLimit {
  const limit = limits.maxAllowedContentLength
  return (exchange) => {
    const { body } = exchange
    if (body === undefined) return undefined
    if (body.length === undefined) body.limit(limit)
    else if (body.length > limit) return limit
    return undefined
  }
}
