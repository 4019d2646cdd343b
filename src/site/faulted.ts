import { type Problem, problemLine } from '../config/problems.ts'
import { answerFailure } from '../http/answer.ts'
import type { Exchange } from '../http/exchange.ts'
import { sendAnswer } from '../http/request-record.ts'
import type { OnRefused, Presence } from './presence.ts'

/**
 * The presence of an application whose configuration cannot be used: it answers 500.19 to every request until the file
 * is corrected. Its page names the problems only to a client that may see details. Owns nothing.
 */
export class Faulted implements Presence {
  readonly name = 'faulted'
  readonly #details: readonly string[]
  readonly #place: string | undefined
  readonly #mayShowDetails: (exchange: Exchange) => boolean
  readonly #onRefused: OnRefused

  constructor(problems: readonly Problem[], mayShowDetails: (exchange: Exchange) => boolean, onRefused: OnRefused) {
    this.#details = problems.map(problemLine)
    this.#place = problems[0]?.file
    this.#mayShowDetails = mayShowDetails
    this.#onRefused = onRefused
  }

  /** As `ancmd check` prints them. */
  get problems(): readonly string[] {
    return this.#details
  }

  serve(exchange: Exchange): undefined {
    const details = this.#mayShowDetails(exchange) ? this.#details : undefined
    const failure = { kind: 'configuration-invalid' } as const
    sendAnswer(exchange, answerFailure(failure, { accept: exchange.headers.get('accept'), details }))
    this.#onRefused(exchange, failure, this.#place)
  }

  retire(): Promise<void> {
    return Promise.resolve()
  }

  destroy(): void {
    // There is nothing to end.
  }
}
