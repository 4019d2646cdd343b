import { request as httpRequest } from 'node:http'
import { openHttp1Upstream } from '../../src/forward/http1/forwarder.ts'
import type { Exchange } from '../../src/http/exchange.ts'
import { openFront } from './front-fixture.ts'
import type { HandClock } from '../support/hand-clock.ts'

const options = { requestTimeout: 1_000, forwardResponseConnectionHeader: false }

/** What a client gets: all of it when it is whole; of a response that failed, early or late, only that it did. */
export type Received =
  | { readonly whole: true; readonly text: string; readonly body: string }
  | { readonly whole: false }

/** A front and an upstream to one app. */
export interface Pipe {
  readonly port: number
  close(): void
}

/** `seenAs`: how the forwarder sees an exchange. */
export async function openPipe(
  clock: HandClock,
  appPort: number,
  seenAs: (exchange: Exchange) => Exchange = (exchange) => exchange,
): Promise<Pipe> {
  const upstream = openHttp1Upstream(clock)({ port: appPort, token: 'token' })
  const serve = async (exchange: Exchange): Promise<void> => {
    const delivery = await upstream.forward(seenAs(exchange), options)
    if (delivery.outcome === 'delivered' || exchange.reply.gone) return
    if (exchange.reply.started) exchange.reply.abort()
    else exchange.reply.answer({ status: 502, substatus: 3, reason: 'Bad', headers: [], body: '', close: false })
  }
  const front = await openFront((exchange) => void serve(exchange))
  return {
    port: front.port,
    close: () => {
      upstream.close()
      front.destroy()
    },
  }
}

/** The exchange as a forwarder sees it that knows nothing of bytes. */
export function withoutBytes(exchange: Exchange): Exchange {
  const { id, receivedAt, connection, httpVersion, method, target, path, host, headers, body, upgrade, reply } =
    exchange
  return { id, receivedAt, connection, httpVersion, method, target, path, host, headers, body, upgrade, reply }
}

/** Asks over a connection of its own, through node's parser. */
export function ask(port: number, path: string, method: 'GET' | 'HEAD' = 'GET'): Promise<Received> {
  return new Promise((resolve) => {
    const fail = (): void => {
      resolve({ whole: false })
    }
    const asked = httpRequest({ port, host: '127.0.0.1', method, path, agent: false }, (answer) => {
      const pieces: Buffer[] = []
      answer.on('data', (piece: Buffer) => pieces.push(piece))
      answer.on('error', fail)
      answer.on('end', () => {
        const { statusCode, statusMessage, rawHeaders, rawTrailers } = answer
        const body = Buffer.concat(pieces).toString('latin1')
        const head = `${String(statusCode)} ${String(statusMessage)}\n${fieldsOf(rawHeaders)}`
        if (statusCode === 502) fail()
        else resolve({ whole: true, text: `${head}\n${fieldsOf(rawTrailers)}\n\n${body}`, body })
      })
    })
    asked.on('error', fail)
    asked.end()
  })
}

/** Milliseconds. All is in this process, but the system may take its time to carry bytes from socket to socket. */
export const QUIET = 50

/**
 * While work is left after many turns of the event loop and some real time, it waits for the clock: so only what will never end
 * is overdue.
 */
export async function passTime<T>(clock: HandClock, work: Promise<T>): Promise<T> {
  const state = { over: false }
  const isOver = (): boolean => state.over
  const finish = (): void => {
    state.over = true
  }
  work.then(finish, finish)
  while (!isOver()) {
    for (let turns = 0; turns < 500 && !isOver(); turns++) await new Promise((resolve) => setImmediate(resolve))
    if (!isOver()) await new Promise((resolve) => setTimeout(resolve, QUIET))
    if (!isOver()) clock.advance(options.requestTimeout * 2)
  }
  return await work
}

/** Names in small letters, sorted; without the two fields that a reply writes by itself. */
function fieldsOf(raw: readonly string[]): string {
  const lines: string[] = []
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase()
    if (name !== 'date' && name !== 'connection') lines.push(`${name}: ${raw[i + 1] as string}`)
  }
  return lines.sort().join('\n')
}
