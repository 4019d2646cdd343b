import { answerFailure } from '../http/answer.ts'
import { sendAnswer } from '../http/request-record.ts'
import type { ApplicationDependencies } from './application-dependencies.ts'
import type { ModuleExits } from './compose-modules.ts'
import { type ApplicationSteps, composeParts } from './compose-parts.ts'
import type { RequestHandler } from './pipeline.ts'
import type { OnRefused, Presence } from './presence.ts'

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
  { onRefused }: ApplicationDependencies,
  presence: Presence['name'],
  pass: RequestHandler['serve'],
): RequestHandler {
  return composeParts(steps, { pass, end: gateEnd(onRefused), ofSiteAlone: presence !== 'serving' })
}

/** The module steps of the configuration as it is now, before the application has one in force. */
export async function firstSteps({ source, stepsFor }: ApplicationDependencies): Promise<ApplicationSteps> {
  const loaded = await source.load()
  return stepsFor(loaded.ok ? loaded.value : undefined)
}
