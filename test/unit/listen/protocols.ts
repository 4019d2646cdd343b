import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, onTestFinished } from 'vitest'
import { type Front, openFront } from '../../../src/listen/front.ts'
import { openHttp1Protocol } from '../../../src/listen/http1/protocol.ts'
import { type FrontLimits, frontLimits } from '../../../src/listen/limits.ts'
import { openNodeProtocol } from '../../../src/listen/node/protocol.ts'
import type { FrontEvents, OpenProtocol } from '../../../src/listen/protocol.ts'
import type { Clock } from '../../../src/platform/clock.ts'
import type { Exchange } from '../../../src/http/exchange.ts'
import type { HandClock } from '../../support/hand-clock.ts'
import { RawSocket } from '../../support/raw-client.ts'

/** Every protocol that a front can speak. */
export const protocols: readonly (readonly [name: string, open: (clock: Clock) => OpenProtocol])[] = [
  ['http1', openHttp1Protocol],
  ['node', openNodeProtocol],
]

/** A front on a free port of the loopback that ends with the test. */
export async function frontOf(
  openProtocol: OpenProtocol,
  onExchange: (exchange: Exchange) => void,
  { onRefusal = () => undefined, ...limits }: Partial<FrontLimits> & Partial<Pick<FrontEvents, 'onRefusal'>> = {},
): Promise<Front> {
  const endpoint = { address: '127.0.0.1', port: 0 }
  const opening = await openFront(endpoint, openProtocol, { onExchange, onRefusal }, { ...frontLimits, ...limits })
  if (!opening.opened) throw opening.cause
  onTestFinished(() => {
    opening.front.destroy()
  })
  return opening.front
}

/** A client of a front, which never ends its side by itself, but with the test. */
export async function connectTo(front: Front): Promise<Socket> {
  const socket = connect({ port: front.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
  onTestFinished(() => {
    socket.destroy()
  })
  await once(socket, 'connect')
  return socket
}

/** The same, which reads what comes. */
export async function clientOf(front: Front): Promise<RawSocket> {
  return new RawSocket(await connectTo(front))
}

/** Until what was written on the loopback has been read on its other side. */
export async function passes(count = 5): Promise<void> {
  for (let pass = 0; pass < count; pass += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** A whole response of two bytes. */
export function answerOk({ reply }: Exchange): void {
  const sink = reply.begin({ status: 200, reason: 'OK', headers: ['Content-Length', '2'] })
  sink.write(Buffer.from('ok'))
  sink.end()
}

/** What the system takes of the last bytes is progress too, and takes it some moments of real time. */
export async function untilCutOff(front: Front, clock: HandClock): Promise<void> {
  const from = performance.now()
  while (front.connections > 0 && performance.now() - from < 10_000) {
    await passes()
    clock.advance(1000)
  }
  expect(front.connections).toBe(0)
}
