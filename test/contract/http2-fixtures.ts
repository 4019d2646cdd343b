import { onTestFinished } from 'vitest'
import { openHttp2Protocol } from '../../src/listen/http2/protocol.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { connectHttp2, type RawHttp2 } from '../support/http2/raw-http2.ts'
import { type Engine, engines } from './engines.ts'
import { openFront, openPipeline } from './fixtures.ts'

/** HTTP/2 for clients, without TLS, before each of the two forwarders. */
export const http2Engines: readonly Engine[] = engines.slice(0, 2).map(({ name, openUpstream }) => ({
  name: `${name} behind HTTP/2`,
  openProtocol: openHttp2Protocol(systemClock),
  openUpstream,
}))

/** The engine for tests that use no forwarder. */
export const http2Engine = http2Engines[0] as Engine

interface Http2Client {
  /** Opens a connection and sends the preface. */
  connectHttp2(...settings: readonly (readonly [id: number, value: number])[]): Promise<RawHttp2>
}

function withClient<Opened extends { readonly front: { readonly port: number } }>(
  opened: Opened,
): Opened & Http2Client {
  const connect: Http2Client['connectHttp2'] = async (...settings) => {
    const client = await connectHttp2(opened.front.port)
    onTestFinished(() => {
      client.destroy()
    })
    client.begin(...settings)
    return client
  }
  return Object.assign(opened, { connectHttp2: connect })
}

export async function openHttp2Front(
  ...[onExchange, limits]: [Parameters<typeof openFront>[1], Parameters<typeof openFront>[2]?]
): Promise<Awaited<ReturnType<typeof openFront>> & Http2Client> {
  return withClient(await openFront(http2Engine, onExchange, limits))
}

export async function openHttp2Pipeline(
  ...args: Parameters<typeof openPipeline>
): Promise<Awaited<ReturnType<typeof openPipeline>> & Http2Client> {
  return withClient(await openPipeline(...args))
}
