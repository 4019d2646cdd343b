import type { IncomingMessage, ServerResponse } from 'node:http'
import { ok, type Result } from '../platform/result.ts'
import type { Answer } from './answer.ts'
import type { ByteSink, Connection, Exchange, Reply, RequestBody, ResponseHead, Upgrade } from './exchange.ts'
import type { Headers } from './headers.ts'
import type { RequestRecord } from './request-record.ts'
import type { ResponseFields } from './response-fields.ts'
import { readTarget, type TargetFault } from './target.ts'
import type { KnownUser } from './known-user.ts'

/** The properties that a view changes. */
export interface ExchangeChanges {
  /** Changed together with `path`: see withTarget(). */
  readonly target?: string
  readonly path?: string
  /** What the client asked for, where `target` is changed. */
  readonly originalTarget?: string
  readonly isMoved?: true
  readonly headers?: Headers
  readonly reply?: Reply
  readonly connection?: Connection
  readonly user?: KnownUser
  /** True: nobody is told who the user is. */
  readonly withoutUser?: true
  /** True: it is a GET without a body, whatever the client has sent. */
  readonly asGet?: true
  /** True: the request asks for no upgrade any more. */
  readonly withoutUpgrade?: true
}

/**
 * An exchange with some properties changed, for the modules that run later; the wrapped exchange stays unchanged. It
 * has no `raw` property, because the bytes that were read are those before the change, and must not be forwarded. Life:
 * that of the wrapped exchange.
 */
export class ExchangeView implements Exchange {
  readonly native?: { readonly req: IncomingMessage; readonly res: ServerResponse }
  readonly reply: Reply
  readonly #behind: Exchange
  readonly #changes: ExchangeChanges

  constructor(behind: Exchange, changes: ExchangeChanges) {
    this.#behind = behind
    this.#changes = changes
    this.reply = changes.reply ?? behind.reply
    if (behind.native !== undefined && changes.asGet !== true) this.native = behind.native
  }

  get target(): string {
    return this.#changes.target ?? this.#behind.target
  }

  get originalTarget(): string | undefined {
    return this.#behind.originalTarget ?? this.#changes.originalTarget
  }

  get isMoved(): boolean {
    return this.#changes.isMoved ?? this.#behind.isMoved ?? false
  }

  get path(): string {
    return this.#changes.path ?? this.#behind.path
  }

  get headers(): Headers {
    return this.#changes.headers ?? this.#behind.headers
  }

  get id(): number {
    return this.#behind.id
  }

  get receivedAt(): number {
    return this.#behind.receivedAt
  }

  get connection(): Connection {
    return this.#changes.connection ?? this.#behind.connection
  }

  get httpVersion(): Exchange['httpVersion'] {
    return this.#behind.httpVersion
  }

  get method(): string {
    return this.#changes.asGet === true ? 'GET' : this.#behind.method
  }

  get host(): string {
    return this.#behind.host
  }

  get body(): RequestBody | undefined {
    return this.#changes.asGet === true ? undefined : this.#behind.body
  }

  get user(): KnownUser | undefined {
    return this.#changes.withoutUser === true ? undefined : (this.#changes.user ?? this.#behind.user)
  }

  get upgrade(): Upgrade | undefined {
    const { withoutUpgrade, asGet } = this.#changes
    return withoutUpgrade === true || asGet === true ? undefined : this.#behind.upgrade
  }
}

/** The exchange with another target, in origin form, and its decoded path; read as strictly as a target of a client. */
export function withTarget(exchange: Exchange, written: string): Result<Exchange, TargetFault> {
  const read = readTarget(exchange.method, written)
  if (!read.ok) return read
  return ok(new ExchangeView(exchange, { target: read.value.target, path: read.value.path }))
}

/** The exchange with another connection. What was read stays the same, so it can still be passed on as bytes. */
export function withConnection(exchange: Exchange, connection: Connection): Exchange {
  return new ConnectionView(exchange, { connection })
}

class ConnectionView extends ExchangeView {
  readonly raw?: object

  constructor(behind: Exchange, changes: Pick<ExchangeChanges, 'connection'>) {
    super(behind, changes)
    if (behind.raw !== undefined) this.raw = behind.raw
  }
}

/**
 * A reply that passes every call to the reply that it wraps; a base class for replies that change some of the calls.
 * Life: that of the wrapped reply.
 */
export class ReplyView implements Reply {
  protected readonly behind: Reply

  constructor(behind: Reply) {
    this.behind = behind
  }

  get started(): boolean {
    return this.behind.started
  }

  get gone(): boolean {
    return this.behind.gone
  }

  get status(): number {
    return this.behind.status
  }

  get bytes(): number {
    return this.behind.bytes
  }

  get responseFields(): ResponseFields | undefined {
    return this.behind.responseFields
  }

  set responseFields(fields: ResponseFields | undefined) {
    this.behind.responseFields = fields
  }

  get record(): RequestRecord | undefined {
    return this.behind.record
  }

  set record(record: RequestRecord | undefined) {
    this.behind.record = record
  }

  inform(head: ResponseHead): void {
    this.behind.inform(head)
  }

  begin(head: ResponseHead): ByteSink {
    return this.behind.begin(head)
  }

  answer(answer: Answer): void {
    this.behind.answer(answer)
  }

  abort(code?: number): void {
    this.behind.abort(code)
  }

  onGone(listener: () => void): void {
    this.behind.onGone(listener)
  }
}
