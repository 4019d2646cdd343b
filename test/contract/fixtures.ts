import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Delivery } from '../../src/forward/forward-failure.ts'
import { failureOf } from '../../src/forward/forward-failure.ts'
import type { ForwardOptions, Upstream } from '../../src/forward/forwarder.ts'
import { answerFailure } from '../../src/http/answer.ts'
import type { ByteSink, Exchange } from '../../src/http/exchange.ts'
import { ExchangeView } from '../../src/http/exchange-view.ts'
import type { KnownUser } from '../../src/http/known-user.ts'
import { createClientFinder } from '../../src/http/forwarded-client.ts'
import { plainHttp } from '../../src/listen/entrance.ts'
import { type Front, openFront as openFrontOf } from '../../src/listen/front.ts'
import { type FrontLimits, frontLimits } from '../../src/listen/limits.ts'
import type { ConnectionRefusal } from '../../src/listen/protocol.ts'
import { connectRaw, connectRawTls, type RawSocket } from '../support/raw-client.ts'
import { type Answerer, openRecorder, type Recorder } from '../support/recorder.ts'
import type { Engine } from './engines.ts'
import { tlsSettings } from './tls-settings.ts'

export const TOKEN = '11111111-2222-4333-8444-555555555555'

/** An open front, what it found, and a way to talk to it. Ends with the test. */
export interface OpenedFront {
  readonly front: Front
  readonly refusals: readonly ConnectionRefusal[]
  connect(): Promise<RawSocket>
}

export async function openFront(
  engine: Engine,
  onExchange: (exchange: Exchange) => void,
  limits: Partial<FrontLimits> = {},
  address: string | undefined = '127.0.0.1',
): Promise<OpenedFront> {
  const refusals: ConnectionRefusal[] = []
  const events = { onExchange, onRefusal: (refusal: ConnectionRefusal) => void refusals.push(refusal) }
  const inForce = { ...frontLimits, ...limits }
  const settings = engine.isTls === true ? await tlsSettings() : plainHttp
  const opening = await openFrontOf({ address, port: 0 }, engine.openProtocol, events, inForce, () => 0, settings)
  if (!opening.opened) throw opening.cause
  const { front } = opening
  const clients: RawSocket[] = []
  onTestFinished(() => {
    for (const client of clients) client.destroy()
    front.destroy()
  })
  const connect = async (): Promise<RawSocket> => {
    const client = await (engine.isTls === true ? connectRawTls(front.port) : connectRaw(front.port))
    clients.push(client)
    return client
  }
  return { front, refusals, connect }
}

/** A front, an upstream and between them the least that a site does: forward, and answer or abort what failed. */
export interface Pipeline extends OpenedFront {
  readonly upstream: Upstream
  readonly deliveries: readonly Delivery[]
  /** Resolves with the delivery of this number, counted from 0. */
  delivery(index?: number): Promise<Delivery>
}

export interface PipelineOptions extends Partial<ForwardOptions> {
  readonly limits?: Partial<FrontLimits>
  readonly bodyLimit?: number
  readonly token?: string
  /** Who sends every request. */
  readonly user?: KnownUser
  /** As in HostConfig. */
  readonly trustedProxies?: readonly string[]
}

export async function openPipeline(engine: Engine, appPort: number, options: PipelineOptions = {}): Promise<Pipeline> {
  const { limits, bodyLimit, token = TOKEN, user, trustedProxies, ...forwardOptions } = options
  const upstream = engine.openUpstream({ port: appPort, token })
  const deliveries: Delivery[] = []
  let waiting: (() => void)[] = []
  const serve = async (exchange: Exchange): Promise<void> => {
    if (bodyLimit !== undefined) exchange.body?.limit(bodyLimit)
    const delivery = await upstream.forward(exchange, {
      requestTimeout: 0,
      forwardResponseConnectionHeader: false,
      ...forwardOptions,
    })
    if (delivery.outcome === 'failed') {
      if (exchange.reply.started) exchange.reply.abort()
      else if (!exchange.reply.gone) exchange.reply.answer(answerFailure(failureOf(delivery.failure)))
    }
    deliveries.push(delivery)
    for (const resolve of waiting) resolve()
    waiting = []
  }
  const clients = createClientFinder(trustedProxies)
  const known = (exchange: Exchange): Exchange => (user === undefined ? exchange : new ExchangeView(exchange, { user }))
  const opened = await openFront(engine, (exchange) => void serve(known(clients?.find(exchange) ?? exchange)), limits)
  onTestFinished(() => {
    upstream.close()
  })
  const delivery = async (index = 0): Promise<Delivery> => {
    for (;;) {
      const found = deliveries[index]
      if (found !== undefined) return found
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
  }
  return { ...opened, upstream, deliveries, delivery }
}

/** Sends one request and waits until it is over. */
export async function ask(pipeline: Pipeline, client: RawSocket, bytes: string): Promise<void> {
  const index = pipeline.deliveries.length
  client.send(bytes)
  await pipeline.delivery(index)
}

/** A recorder that ends with the test. */
export async function openApp(answer?: Answerer): Promise<Recorder> {
  const recorder = await openRecorder(answer)
  onTestFinished(() => recorder.close())
  return recorder
}

/** An app that counts the bytes of each body and says so; for bodies that are too large to be recorded. */
export async function openSink(): Promise<{ readonly port: number }> {
  const server = createServer((req, res) => {
    let bytes = 0
    req.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    req.on('end', () => res.end(`${String(bytes)} bytes`))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { port: (server.address() as AddressInfo).port }
}

/** Waits for exchanges one after the other. */
export class Exchanges {
  readonly all: Exchange[] = []
  #waiting: (() => void)[] = []

  readonly take = (exchange: Exchange): void => {
    this.all.push(exchange)
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  async next(index = 0): Promise<Exchange> {
    for (;;) {
      const found = this.all[index]
      if (found !== undefined) return found
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }
}

/** Takes everything, at once or when told, and says how it ended. */
export class CollectingSink implements ByteSink {
  received = ''
  bytes = 0
  trailers: readonly string[] | undefined
  readonly over: Promise<'end' | Error>
  #settle: (how: 'end' | Error) => void = () => undefined
  #drain: () => void = () => undefined
  /** While true every write is answered with false. */
  full = false

  constructor() {
    this.over = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  write(chunk: Uint8Array): boolean {
    this.bytes += chunk.length
    if (this.bytes < 1_000_000) this.received += Buffer.from(chunk).toString('latin1')
    return !this.full
  }

  end(trailers?: readonly string[]): void {
    this.trailers = trailers
    this.#settle('end')
  }

  fail(cause: unknown): void {
    this.#settle(cause as Error)
  }

  onDrain(listener: () => void): void {
    this.#drain = listener
  }

  drain(): void {
    this.full = false
    this.#drain()
  }
}

/** A response head without fields of its own. */
export function head(status: number, ...headers: string[]): { status: number; reason: string; headers: string[] } {
  return { status, reason: 'As Told', headers }
}

/** A whole short response. */
export function say(exchange: Exchange, text: string): void {
  const sink = exchange.reply.begin(head(200, 'Content-Length', String(text.length)))
  sink.write(Buffer.from(text, 'latin1'))
  sink.end()
}
