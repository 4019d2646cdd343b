import type { Answer } from '../http/answer.ts'
import type { Exchange } from '../http/exchange.ts'

/** What the hallway knows of an application. */
export interface RequestHandler {
  /** Settles when the reply is complete or aborted; undefined when it already is. */
  serve(exchange: Exchange): Promise<void> | undefined
}

/** Runs on every path, last, also after a bug. */
export type Finisher = (exchange: Exchange) => void

export interface PipelineParts {
  /** Whose request this is, by port, host name and longest path. */
  readonly find: (exchange: Exchange) => RequestHandler | undefined
  readonly notFound: (exchange: Exchange) => Answer
  /** A mistake of ours: what to tell the client. Reports it. */
  readonly bug: (exchange: Exchange, error: unknown) => Answer
  readonly finishers: readonly Finisher[]
}

/** The hallway: site table → application (gates → presence) → finishers. Composed once; every exchange walks through it. */
export function createPipeline(parts: PipelineParts): (exchange: Exchange) => void {
  const { find, notFound, bug, finishers } = parts

  const finish = (exchange: Exchange): void => {
    for (const finisher of finishers) finisher(exchange)
  }
  const rescue = (exchange: Exchange, error: unknown): void => {
    const answer = bug(exchange, error)
    if (exchange.reply.started) exchange.reply.abort()
    else exchange.reply.answer(answer)
    finish(exchange)
  }

  return (exchange) => {
    try {
      const application = find(exchange)
      if (application === undefined) {
        exchange.reply.answer(notFound(exchange))
        finish(exchange)
        return
      }
      const served = application.serve(exchange)
      if (served === undefined) finish(exchange)
      else {
        served.then(
          () => {
            finish(exchange)
          },
          (error: unknown) => {
            rescue(exchange, error)
          },
        )
      }
    } catch (error) {
      rescue(exchange, error)
    }
  }
}
