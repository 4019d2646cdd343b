import type { Answer } from '../../../http/answer.ts'
import { ReplyView } from '../../../http/exchange-view.ts'
import type { ByteSink, Reply, ResponseHead } from '../../../http/exchange.ts'

/** Fields that the module alone sets on a response. */
const owned = /^access-control-(?:allow-origin|allow-credentials|expose-headers)$/

/** The reply of an exchange under `<cors>`: its response says which origin may read it. */
export class CorsReply extends ReplyView {
  readonly #fields: readonly string[]
  readonly #varies: boolean

  /** @param fields flat; empty: no other origin may read the response, unless the application says so */
  constructor(behind: Reply, fields: readonly string[], varies: boolean) {
    super(behind)
    this.#fields = fields
    this.#varies = varies
  }

  override begin(head: ResponseHead): ByteSink {
    return super.begin({ ...head, headers: this.#with(head.headers) })
  }

  override answer(answer: Answer): void {
    super.answer({ ...answer, headers: this.#with(answer.headers) })
  }

  #with(flat: readonly string[]): readonly string[] {
    const headers: string[] = []
    let varies = this.#varies
    for (let i = 0; i < flat.length; i += 2) {
      const name = flat[i] as string
      const value = flat[i + 1] as string
      const lower = name.toLowerCase()
      if (this.#fields.length > 0 && owned.test(lower)) continue
      if (lower === 'vary' && /(?:^|[,\s])(?:origin|\*)(?:$|[,\s])/i.test(value)) varies = false
      headers.push(name, value)
    }
    headers.push(...this.#fields)
    if (varies) headers.push('Vary', 'Origin')
    return headers
  }
}
