import type { Connection, Exchange, Reply, Upgrade } from '../../http/exchange.ts'
import { HeadFields, valueOf } from '../../http1/head-fields.ts'
import type { RawRequestHead } from '../../http1/request-head.ts'
import type { RawExchange, RawReply } from '../../http1/passthrough.ts'
import { nextExchangeId } from '../exchange-id.ts'
import type { ResolvedRequest } from './resolve-request.ts'
import type { SharedHead } from './shared-head.ts'
import type { Http1RequestBody } from './request-body.ts'
import type { Http1Client } from './client.ts'

/**
 * One request that was read as bytes; text is made from them only when it is asked for. Life: while it is referenced;
 * its body and its reply end with the exchange.
 */
export class Http1Exchange implements Exchange, RawExchange {
  readonly id = nextExchangeId()
  readonly receivedAt: number
  readonly client: Http1Client
  readonly isHttp11: boolean
  readonly body: Http1RequestBody | undefined
  readonly upgrade: Upgrade | undefined
  readonly reply: Reply & RawReply
  readonly #resolved: ResolvedRequest | undefined
  readonly #shared: SharedHead
  #bytes: Buffer | undefined
  #from: number
  #to: number
  readonly #text: string
  #headers: HeadFields | undefined
  #target: string | undefined

  /**
   * The head is the one that `shared` holds now. `resolved` is undefined for a plain request. `isPassing`: the bytes of
   * the head are overwritten after the current read event, so a copy is kept.
   */
  constructor(
    shared: SharedHead,
    resolved: ResolvedRequest | undefined,
    client: Http1Client,
    receivedAt: number,
    body: Http1RequestBody | undefined,
    reply: Reply & RawReply,
    upgrade: Upgrade | undefined,
    isPassing: boolean,
  ) {
    const { head } = shared
    this.#shared = shared
    shared.owner = this
    this.#resolved = resolved
    this.#from = head.start
    this.#to = head.fields.end + 2
    this.#bytes = isPassing ? undefined : head.bytes
    this.#text = isPassing ? head.bytes.toString('latin1', this.#from, this.#to) : ''
    this.isHttp11 = head.line.minor === 1
    this.receivedAt = receivedAt
    this.client = client
    this.body = body
    this.reply = reply
    this.upgrade = upgrade
  }

  get httpVersion(): '1.0' | '1.1' {
    return this.isHttp11 ? '1.1' : '1.0'
  }

  get method(): string {
    if (this.#resolved !== undefined) return this.#resolved.method
    const { bytes, line } = this.head
    return bytes.toString('latin1', line.methodStart, line.methodEnd)
  }

  get target(): string {
    if (this.#resolved !== undefined) return this.#resolved.target
    if (this.#target === undefined) {
      const { bytes, line } = this.head
      this.#target = bytes.toString('latin1', line.targetStart, line.targetEnd)
    }
    return this.#target
  }

  get path(): string {
    if (this.#resolved !== undefined) return this.#resolved.path
    const { target } = this
    const query = target.indexOf('?')
    return query < 0 ? target : target.slice(0, query)
  }

  get host(): string {
    if (this.#resolved !== undefined) return this.#resolved.host
    const { bytes, fields, hostLine } = this.head
    return valueOf(bytes, fields, hostLine)
  }

  get headers(): HeadFields {
    this.#headers ??= new HeadFields(() => this.head)
    return this.#headers
  }

  get raw(): RawExchange {
    return this
  }

  get head(): RawRequestHead {
    if (this.#shared.owner !== this) this.#shared.readAgain(this, this.#keptBytes(), this.#from, this.#to)
    return this.#shared.head
  }

  /** Whether target and host are exactly as the client wrote them, so that the bytes can be forwarded unchanged. */
  get isAsWritten(): boolean {
    return this.#resolved === undefined || (this.#resolved.isTargetAsWritten && this.#resolved.isHostAsWritten)
  }

  get connection(): Connection {
    return this.client.facts
  }

  get rawBody(): Http1RequestBody | undefined {
    return this.body
  }

  get rawReply(): RawReply {
    return this.reply
  }

  #keptBytes(): Buffer {
    if (this.#bytes === undefined) {
      this.#bytes = Buffer.from(this.#text, 'latin1')
      this.#from = 0
      this.#to = this.#bytes.length
    }
    return this.#bytes
  }
}
