import type { Exchange } from '../../../http/exchange.ts'
import { choice } from '../../../platform/schema.ts'
import type { GateAnswer } from '../module.ts'

/** What a client gets that is denied. */
export type DenyAction = 'Forbidden' | 'NotFound' | 'Unauthorized' | 'AbortRequest'

export const denyActions = choice(['AbortRequest', 'Unauthorized', 'Forbidden', 'NotFound'])

const endings = { Unauthorized: 'unauthorized', Forbidden: 'forbidden', NotFound: 'not-found' } as const

/** The answer to a client that is denied, because of its address, its concurrent requests, or their rate. */
export function denial(why: 'address' | 'concurrency' | 'rate', action: DenyAction, setting: string): GateAnswer {
  if (action === 'AbortRequest') return { abort: { kind: `${why}-forbidden` }, setting }
  return { failure: { kind: `${why}-${endings[action]}` }, setting }
}

/**
 * The address of the client: of the peer, or of the client that a trusted proxy tells of. What any other proxy says of
 * its client is not believed, whatever `enableProxyMode` says.
 */
export function clientAddress({ connection }: Pick<Exchange, 'connection'>): string {
  return connection.remoteAddress
}
