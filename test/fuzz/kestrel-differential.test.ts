import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { requestHeaders } from '../../src/forward/request-headers.ts'
import { openWireUpstream } from '../../src/forward/wire-forwarder.ts'
import type { Exchange } from '../../src/http/exchange.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { hasDotnet } from '../support/dotnet-apps.ts'
import { openFront } from './front-fixture.ts'
import { mutate, request, split } from './generate.ts'
import { type Kestrel, type KestrelReading, startKestrel } from './kestrel.ts'
import { readOurs } from './our-reading.ts'
import { fuzzPlan, Random } from './random.ts'

const TOKEN = '11111111-2222-4333-8444-555555555555'
const options = { requestTimeout: 30_000, forwardResponseConnectionHeader: false }
const { cases, seed } = fuzzPlan(300, 200)

/** One request on its way to Kestrel, as we have read it. */
interface Seen {
  readonly method: string
  readonly target: string
  readonly fields: Map<string, string>
}

/** A connection on which nothing has moved for so many milliseconds waits for bytes that will not come. */
const QUIET = 100

describe.skipIf(!hasDotnet)('Kestrel behind the wire engine', () => {
  let kestrel: Kestrel
  beforeAll(async () => {
    kestrel = await startKestrel()
  })
  afterAll(async () => {
    await kestrel.close()
  })

  test(`reads what we have read (seed ${String(seed)})`, { timeout: 0 }, async () => {
    const random = new Random(seed)
    const upstream = openWireUpstream(systemClock)({ port: kestrel.port, token: TOKEN })
    let seen: Seen[] = []
    let underWay = 0
    const serve = async (exchange: Exchange): Promise<void> => {
      const { method, target } = exchange
      seen.push({ method, target, fields: united(requestHeaders(exchange, TOKEN)) })
      underWay++
      const delivery = await upstream.forward(exchange, options)
      underWay--
      if (delivery.outcome === 'failed' && !exchange.reply.gone) exchange.reply.abort()
    }
    const front = await openFront((exchange) => void serve(exchange))
    onTestFinished(() => {
      front.destroy()
      upstream.close()
    })
    let compared = 0

    for (let i = 0; i < cases; i++) {
      seen = []
      let text = ''
      for (let requests = 1 + random.below(3); requests > 0; requests--) text += request(random)
      if (random.chance(0.7)) text = mutate(random, text)
      const context = `case ${String(i)} of seed ${String(seed)}: ${JSON.stringify(text)}`
      const pieces = split(random, Buffer.from(text, 'latin1'))
      const received = await sendAll(front.port, pieces, () => underWay === 0)
      const bodies = readOurs(pieces).requests.map(({ body }) => body)
      for (const [n, [ours, theirs]] of readings(received, seen)) {
        expect(theirs.body, context).toBe(bodies[n])
        expect([theirs.method, theirs.target], context).toEqual([ours.method, ours.target])
        // Kestrel takes values for UTF-8.
        if (/^[\0-\x7f]*$/.test(text)) expect(united(theirs.fields.flat()), context).toEqual(ours.fields)
        compared++
      }
    }
    expect(compared).toBeGreaterThan(cases / 10)
  })
})

/** Sends everything and reads until nothing is under way any more, or nothing moves. */
async function sendAll(port: number, pieces: readonly Buffer[], isOver: () => boolean): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  let received = ''
  let movedAt = performance.now()
  socket.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1')
    movedAt = performance.now()
  })
  await once(socket, 'connect')
  for (const piece of pieces) socket.write(piece)
  let over = 0
  while (over < 3 && performance.now() - movedAt < QUIET) {
    await new Promise((resolve) => setTimeout(resolve, 1))
    over = isOver() ? over + 1 : 0
  }
  if (!socket.closed) {
    const closed = once(socket, 'close')
    socket.destroy()
    await closed
  }
  return received
}

/** Pairs each request with what Kestrel said it was. A refusal is no reading, and an answer to a HEAD says nothing. */
function readings(received: string, seen: readonly Seen[]): [number, [Seen, KestrelReading]][] {
  const pairs: [number, [Seen, KestrelReading]][] = []
  let rest = received
  for (const [n, ours] of seen.entries()) {
    rest = rest.replace(/^(?:HTTP\/1\.1 1\d\d [^]*?\r\n\r\n)+/, '')
    const end = rest.indexOf('\r\n\r\n') + 4
    const length = Number(/\r\nContent-Length: (\d+)/i.exec(rest.slice(0, end))?.[1] ?? 0)
    const isWhole = end > 3 && (ours.method === 'HEAD' || rest.length >= end + length)
    if (!isWhole) break
    const body = ours.method === 'HEAD' ? '' : rest.slice(end, end + length)
    if (body.startsWith('{'))
      pairs.push([n, [ours, JSON.parse(Buffer.from(body, 'latin1').toString()) as KestrelReading]])
    rest = rest.slice(end + body.length)
  }
  return pairs
}

/** By name, values of repeated fields in one line. */
function united(fields: readonly string[]): Map<string, string> {
  const byName = new Map<string, string>()
  for (let i = 0; i < fields.length; i += 2) {
    const name = (fields[i] as string).toLowerCase()
    const before = byName.get(name)
    byName.set(name, before === undefined ? (fields[i + 1] as string) : `${before}, ${fields[i + 1] as string}`)
  }
  return byName
}
