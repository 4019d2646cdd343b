import type { Answer } from '../../../http/answer.ts'
import { ReplyView } from '../../../http/exchange-view.ts'
import type { ByteSink, Reply, ResponseHead } from '../../../http/exchange.ts'

/** The reply of an exchange under `allowKeepAlive="false"`: its connection ends with it. HTTP/2 takes no notice of it. */
export class ClosingReply extends ReplyView {
  override begin(head: ResponseHead): ByteSink {
    return super.begin({ ...head, headers: [...head.headers, 'Connection', 'close'] })
  }

  override answer(answer: Answer): void {
    super.answer({ ...answer, close: true })
  }
}

/** A reply whose redirects by a module have these fields, a flat list name, value, … */
class RedirectReply extends ReplyView {
  readonly #fields: readonly string[]

  constructor(behind: Reply, fields: readonly string[]) {
    super(behind)
    this.#fields = fields
  }

  override answer(answer: Answer): void {
    const isRedirect = answer.status >= 300 && answer.status < 400
    super.answer(isRedirect ? { ...answer, headers: [...answer.headers, ...this.#fields] } : answer)
  }
}

export function createRedirectReply(fields: readonly string[]): (behind: Reply) => Reply {
  return (behind) => new RedirectReply(behind, fields)
}
