import type { Answer } from '../http/answer.ts'
import type { Exchange } from '../http/exchange.ts'

/** An application under one configuration, as the hallway knows it. */
export interface RequestHandler {
  /** Settles when the reply is complete or aborted; undefined when it already is. */
  readonly serve: (exchange: Exchange) => Promise<void> | undefined
  /** Runs on every path, last, also after a bug; undefined when there is nothing to do then. */
  readonly finish: ((exchange: Exchange) => void) | undefined
}

export interface PipelineParts {
  /** Whose request this is, by port, host name and longest path. */
  readonly find: (exchange: Exchange) => RequestHandler | undefined
  readonly notFound: (exchange: Exchange) => Answer
  /** A mistake of ours: what to tell the client. Reports it. */
  readonly bug: (exchange: Exchange, error: unknown) => Answer
  /** For an exchange that is nobody's, when it has been answered. */
  readonly finishNobodys: (exchange: Exchange) => void
}

/** The hallway: site table → application (modules → presence) → finish. Composed once; every exchange walks through it. */
export function createPipeline(parts: PipelineParts): (exchange: Exchange) => void {
  const { find, notFound, bug, finishNobodys } = parts

  const rescue = (exchange: Exchange, error: unknown): void => {
    const answer = bug(exchange, error)
    if (exchange.reply.started) exchange.reply.abort()
    else exchange.reply.answer(answer)
  }

  return (exchange) => {
    // Whoever has it is kept: a configuration that changes meanwhile has nothing to do with this exchange.
    let handler: RequestHandler | undefined
    try {
      handler = find(exchange)
      if (handler === undefined) {
        exchange.reply.answer(notFound(exchange))
        finishNobodys(exchange)
        return
      }
      const { finish } = handler
      const served = handler.serve(exchange)
      if (served === undefined) finish?.(exchange)
      else {
        served.then(
          () => finish?.(exchange),
          (error: unknown) => {
            rescue(exchange, error)
            finish?.(exchange)
          },
        )
      }
    } catch (error) {
      rescue(exchange, error)
      if (handler === undefined) finishNobodys(exchange)
      else handler.finish?.(exchange)
    }
  }
}
