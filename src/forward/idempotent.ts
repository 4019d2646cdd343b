import type { Exchange } from '../http/exchange.ts'

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Whether a request may be sent again when a kept-alive connection turns out to be dead. These are fewer than the
 * idempotent methods of RFC 9110 9.2.2: requests that change something are retried only by the client.
 */
export function maySendAgain({ method, body }: Pick<Exchange, 'method' | 'body'>): boolean {
  return body === undefined && METHODS.has(method)
}
