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
import { type FrontPipe, openClientPipe } from './client-pipe.ts'
import { openTlsPipe } from './tls-pipe.ts'

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

/**
 * Turns of the event loop without anything new after which nothing is to come: there is no network. Bytes that are
 * encrypted take some turns to pass.
 */
const QUIET = 8
const QUIET_OVER_TLS = 24

const TOKEN = '11111111-2222-4333-8444-555555555555'

/** The same whatever the socket is. */
function factsOf(socket: Socket): ConnectionFacts {
  const end = { remoteAddress: '127.0.0.1', remotePort: 1, localAddress: '127.0.0.1', localPort: 80 }
  return new ConnectionFacts(socket, { scheme: 'http', address: undefined, port: 80 }, { proxied: end })
}

/** A protocol that takes its clients from the test, and answers every request as soon as its body has ended. */
export class TriedFront {
  readonly #protocol: Protocol
  readonly #open: () => FrontPipe | Promise<FrontPipe>
  readonly #quiet: number
  #seen: SeenRequest[] = []
  #moved = 0

  constructor(openProtocol: OpenProtocol, isTls: boolean) {
    this.#open = isTls ? openTlsPipe : openClientPipe
    this.#quiet = isTls ? QUIET_OVER_TLS : QUIET
    const onExchange = (exchange: Exchange): void => {
      this.#take(exchange)
    }
    this.#protocol = openProtocol({ onExchange, onRefusal: () => undefined }, frontLimits)
  }

  /** What becomes of these bytes, sent in these pieces, up to where nothing moves any more; then the client leaves. */
  async receive(...pieces: readonly Buffer[]): Promise<Outcome> {
    this.#seen = []
    const pipe = await this.#open()
    const { socket } = pipe
    this.#protocol.accept(socket, factsOf(socket))
    for (const piece of pieces) pipe.push(piece)
    let moved = -1
    for (let quiet = 0; quiet < this.#quiet; quiet++) {
      await new Promise((resolve) => setImmediate(resolve))
      const now = this.#moved + pipe.answered.length
      if (now !== moved) quiet = 0
      moved = now
    }
    const { ends } = pipe
    const all = Array.from(pipe.answered.matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, status]) => Number(status))
    const statuses = all.filter((status) => status !== 100)
    const continues = all.length - statuses.length
    const seen = this.#seen.map((each) => ({ ...each }))
    await pipe.close()
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

/** `isTls`: the bytes come over TLS. */
export function wireFront(isTls = false): TriedFront {
  return new TriedFront(openHttp1Protocol(new HandClock()), isTls)
}

export function nodeFront(isTls = false): TriedFront {
  return new TriedFront(openNodeProtocol(new HandClock()), isTls)
}
