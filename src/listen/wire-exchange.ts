import type { Exchange, Reply, Upgrade } from '../http/exchange.ts'
import { HeadFields } from '../wire/head-fields.ts'
import type { RequestHead } from '../wire/request-head.ts'
import type { WireExchange as WireExchangeSeam, WireReply as WireReplySeam } from '../wire/seam.ts'
import { nextExchangeId } from './exchange-id.ts'
import type { ResolvedRequest } from './resolve-request.ts'
import type { SharedHead } from './shared-head.ts'
import type { WireBody } from './wire-body.ts'
import type { WireClient } from './wire-client.ts'

/** One request that was read as bytes, and stays bytes until somebody asks for text. */
export class WireExchange implements Exchange, WireExchangeSeam {
  readonly id = nextExchangeId()
  readonly receivedAt: number
  readonly client: WireClient
  readonly httpVersion: '1.0' | '1.1'
  readonly method: string
  readonly target: string
  readonly path: string
  readonly host: string
  readonly resolvedTarget: string | undefined
  readonly resolvedHost: string | undefined
  readonly wireBody: WireBody | undefined
  readonly upgrade: Upgrade | undefined
  readonly reply: Reply & WireReplySeam
  readonly #shared: SharedHead
  readonly #bytes: Buffer
  readonly #from: number
  readonly #to: number
  #headers: HeadFields | undefined

  /** The head is the one that `shared` holds just now. */
  constructor(
    shared: SharedHead,
    request: ResolvedRequest,
    client: WireClient,
    receivedAt: number,
    body: WireBody | undefined,
    reply: Reply & WireReplySeam,
    upgrade: Upgrade | undefined,
  ) {
    const { head } = shared
    this.#shared = shared
    this.#bytes = head.bytes
    this.#from = head.start
    this.#to = head.fields.end + 2
    shared.owner = this
    this.receivedAt = receivedAt
    this.client = client
    this.httpVersion = head.line.minor === 1 ? '1.1' : '1.0'
    this.method = request.method
    this.target = request.target
    this.path = request.path
    this.host = request.host
    this.resolvedTarget = request.isTargetAsWritten ? undefined : request.target
    this.resolvedHost = request.isHostAsWritten ? undefined : request.host
    this.wireBody = body
    this.reply = reply
    this.upgrade = upgrade
  }

  get connection(): WireClient {
    return this.client
  }

  get body(): WireBody | undefined {
    return this.wireBody
  }

  get wire(): WireExchangeSeam {
    return this
  }

  get wireReply(): WireReplySeam {
    return this.reply
  }

  get headers(): HeadFields {
    this.#headers ??= new HeadFields(() => this.head)
    return this.#headers
  }

  get head(): RequestHead {
    if (this.#shared.owner !== this) this.#shared.readAgain(this, this.#bytes, this.#from, this.#to)
    return this.#shared.head
  }
}
