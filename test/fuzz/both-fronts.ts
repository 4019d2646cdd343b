import { once } from 'node:events'
import type { Socket } from 'node:net'
import { requestHeaders } from '../../src/forward/request-headers.ts'
import { passingTrailers } from '../../src/forward/trailer-fields.ts'
import type { Exchange } from '../../src/http/exchange.ts'
import { ConnectionFacts } from '../../src/listen/connection-facts.ts'
import { openHttp1Protocol } from '../../src/listen/http1/protocol.ts'
import { frontLimits } from '../../src/listen/limits.ts'
import { openNodeProtocol } from '../../src/listen/node/protocol.ts'
import type { OpenProtocol, Protocol } from '../../src/listen/protocol.ts'
import { HandClock } from '../support/hand-clock.ts'
import { ClientPipe } from './client-pipe.ts'

/** One request as the application would see it. */
export interface SeenRequest {
  readonly method: string
  readonly target: string
  readonly path: string
  readonly host: string
  readonly version: string
  readonly upgrade: string | undefined
  /** Flat, as they are forwarded. */
  readonly fields: readonly string[]
  body: string
  trailers: readonly string[]
  /** How the body ended, once it has. */
  ended: 'whole' | 'broken' | undefined
}

/** What became of the bytes that came on one connection. */
export interface Outcome {
  readonly seen: readonly SeenRequest[]
  /** The statuses of all final answers. */
  readonly statuses: readonly number[]
  /** How many times the front said 100. */
  readonly continues: number
  /** The front has ended the connection, though the client had not. */
  readonly ends: boolean
}

/** Turns of the event loop without anything new after which nothing is to come: there is no network. */
const QUIET = 8

const TOKEN = '11111111-2222-4333-8444-555555555555'

/** A protocol that takes its clients from the test, and answers every request as soon as its body has ended. */
export class TriedFront {
  readonly #protocol: Protocol
  #seen: SeenRequest[] = []
  #moved = 0

  constructor(openProtocol: OpenProtocol) {
    const onExchange = (exchange: Exchange): void => {
      this.#take(exchange)
    }
    this.#protocol = openProtocol({ onExchange, onRefusal: () => undefined }, frontLimits)
  }

  /** What becomes of these bytes, up to where nothing moves any more; then the client leaves. */
  async receive(bytes: Buffer): Promise<Outcome> {
    this.#seen = []
    const pipe = new ClientPipe()
    const closed = once(pipe, 'close')
    const socket = pipe as unknown as Socket
    this.#protocol.accept(socket, new ConnectionFacts(socket, { scheme: 'http', address: undefined, port: 80 }))
    pipe.push(bytes)
    let moved = -1
    for (let quiet = 0; quiet < QUIET; quiet++) {
      await new Promise((resolve) => setImmediate(resolve))
      const now = this.#moved + pipe.answered.length
      if (now !== moved) quiet = 0
      moved = now
    }
    const ends = pipe.writableEnded || pipe.destroyed
    const all = Array.from(pipe.answered.matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, status]) => Number(status))
    const statuses = all.filter((status) => status !== 100)
    const continues = all.length - statuses.length
    const seen = this.#seen.map((each) => ({ ...each }))
    pipe.destroy()
    await closed
    return { seen, statuses, continues, ends }
  }

  #take(exchange: Exchange): void {
    const { method, target, path, host, httpVersion, upgrade, body, reply } = exchange
    const seen: SeenRequest = {
      method,
      target,
      path,
      host,
      version: httpVersion,
      upgrade: upgrade?.protocol,
      fields: requestHeaders(exchange, TOKEN),
      body: '',
      trailers: [],
      ended: undefined,
    }
    this.#seen.push(seen)
    const end = (how: 'whole' | 'broken'): void => {
      this.#moved++
      seen.ended = how
      if (!reply.gone) reply.answer(how === 'whole' ? OK : BROKEN)
    }
    this.#moved++
    if (body === undefined) {
      end('whole')
      return
    }
    body.into({
      write: (chunk) => {
        this.#moved++
        seen.body += Buffer.from(chunk).toString('latin1')
        return true
      },
      end: (trailers) => {
        seen.trailers = passingTrailers(trailers) ?? []
        end('whole')
      },
      fail: () => {
        end('broken')
      },
      onDrain: () => undefined,
    })
  }
}

const OK = { status: 200, substatus: 0, reason: 'OK', headers: [], body: 'ok', close: false }
const BROKEN = { status: 418, substatus: 0, reason: 'Broken', headers: [], body: '', close: true }

export function wireFront(): TriedFront {
  return new TriedFront(openHttp1Protocol(new HandClock()))
}

export function nodeFront(): TriedFront {
  return new TriedFront(openNodeProtocol(new HandClock()))
}
