import { ExchangeView } from '../../http/exchange-view.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { Unrouted } from './site-table.ts'

/** What another application of the site does with an exchange; it is the RequestHandler of that application. */
export interface OtherHandler {
  readonly serve: (exchange: Exchange) => Promise<void> | undefined
  readonly finish: ((exchange: Exchange) => void) | undefined
}

/**
 * Where an exchange belongs whose path has been rewritten: undefined: still to the same application; else the handler
 * of another one of its site, or why there is none.
 */
export type FindElsewhere = (exchange: Exchange) => OtherHandler | Unrouted | undefined

/**
 * Gives an exchange to the other application that its new path belongs to, through all of that one's modules. It is
 * logged and counted once, by the application that was asked.
 */
export function serveElsewhere({ serve, finish }: OtherHandler, exchange: Exchange): Promise<void> | undefined {
  const moved = new ExchangeView(exchange, { isMoved: true })
  moved.reply.responseFields = undefined
  let served: Promise<void> | undefined
  try {
    served = serve(moved)
  } catch (error) {
    finish?.(moved)
    throw error
  }
  if (finish === undefined || served !== undefined) return served?.finally(() => finish?.(moved))
  finish(moved)
  return undefined
}
