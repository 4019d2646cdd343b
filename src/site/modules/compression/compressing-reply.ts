import { preferredCoding } from '../../../http/accept.ts'
import { ReplyView } from '../../../http/exchange-view.ts'
import type { ByteSink, Exchange, Reply, ResponseHead } from '../../../http/exchange.ts'
import type { Hold } from '../module.ts'
import { CompressedBody } from './compressed-body.ts'
import { codedHead, couldBeCoded, type TypeTable } from './coded-head.ts'
import type { MakeEncoder } from './encoder.ts'
import { withWeakTag } from './plain-tags.ts'
import type { CodingName } from './settings.ts'

/** How one kind of responses is compressed; files and what an application makes have different ones. */
export interface Compression {
  readonly types: TypeTable
  /** In the order in which they are offered. */
  readonly names: readonly CodingName[]
  readonly encoders: ReadonlyMap<CodingName, MakeEncoder>
}

/** What holds for every response of one application. */
export interface CompressionRules {
  /** Undefined: not compressed. */
  readonly dynamic: Compression | undefined
  readonly static: Compression | undefined
  readonly minBytes: number
  /** Takes one of the places for responses that are compressed at the same time; false: there is none. */
  readonly take: () => boolean
  /** Gives the place back. */
  readonly giveBack: () => void
}

/** The reply of an exchange whose response may be compressed. Life: that of the wrapped reply. */
export class CompressingReply extends ReplyView {
  readonly #exchange: Exchange
  readonly #rules: CompressionRules
  readonly #mayCode: boolean
  readonly #hold: Hold
  #body: CompressedBody | undefined
  #onGone: (() => void) | undefined

  /** @param mayCode false: the response stays as it is, because of what kind of request it is for */
  constructor(behind: Reply, exchange: Exchange, rules: CompressionRules, mayCode: boolean, hold: Hold) {
    super(behind)
    this.#exchange = exchange
    this.#rules = rules
    this.#mayCode = mayCode
    this.#hold = hold
  }

  override begin(given: ResponseHead): ByteSink {
    const compression = given.isStatic === true ? this.#rules.static : this.#rules.dynamic
    if (compression === undefined) return super.begin(given)
    const head = withWeakTag(given, this.#exchange.headers.get('if-none-match'))
    const could = couldBeCoded(head, compression.types, this.#rules.minBytes)
    if (could === 'never') return super.begin(head)
    const coding =
      could === 'now' && this.#mayCode
        ? preferredCoding(this.#exchange.headers.get('accept-encoding'), compression.names)
        : undefined
    if (coding === undefined || !this.#rules.take()) return super.begin(codedHead(head, undefined))
    return this.#compress(head, coding, compression)
  }

  override onGone(listener: () => void): void {
    this.#onGone = listener
    super.onGone(() => {
      this.#clientGone()
    })
  }

  override abort(code?: number): void {
    this.#body?.stop()
    super.abort(code)
  }

  #compress(head: ResponseHead, coding: CodingName, { encoders }: Compression): ByteSink {
    const makeEncoder = encoders.get(coding)
    if (makeEncoder === undefined) throw new Error(`${coding} was not offered`)
    let settle: (() => void) | undefined
    this.#hold(
      new Promise((resolve) => {
        settle = resolve
      }),
    )
    const sink = super.begin(codedHead(head, coding))
    const body = new CompressedBody(makeEncoder, sink, () => {
      this.#rules.giveBack()
      settle?.()
    })
    this.#body = body
    super.onGone(() => {
      this.#clientGone()
    })
    if (this.gone) body.stop()
    return body
  }

  #clientGone(): void {
    this.#body?.stop()
    this.#onGone?.()
  }
}
