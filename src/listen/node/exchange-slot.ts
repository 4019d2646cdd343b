import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerFailure } from '../../http/answer.ts'
import { BodyMalformed, ClientGone, type Exchange, type Upgrade } from '../../http/exchange.ts'
import { RawHeaders } from '../../http/headers.ts'
import type { ClientConnection } from './client-connection.ts'
import type { RequestSlot } from './request-slot.ts'
import type { Clock } from '../../platform/clock.ts'
import { localAuthority } from '../connection-facts.ts'
import { nextExchangeId } from '../exchange-id.ts'
import type { FrontLimits } from '../limits.ts'
import type { FrontEvents } from '../protocol.ts'
import { NodeBody } from './request-body.ts'
import { NodeReply } from './reply.ts'
import { type CheckedRequest, checkRequest, type CheckedHead } from '../request-check.ts'

/** What all requests of one front share. */
export interface SlotContext {
  readonly events: FrontEvents
  readonly limits: FrontLimits
  readonly clock: Clock
}

/** Returns the upgrade that a request asks for; undefined if the request is an ordinary one. */
export type OfferUpgrade = (checked: CheckedRequest, reply: NodeReply) => Upgrade | undefined

/**
 * One request over node's IncomingMessage and ServerResponse. It checks the request and passes it on as an Exchange, or
 * refuses it. Life: from the end of the request's head to the last byte of its response, or to the end of its
 * connection, which owns it.
 */
export class ExchangeSlot implements RequestSlot {
  readonly #req: IncomingMessage
  readonly #res: ServerResponse
  readonly #connection: ClientConnection
  readonly #context: SlotContext
  readonly #offerUpgrade: OfferUpgrade | undefined
  readonly #receivedAt: number
  #broken: Error | undefined
  #body: NodeBody | undefined
  #reply: NodeReply | undefined

  constructor(
    req: IncomingMessage,
    res: ServerResponse,
    connection: ClientConnection,
    context: SlotContext,
    offerUpgrade?: OfferUpgrade,
  ) {
    this.#req = req
    this.#res = res
    this.#connection = connection
    this.#context = context
    this.#offerUpgrade = offerUpgrade
    this.#receivedAt = context.clock.now()
    res.once('finish', () => {
      connection.finishRequest()
    })
  }

  begin(): void {
    const { events, limits } = this.#context
    const connection = this.#connection
    const checked = checkRequest(headOf(this.#req), localAuthority(connection.facts), limits)
    const headers = new RawHeaders(this.#req.rawHeaders)
    if (!checked.ok) {
      const answer = answerFailure(checked.failure, { accept: headers.get('accept') })
      const { remoteAddress } = connection.facts
      events.onRefusal({ status: answer.status, failure: checked.failure, remoteAddress })
      this.#reply = new NodeReply(this.#res, connection, undefined)
      this.#reply.answer(answer)
      return
    }

    const { httpVersion, target, path, host, body, expectsContinue } = checked.value
    if (body === undefined) {
      // Without a body the client does not wait for a 100, but node ends the connection if none was sent.
      if (expectsContinue) this.#res.writeContinue()
    } else {
      const onWanted = expectsContinue ? this.#sendContinue : undefined
      this.#body = new NodeBody(this.#req, body === 'chunked' ? undefined : body, onWanted)
      if (this.#broken !== undefined) this.#body.fail(this.#broken)
    }
    const reply = new NodeReply(this.#res, connection, this.#body)
    this.#reply = reply
    const exchange: Exchange = {
      id: nextExchangeId(),
      receivedAt: this.#receivedAt,
      connection: connection.facts,
      httpVersion,
      method: this.#req.method ?? '',
      target,
      path,
      host,
      headers,
      body: this.#body,
      upgrade: this.#offerUpgrade?.(checked.value, reply),
      reply,
      native: { req: this.#req, res: this.#res },
    }
    events.onExchange(exchange)
  }

  get answered(): boolean {
    return this.#reply?.ended === true
  }

  breakBody(cause: Error): boolean {
    if (this.#req.complete) return false
    this.#broken = new BodyMalformed(cause)
    this.#body?.fail(this.#broken)
    return true
  }

  drained(): void {
    this.#reply?.drained()
  }

  connectionEnded(): void {
    // The reply is told first, so that the forwarder learns that the client has gone, not just that its body failed.
    this.#reply?.connectionEnded()
    this.#body?.fail(new ClientGone())
  }

  sweep(now: number): void {
    this.#body?.sweep(now, this.#context.limits)
  }

  readonly #sendContinue = (): void => {
    if (this.#reply?.started === false) this.#res.writeContinue()
  }
}

export function headOf(req: IncomingMessage): CheckedHead {
  return { method: req.method ?? '', target: req.url ?? '', version: req.httpVersion, fields: req.rawHeaders }
}
