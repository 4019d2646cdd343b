import type { RequestLimits } from '../../config/model.ts'
import type { Exchange } from '../../http/exchange.ts'

/**
 * requestFiltering/requestLimits. The app's own body limit is switched off behind the IIS integration middleware ("IIS
 * already limits this"; see process/body-limit.ts for versions that no longer do), so this is the only one: a Content-Length
 * above it is refused here, a chunked body is cut off by the front when it passes it. True: the limit is passed, refuse.
 */
export type BodyLimit = (exchange: Exchange) => boolean

export function createBodyLimit(limits: RequestLimits): BodyLimit {
  const limit = limits.maxAllowedContentLength
  return (exchange) => {
    const { body } = exchange
    if (body === undefined) return false
    if (body.length === undefined) body.limit(limit)
    else return body.length > limit
    return false
  }
}
