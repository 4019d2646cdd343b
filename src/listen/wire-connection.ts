import type { Socket } from 'node:net'
import { answerFailure, type Failure } from '../http/answer.ts'
import { ClientGone, type ResponseHead, type Tunnel, type Upgrade } from '../http/exchange.ts'
import { SocketTunnel } from '../http/socket-tunnel.ts'
import { valueOf } from '../wire/head-fields.ts'
import { wireLimits } from '../wire/limits.ts'
import { INCOMPLETE, REFUSED, type Refusal } from '../wire/refusal.ts'
import type { RequestHead } from '../wire/request-head.ts'
import { ClientOutput } from './client-output.ts'
import type { OpenConnection } from './connections.ts'
import type { DateField } from './date-field.ts'
import type { FrontEvents, FrontLimits } from './front.ts'
import { HeldBytes } from './held-bytes.ts'
import { renderHead, renderRawAnswer } from './raw-answer.ts'
import { resolveRequest } from './resolve-request.ts'
import type { SharedHead } from './shared-head.ts'
import { Silence } from './silence.ts'
import { type BodyConnection, WireBody } from './wire-body.ts'
import type { WireClient } from './wire-client.ts'
import { WireExchange } from './wire-exchange.ts'
import { type ReplyConnection, WireReply } from './wire-reply.ts'

/** What the connections of a front share. */
export interface ConnectionContext {
  readonly limits: FrontLimits
  readonly events: FrontEvents
  readonly date: DateField
  readonly shared: SharedHead
  /** Exact. */
  readonly now: () => number
  /** As of the last sweep. */
  readonly recently: () => number
  readonly onClosed: (connection: WireConnection) => void
}

/** What the next bytes from the client are. */
const HEAD = 0
const BODY = 1
/** Of a request that is not looked at before the one under way has been answered. */
const NEXT = 2
const TUNNEL = 3
/** Nothing any more: they are read and thrown away. */
const ENDED = 4

/** Milliseconds for which an ended connection is still read, so that the last answer is not lost in a reset (RFC 9112 9.6). */
const LINGER = 2_000

/**
 * One client's connection, reading HTTP/1.1 from its socket (plain or TLS). Life: from accept to the socket's close; owned
 * by the front's Connections.
 * Invariants: one exchange is under way at most; it is over when its reply and its body are complete, and only then is the
 * next head read; once #last is set no further head is read.
 */
export class WireConnection implements OpenConnection, BodyConnection, ReplyConnection {
  readonly held = new HeldBytes()
  readonly output: ClientOutput
  readonly #socket: Socket
  readonly #client: WireClient
  readonly #context: ConnectionContext
  readonly #silence: Silence
  #reads = HEAD
  #exchange: WireExchange | undefined
  #reply: WireReply | undefined
  /** A head that comes in pieces has a reader of its own. */
  #partial: RequestHead | undefined
  #last = false
  #draining = false
  #pumping = false
  #paused = false
  #owesContinue = false
  #endedAt = 0

  constructor(socket: Socket, client: WireClient, context: ConnectionContext) {
    this.#socket = socket
    this.#client = client
    this.#context = context
    this.output = new ClientOutput(socket)
    this.#silence = new Silence(socket, context.limits, context.now())
    socket.on('data', this.#onData)
    socket.on('drain', () => this.#reply?.drained())
    socket.on('end', () => {
      this.#onEnd()
    })
    // Whatever happens to the socket, `close` follows and says all that matters.
    socket.on('error', ignore)
    socket.on('close', () => {
      this.#onClose()
    })
  }

  get idle(): boolean {
    return this.#reads === HEAD && this.held.length === 0
  }

  get ending(): boolean {
    return this.#last || this.#draining
  }

  get date(): DateField {
    return this.#context.date
  }

  drain(): void {
    this.#draining = true
  }

  destroy(): void {
    this.#socket.destroy()
  }

  sendContinue(): void {
    if (!this.#owesContinue || this.#reply?.started === true) return
    this.#owesContinue = false
    this.output.writeText('HTTP/1.1 100 Continue\r\n\r\n')
  }

  endAfterReply(): void {
    this.#last = true
  }

  replied(): void {
    this.#pump()
  }

  bodyMoved(): void {
    this.#pump()
  }

  sweep(now: number): void {
    switch (this.#reads) {
      case TUNNEL:
        return
      case ENDED:
        if (now - this.#endedAt > LINGER) this.#socket.destroy()
        return
      case HEAD: {
        const overdue = this.#silence.overdueAtRest(now)
        if (overdue === 'head') this.#refuse({ kind: 'head-too-slow' })
        else if (overdue === 'idle') this.#socket.destroy()
        return
      }
    }
    this.#exchange?.wireBody?.sweep(now, this.#context.limits)
    this.#pump()
    if (this.#silence.clientDoesNotRead(now)) this.output.reset()
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#reads === ENDED) return
    if (this.held.append(chunk)) this.#partial?.begin(this.held.start)
    this.#pump()
  }

  /** Uses what is held as far as it goes. Whoever is called by it may call it again. */
  #pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    do {
      while (this.#step());
    } while (this.#settle())
    this.#pumping = false
    const full = this.held.length >= wireLimits.pipelinedBytes || this.#exchange?.wireBody?.holdsBack === true
    this.#pause(full && (this.#reads === BODY || this.#reads === NEXT))
  }

  /** One use of held bytes; false when there is nothing to do but wait. */
  #step(): boolean {
    if (this.#reads === HEAD) return this.held.length > 0 && this.#readHead()
    const body = this.#exchange?.wireBody
    if (this.#reads !== BODY || body === undefined) return false
    if (!body.complete) return this.held.length > 0 && body.take(this.held)
    this.#reads = NEXT
    return false
  }

  /** Ends the exchange if it is over; true when another head may be read now. */
  #settle(): boolean {
    if (this.#reply?.complete !== true) return false
    const body = this.#exchange?.wireBody
    if (body !== undefined && !body.complete && !this.#last) {
      if (body.canBeReadAway) {
        body.destroy()
        return false
      }
      this.#last = true
    }
    this.#exchange = undefined
    this.#reply = undefined
    if (this.ending) {
      this.#end()
      return false
    }
    this.#reads = HEAD
    this.#silence.rest(this.#context.recently())
    return this.held.length > 0
  }

  #readHead(): boolean {
    const { shared } = this.#context
    const { held } = this
    let head = this.#partial
    if (head === undefined) {
      head = shared.borrow()
      head.begin(held.start)
    }
    const after = head.read(held.bytes, held.end)
    if (after === INCOMPLETE) {
      this.#partial ??= shared.giveAway()
      return false
    }
    if (this.#partial !== undefined) {
      shared.takeBack(this.#partial)
      this.#partial = undefined
    }
    if (after === REFUSED) {
      this.#refuse(failureOf(head.refusal))
      return false
    }
    held.use(after)
    this.#begin(head)
    return true
  }

  #begin(head: RequestHead): void {
    const { shared, events, now } = this.#context
    const request = resolveRequest(head, this.#client)
    if (!request.ok) {
      this.#refuse(request.failure)
      return
    }
    // What comes behind a handshake is not for us, whatever the answer is.
    if (!head.keepsAlive || head.asksWebSocket) this.#last = true
    this.#owesContinue = head.expectsContinue
    const body = head.hasBody ? new WireBody(this, head) : undefined
    const reply = new WireReply(this, request.value.method, head.line.minor === 1, body)
    const upgrade = head.asksWebSocket ? this.#offerUpgrade(head, reply) : undefined
    const exchange = new WireExchange(shared, request.value, this.#client, now(), body, reply, upgrade)
    this.#exchange = exchange
    this.#reply = reply
    this.#reads = body === undefined ? NEXT : BODY
    events.onExchange(exchange)
  }

  #offerUpgrade(head: RequestHead, reply: WireReply): Upgrade {
    const protocol = valueOf(head.bytes, head.fields, head.upgradeLine)
    return { protocol, accept: (answer) => this.#becomeTunnel(answer, protocol, reply) }
  }

  /** What came behind the request has waited for this moment, and comes first out of the tunnel. */
  #becomeTunnel(answer: ResponseHead, protocol: string, reply: WireReply): Tunnel {
    reply.becameTunnel()
    this.#reads = TUNNEL
    this.#socket.off('data', this.#onData)
    this.#socket.pause()
    const { bytes, start, end } = this.held
    const early = bytes.subarray(start, end)
    this.held.clear()
    const fields = ['Connection', 'Upgrade', 'Upgrade', protocol, ...answer.headers]
    this.output.writeText(renderHead(101, answer.reason, fields))
    return new SocketTunnel(this.#socket, early)
  }

  /** Answers what never became a request, and ends the connection. */
  #refuse(failure: Failure): void {
    const answer = answerFailure(failure)
    this.#socket.write(renderRawAnswer(answer))
    this.#context.events.onRefusal({
      status: answer.status,
      reason: failure.kind,
      remoteAddress: this.#client.remoteAddress,
    })
    this.#end()
  }

  /** Sends what there is and our end, then waits a moment for the client's. */
  #end(): void {
    this.#reads = ENDED
    this.#endedAt = this.#context.recently()
    this.#last = true
    this.#partial = undefined
    this.held.clear()
    this.#socket.end()
    this.#pause(false)
  }

  #pause(pause: boolean): void {
    if (pause === this.#paused) return
    this.#paused = pause
    if (pause) this.#socket.pause()
    else this.#socket.resume()
  }

  #onEnd(): void {
    if (this.#reads === TUNNEL) return
    // A client that half-closes cannot be told from one that has left; its request is given up at once.
    if (this.#reply !== undefined) this.#socket.destroy()
    else this.#socket.end()
  }

  #onClose(): void {
    const body = this.#exchange?.wireBody
    // The reply first: whoever waits for the client learns that it has gone before the body fails on its account.
    this.#reply?.connectionEnded()
    body?.fail(new ClientGone())
    this.#context.onClosed(this)
  }
}

function failureOf(refusal: Refusal | undefined): Failure {
  if (refusal === undefined || refusal.kind === 'bad-request') return { kind: 'bad-request', why: refusal?.why ?? '' }
  return { kind: refusal.kind }
}

function ignore(): void {
  // Said by `close`.
}
