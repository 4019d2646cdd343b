import type { Answer } from '../../../http/answer.ts'
import { ReplyView } from '../../../http/exchange-view.ts'
import type { ByteSink, Reply, ResponseHead } from '../../../http/exchange.ts'

/**
 * The reply of an exchange that has passed: a 401 of the application, or of a rule for users, asks for credentials,
 * unless it does so itself. Life: that of the exchange.
 */
export class ChallengeReply extends ReplyView {
  readonly #challenges: readonly string[]

  /** @param challenges a flat list name, value, … */
  constructor(behind: Reply, challenges: readonly string[]) {
    super(behind)
    this.#challenges = challenges
  }

  override begin(head: ResponseHead): ByteSink {
    return super.begin(this.#lacksChallenge(head) ? this.#withChallenges(head) : head)
  }

  override answer(answer: Answer): void {
    super.answer(this.#lacksChallenge(answer) ? this.#withChallenges(answer) : answer)
  }

  #lacksChallenge({ status, headers }: Pick<ResponseHead, 'status' | 'headers'>): boolean {
    if (status !== 401) return false
    return !headers.some((name, i) => i % 2 === 0 && name.toLowerCase() === 'www-authenticate')
  }

  #withChallenges<T extends Pick<ResponseHead, 'headers'>>(head: T): T {
    return { ...head, headers: [...head.headers, ...this.#challenges] }
  }
}
