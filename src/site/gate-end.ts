import { answerFailure, type Failure } from '../http/answer.ts'
import type { Exchange } from '../http/exchange.ts'
import { sendAnswer } from '../http/request-record.ts'
import type { ApplicationDependencies } from './application-dependencies.ts'
import type { ModuleExits } from './compose-modules.ts'
import { type ApplicationSteps, composeParts } from './compose-parts.ts'
import type { RequestHandler } from './pipeline.ts'
import type { OnRefused, Presence } from './presence.ts'
import { type FindElsewhere, serveElsewhere } from './routing/other-application.ts'

/** Sends the answer of a gate that ends an exchange, and reports it where it is a failure. */
export function gateEnd(onRefused: OnRefused): NonNullable<ModuleExits['end']> {
  return (exchange, gateAnswer) => {
    if (exchange.reply.gone) return
    if ('answer' in gateAnswer) {
      sendAnswer(exchange, gateAnswer.answer)
      return
    }
    if ('abort' in gateAnswer) {
      exchange.reply.abort()
      onRefused(exchange, gateAnswer.abort, gateAnswer.setting)
      return
    }
    const page = answerFailure(gateAnswer.failure, { accept: exchange.headers.get('accept') })
    const { headers } = gateAnswer
    sendAnswer(exchange, headers === undefined ? page : { ...page, headers: [...page.headers, ...headers] })
    onRefused(exchange, gateAnswer.failure, gateAnswer.setting)
  }
}

/** The handler of an application: the modules, then its presence, which `pass` hands the exchange to. */
export function handlerOf(
  steps: ApplicationSteps,
  { onRefused, elsewhere }: ApplicationDependencies,
  presence: Presence['name'],
  pass: RequestHandler['serve'],
): RequestHandler {
  const end = gateEnd(onRefused)
  const moved = elsewhere === undefined ? undefined : movedTo(elsewhere, end)
  return composeParts(steps, { pass, end, ofSiteAlone: presence !== 'serving', ...(moved && { moved }) })
}

/**
 * Where a rewritten exchange goes on: in the application that its new path belongs to. It moves once only, so that no
 * two applications send it to each other for ever.
 */
function movedTo(elsewhere: FindElsewhere, end: NonNullable<ModuleExits['end']>): NonNullable<ModuleExits['moved']> {
  const refuse = (failure: Failure, setting: string) => (exchange: Exchange) => {
    end(exchange, { failure, setting })
    return undefined
  }
  return (exchange) => {
    if (exchange.originalTarget === undefined) return undefined
    const found = elsewhere(exchange)
    if (found === undefined) return undefined
    const where = typeof found === 'string' ? 'a path that no application has' : 'a third application'
    if (typeof found !== 'string' && exchange.isMoved !== true) return (moved) => serveElsewhere(found, moved)
    return refuse({ kind: 'rule-fault' }, `a rule, which leads to ${where}`)
  }
}

/** The module steps of the configuration as it is now, before the application has one in force. */
export async function firstSteps({ source, stepsFor }: ApplicationDependencies): Promise<ApplicationSteps> {
  const loaded = await source.load()
  return stepsFor(loaded.ok ? loaded.value : undefined)
}
