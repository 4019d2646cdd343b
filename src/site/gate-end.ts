import { answerFailure } from '../http/answer.ts'
import type { ModuleEnds } from './compose-modules.ts'
import type { OnRefused } from './presence.ts'

/** What becomes of an exchange that a gate ends: its answer, and where that is a failure, its line in the log. */
export function gateEnd(onRefused: OnRefused): NonNullable<ModuleEnds['end']> {
  return (exchange, said) => {
    if (exchange.reply.gone) return
    if ('answer' in said) {
      exchange.reply.answer(said.answer)
      return
    }
    exchange.reply.answer(answerFailure(said.failure, { accept: exchange.headers.get('accept') }))
    onRefused(exchange, said.failure, said.setting)
  }
}
