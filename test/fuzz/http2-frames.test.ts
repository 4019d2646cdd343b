import { expect, test } from 'vitest'
import type { Exchange } from '../../src/http/exchange.ts'
import { connectHttp2 } from '../support/http2/raw-http2.ts'
import { block, frame, headers, PREFACE, request, settings, text, uint32 } from '../support/http2/frames.ts'
import { CollectingSink, head } from '../contract/fixtures.ts'
import { openHttp2Front } from '../contract/http2-fixtures.ts'
import { fuzzPlan, Random } from './random.ts'

const { cases, seed, timeout } = fuzzPlan(1_500, 50)

/** A header block, mostly of a request, sometimes broken. */
function randomBlock(random: Random): Buffer {
  const parts = [
    request(random.pick(['GET', 'POST', 'HEAD']), random.pick(['/', '/a', '/b?c', '*', '/%00'])),
    block(['content-length', String(random.below(20))]),
    block(['te', 'trailers']),
    block([':status', '200']),
    block(['cookie', 'a=1'], ['cookie', 'b=2']),
    Buffer.concat([Buffer.of(0x40), text('x-new'), text('value')]),
    Buffer.of(0x80 | random.below(128)),
    Buffer.of(0x20 | random.below(32)),
    Buffer.from(Array.from({ length: random.below(12) }, () => random.below(256))),
  ]
  const chosen = parts.filter((_part, i) => random.chance(i === 0 ? 0.95 : 0.05))
  return Buffer.concat(chosen)
}

/** A frame that a client may send, or nearly so. */
function randomFrame(random: Random, next: (random: Random) => number): Buffer {
  const stream = random.chance(0.97) ? next(random) : random.below(30)
  const flags = random.chance(0.95) ? random.pick([0, 1, 4, 5, 5, 5]) : random.below(256)
  // Most of what is sent is valid, so that a connection lives for a while.
  switch (random.chance(0.5) ? random.below(3) : random.below(12)) {
    case 0:
    case 1:
    case 2:
      return headers(stream, randomBlock(random), flags)
    case 3:
    case 4:
    case 5:
      return frame(0, flags, stream, Buffer.alloc(random.chance(0.1) ? random.below(16_384) : random.below(30), 'x'))
    case 6:
      return frame(3, 0, stream, uint32(random.below(14)))
    case 7:
      return settings([random.below(9), random.pick([0, 1, 100, 16_384, 65_535, 1_000_000])])
    case 8:
      return frame(8, 0, random.chance(0.5) ? 0 : stream, uint32(random.pick([0, 1, 1_000, 100_000, 2 ** 31 - 1])))
    case 9:
      return frame(6, random.below(2), 0, Buffer.alloc(8))
    case 10:
      return frame(9, flags, stream, randomBlock(random))
    default: {
      const length = random.below(40)
      return frame(
        random.below(14),
        flags,
        stream,
        Buffer.alloc(length),
        random.chance(0.3) ? random.below(60) : length,
      )
    }
  }
}

/** Changes some bytes. */
function damaged(random: Random, bytes: Buffer): Buffer {
  for (let n = random.below(4); n > 0; n--) bytes[random.below(bytes.length)] = random.below(256)
  return bytes
}

/** Answers in one of the ways in which an application may. */
function answer(random: Random, exchange: Exchange): void {
  const { reply } = exchange
  const kind = random.below(6)
  if (kind === 0) return
  const go = (): void => {
    if (reply.gone) return
    if (exchange.upgrade !== undefined && random.chance(0.5)) {
      const tunnel = exchange.upgrade.accept(head(101))
      tunnel.source.into(new CollectingSink())
      tunnel.sink.write(Buffer.alloc(random.below(100)))
      if (random.chance(0.5)) tunnel.sink.end()
      else tunnel.destroy()
      return
    }
    if (kind === 1) exchange.body?.into(new CollectingSink())
    if (kind === 2) reply.inform(head(103))
    if (kind === 3) {
      reply.abort()
      return
    }
    const sink = reply.begin(head(random.pick([200, 204, 304, 404]), 'x', 'y'.repeat(random.below(100))))
    sink.write(Buffer.alloc(random.below(100_000)))
    if (kind === 4) exchange.body?.destroy()
    sink.end(random.chance(0.3) ? ['x-t', '1'] : undefined)
  }
  if (random.chance(0.5)) go()
  else setImmediate(go)
}

test(`no frames bring a front down or keep it from serving others (seed ${String(seed)})`, { timeout }, async () => {
  const random = new Random(seed)
  const thrown: unknown[] = []
  const { front } = await openHttp2Front((exchange) => {
    try {
      answer(random, exchange)
    } catch (error) {
      thrown.push(error)
    }
  })
  let served = 0
  for (let i = 0; i < cases; i++) {
    const client = await connectHttp2(front.port)
    let last = 1
    const next = (dice: Random): number => (dice.chance(0.6) ? (last += 2) : 2 * dice.below(last / 2) + 1)
    const frames = Array.from({ length: 1 + random.below(30) }, () => randomFrame(random, next))
    const bytes = Buffer.concat([PREFACE, settings([1, random.pick([0, 4_096])]), ...frames])
    const sent = random.chance(0.1) ? damaged(random, bytes) : bytes
    const cut = random.below(sent.length)
    client.send(sent.subarray(0, cut))
    if (random.chance(0.5)) await new Promise((resolve) => setImmediate(resolve))
    client.send(sent.subarray(cut))
    // A PING is answered when everything before it was read, unless the connection has ended.
    client.send(frame(6, 0, 0, Buffer.from('finished')))
    if (random.chance(0.9)) {
      await Promise.race([
        client.until(() => client.ended || client.frames.some(({ payload }) => payload.toString() === 'finished')),
        new Promise((resolve) => setTimeout(resolve, 50)),
      ]).catch(() => undefined)
    }
    served += client.frames.filter(({ type }) => type === 1).length
    client.destroy()
  }
  expect(thrown).toEqual([])
  console.log(`seed ${String(seed)}: ${String(served)} heads of answers`)
  expect(served).toBeGreaterThan(cases / 10)
  await expect.poll(() => front.connections, { timeout: 15_000 }).toBe(0)
})
