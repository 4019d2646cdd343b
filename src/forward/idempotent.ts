import type { Exchange } from '../http/exchange.ts'

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * May be sent again when a kept-alive connection turns out to be dead; everything else is never sent twice. Narrower than the
 * idempotent methods of RFC 9110 9.2.2: what changes something is left to the client.
 */
export function maySendAgain({ method, body }: Pick<Exchange, 'method' | 'body'>): boolean {
  return body === undefined && METHODS.has(method)
}
