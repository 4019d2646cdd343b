import { failureOf } from '../../src/forward/forward-failure.ts'
import { answerFailure } from '../../src/http/answer.ts'
import type { Exchange } from '../../src/http/exchange.ts'
import { prepareFields } from '../../src/http/response-fields.ts'
import { composeModules } from '../../src/site/compose-modules.ts'
import type { ModuleSteps } from '../../src/site/modules/module.ts'
import { createPipeline } from '../../src/site/pipeline.ts'
import type { Answerer } from '../support/recorder.ts'
import type { Engine } from './engines.ts'
import { openApp, openFront, TOKEN } from './fixtures.ts'

export const GET = 'GET /old?q HTTP/1.1\r\nHost: h\r\nX-Secret: 1\r\n\r\n'
export const fields = prepareFields(['X-One', '1', 'x-two', 'zwei \xe4'])
/** The same on the wire. */
export const ours = 'X-One: 1\r\nx-two: zwei \xe4\r\n'

/** A front, what these steps do, and a forwarder to an app that answers so. */
export async function openSite(engine: Engine, steps: readonly ModuleSteps[], answer?: Answerer) {
  const app = await openApp(answer)
  const upstream = engine.openUpstream({ port: app.port, token: TOKEN })
  const forward = async (exchange: Exchange): Promise<void> => {
    const options = { requestTimeout: 0, forwardResponseConnectionHeader: false }
    const delivery = await upstream.forward(exchange, options)
    if (delivery.outcome === 'delivered') return
    if (exchange.reply.started) exchange.reply.abort()
    else if (!exchange.reply.gone) exchange.reply.answer(answerFailure(failureOf(delivery.failure)))
  }
  const bugs: unknown[] = []
  const handler = composeModules(steps, {
    pass: forward,
    end: (exchange, said) => {
      if ('abort' in said) exchange.reply.abort()
      else if ('answer' in said) exchange.reply.answer(said.answer)
      else {
        const page = answerFailure(said.failure)
        exchange.reply.answer({ ...page, headers: [...page.headers, ...(said.headers ?? [])] })
      }
    },
  })
  const handle = createPipeline({
    find: () => handler,
    unrouted: (_exchange, kind) => answerFailure({ kind }),
    refused: (_exchange, failure) => answerFailure(failure),
    bug: (_exchange, error) => {
      bugs.push(error)
      return answerFailure({ kind: 'bug' })
    },
    finishUnrouted: () => undefined,
  })
  const { connect, front } = await openFront(engine, handle)
  const client = await connect()
  return { app, client, upstream, bugs, port: front.port }
}

/** An app's answer, in these bytes. */
export const say =
  (bytes: string, ends = false): Answerer =>
  (_request, connection) => {
    connection.send(bytes)
    if (ends) connection.end()
  }
