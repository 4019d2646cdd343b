import { answerFailure } from '../http/answer.ts'
import { sendAnswer } from '../http/request-record.ts'
import type { ModuleExits } from './compose-modules.ts'
import type { OnRefused } from './presence.ts'

/** Sends the answer of a gate that ends an exchange, and reports it where it is a failure. */
export function gateEnd(onRefused: OnRefused): NonNullable<ModuleExits['end']> {
  return (exchange, gateAnswer) => {
    if (exchange.reply.gone) return
    if ('answer' in gateAnswer) {
      sendAnswer(exchange, gateAnswer.answer)
      return
    }
    sendAnswer(exchange, answerFailure(gateAnswer.failure, { accept: exchange.headers.get('accept') }))
    onRefused(exchange, gateAnswer.failure, gateAnswer.setting)
  }
}
