import type { Answer, Failure } from '../http/answer.ts'
import type { Exchange } from '../http/exchange.ts'
import { sendAnswer } from '../http/request-record.ts'
import { bindingFailure } from '../http/client-certificate.ts'
import type { Unrouted } from './routing/site-table.ts'

/** The functions of an application under one configuration that the pipeline calls. */
export interface RequestHandler {
  /** Settles when the reply is complete or aborted; undefined when it already is. */
  readonly serve: (exchange: Exchange) => Promise<void> | undefined
  /** Called last for every exchange, also after a bug; undefined when no module needs it. */
  readonly finish: ((exchange: Exchange) => void) | undefined
}

export interface PipelineFunctions {
  /** The application that a request is for, by address, port, host name and longest path, or why there is none. */
  readonly find: (exchange: Exchange) => RequestHandler | Unrouted
  /** The answer to a request that is for no application. Logs it. */
  readonly unrouted: (exchange: Exchange, why: Unrouted) => Answer
  /** The answer to a request that its binding refuses, whatever it is for. Logs it. */
  readonly refused: (exchange: Exchange, failure: Failure) => Answer
  /** The answer when a bug in ancmd has thrown an error. Logs the error. */
  readonly bug: (exchange: Exchange, error: unknown) => Answer
  /** Called last for an exchange that is for no application, or that its binding refuses. */
  readonly finishUnrouted: (exchange: Exchange) => void
}

/**
 * Whether the client's certificate was judged under settings that are not in force any more, so that the client has to
 * ask on another connection, where it is judged anew.
 */
function isJudgedAnew(exchange: Exchange, find: PipelineFunctions['find']): boolean {
  return exchange.connection.tls?.hasNewAuthorities?.() === true || find(exchange) === 'misdirected'
}

/** The path of every exchange: what its binding demands, site table, then the application (its modules, then its presence), then finish. */
export function createPipeline(parts: PipelineFunctions): (exchange: Exchange) => void {
  const { find, unrouted, refused, bug, finishUnrouted } = parts

  const answerBug = (exchange: Exchange, error: unknown): void => {
    const answer = bug(exchange, error)
    if (exchange.reply.started) exchange.reply.abort()
    else sendAnswer(exchange, answer)
  }

  return (exchange) => {
    // The exchange keeps this handler: a configuration that changes meanwhile does not concern it.
    let handler: RequestHandler | undefined
    try {
      const failure = bindingFailure(exchange.connection.tls)
      if (failure !== undefined) {
        sendAnswer(
          exchange,
          isJudgedAnew(exchange, find) ? unrouted(exchange, 'misdirected') : refused(exchange, failure),
        )
        finishUnrouted(exchange)
        return
      }
      const found = find(exchange)
      if (typeof found === 'string') {
        sendAnswer(exchange, unrouted(exchange, found))
        finishUnrouted(exchange)
        return
      }
      handler = found
      const { finish } = handler
      const served = handler.serve(exchange)
      if (served === undefined) finish?.(exchange)
      else {
        served.then(
          () => finish?.(exchange),
          (error: unknown) => {
            answerBug(exchange, error)
            finish?.(exchange)
          },
        )
      }
    } catch (error) {
      answerBug(exchange, error)
      if (handler === undefined) finishUnrouted(exchange)
      else handler.finish?.(exchange)
    }
  }
}
