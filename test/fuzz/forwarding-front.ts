import { once } from 'node:events'
import type { Socket } from 'node:net'
import { RequestText } from '../../src/forward/http1/request-text.ts'
import type { Exchange } from '../../src/http/exchange.ts'
import { ConnectionFacts } from '../../src/listen/connection-facts.ts'
import { openHttp1Protocol } from '../../src/listen/http1/protocol.ts'
import { frontLimits } from '../../src/listen/limits.ts'
import type { Protocol } from '../../src/listen/protocol.ts'
import type { RawExchange } from '../../src/http1/passthrough.ts'
import { HandClock } from '../support/hand-clock.ts'
import { ClientPipe } from './client-pipe.ts'

/** What would go to the application for one exchange: the head, and the body with its framing. */
export interface Forwarded {
  readonly exchange: Exchange
  readonly head: string
  body: string
  /** How the body ended, once it has. */
  ended: 'whole' | 'broken' | undefined
}

/** The connections of the wire front, and behind them what makes bytes for the application. Every answer comes at once. */
export class ForwardingFront {
  readonly #protocol: Protocol
  readonly #text: RequestText
  #seen: Forwarded[] = []

  constructor(token: string) {
    this.#text = new RequestText(token)
    const events = {
      onExchange: (exchange: Exchange) => {
        this.#forward(exchange)
      },
      onRefusal: () => undefined,
    }
    this.#protocol = openHttp1Protocol(new HandClock())(events, frontLimits)
  }

  /** What goes to the application when these pieces, and then the end, come on one connection. */
  async receive(pieces: readonly Buffer[]): Promise<readonly Forwarded[]> {
    this.#seen = []
    const pipe = new ClientPipe()
    const closed = once(pipe, 'close')
    const socket = pipe as unknown as Socket
    this.#protocol.accept(socket, new ConnectionFacts(socket, { scheme: 'http', address: undefined, port: 80 }))
    for (const piece of pieces) pipe.push(piece)
    pipe.push(null)
    await closed
    return this.#seen
  }

  /** Takes an exchange as the forwarder does, and answers it when its body has ended. */
  #forward(exchange: Exchange): void {
    const wire = exchange.raw as RawExchange
    const forwarded: Forwarded = { exchange, head: this.#text.of(exchange, wire), body: '', ended: undefined }
    this.#seen.push(forwarded)
    const end = (how: 'whole' | 'broken'): void => {
      forwarded.ended = how
      if (!exchange.reply.gone) exchange.reply.answer(how === 'whole' ? ok : bad)
    }
    const { rawBody } = wire
    if (rawBody === undefined) {
      end('whole')
      return
    }
    forwarded.body = rawBody.takeEarly(8_192)
    if (rawBody.complete) {
      end('whole')
      return
    }
    rawBody.intoFramed({
      write(chunk) {
        forwarded.body += Buffer.from(chunk).toString('latin1')
        return true
      },
      end() {
        end('whole')
      },
      fail() {
        end('broken')
      },
    })
  }
}

const ok = { status: 200, substatus: 0, reason: 'OK', headers: [], body: 'ok', close: false }
const bad = { status: 400, substatus: 0, reason: 'Bad Request', headers: [], body: '', close: true }
