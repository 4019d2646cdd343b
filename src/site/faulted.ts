import { type Problem, problemLine } from '../config/problems.ts'
import { answerFailure } from '../http/answer.ts'
import type { Exchange } from '../http/exchange.ts'
import type { Presence } from './presence.ts'

/**
 * The configuration's problems, present in the application's place: 500.19 for every request, until the file is mended. Owns
 * nothing. The page names the problems only to a client that may see details.
 */
export class Faulted implements Presence {
  readonly name = 'faulted'
  readonly #details: readonly string[]
  readonly #mayShowDetails: (exchange: Exchange) => boolean

  constructor(problems: readonly Problem[], mayShowDetails: (exchange: Exchange) => boolean) {
    this.#details = problems.map(problemLine)
    this.#mayShowDetails = mayShowDetails
  }

  serve(exchange: Exchange): undefined {
    const details = this.#mayShowDetails(exchange) ? this.#details : undefined
    exchange.reply.answer(
      answerFailure({ kind: 'configuration-invalid' }, { accept: exchange.headers.get('accept'), details }),
    )
  }

  retire(): Promise<void> {
    return Promise.resolve()
  }

  destroy(): void {
    // Nothing is owned.
  }
}
