import { Agent } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Exchange } from '../../src/http/exchange.ts'
import { Dice } from '../support/dice.ts'
import { engines } from './engines.ts'
import { Exchanges, openFront, openPipeline, say } from './fixtures.ts'
import { framed, hashOf, keepingSink, openHasher, post, randomBytes, uploadInTurn } from './uploads.ts'

const HANDSHAKE = 'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'

/** Fronts read clients into buffers that they read into again: no byte of one client may become one of another's. */
describe.each(engines)('bytes of many clients at once, by $name', (engine) => {
  test('reach an application that reads irregularly as they were sent, also when other clients leave', async () => {
    const app = await openHasher(new Dice(7))
    const { front } = await openPipeline(engine, app.port)
    const uploads = Array.from({ length: 24 }, (_, n) => uploadInTurn(front.port, new Dice(n), n % 4 === 3))
    expect((await Promise.all(uploads)).flat().filter(({ sent, heard }) => sent !== heard)).toEqual([])
    expect(app.hashed).toBeGreaterThan(50)
  })

  test('wait unchanged for an application that reads nothing for a while', async () => {
    const app = await openHasher(new Dice(11), 250)
    const { front } = await openPipeline(engine, app.port)
    const agent = new Agent({ keepAlive: true })
    onTestFinished(() => {
      agent.destroy()
    })
    const uploads = Array.from({ length: 6 }, async (_, n) => {
      const block = randomBytes(new Dice(200 + n), 65_537)
      const body = Buffer.concat(Array.from({ length: 120 }, () => block))
      const heard = [
        await post(front.port, agent, body, new Dice(n), '/'),
        await post(front.port, agent, body, new Dice(n), '/'),
      ]
      return heard.every((hash) => hash === hashOf(body))
    })
    expect(await Promise.all(uploads)).toEqual(uploads.map(() => true))
  })

  test('that lie pipelined in one piece, small and large, are each read as the request that they are', async () => {
    const app = await openHasher(new Dice(8))
    const { connect } = await openPipeline(engine, app.port)
    const sizes = [0, 1, 8_191, 8_192, 8_193, 65_536, 81_919, 81_920, 81_921, 200_000, 3]
    const all = Array.from({ length: 8 }, async (_, n) => {
      const dice = new Dice(100 + n)
      const bodies = [...sizes, ...sizes].map((size) => randomBytes(dice, size))
      const client = await connect()
      client.send(Buffer.concat(bodies.map((body, i) => framed(body, i % 3 === 1, dice))))
      const hashes = bodies.map(hashOf)
      await client.until(hashes.at(-1) as string)
      expect(Array.from(client.received.matchAll(/[0-9a-f]{64}/g), String)).toEqual(hashes)
    })
    await Promise.all(all)
  })

  test('are, as a head, what they were when they are asked for late', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const heads = Array.from({ length: 40 }, (_, n) => {
      const value = `${String(n)}-`.repeat(1 + n * 20)
      return {
        n: String(n),
        value,
        text: `GET /late/${String(n)}?q HTTP/1.1\r\nHost: h${String(n)}\r\nX: ${value}\r\n\r\n`,
      }
    })
    const other = await connect()
    other.send('POST /other HTTP/1.1\r\nHost: z\r\nContent-Length: 99999\r\n\r\n')
    const pieces: Uint8Array[] = []
    ;(await exchanges.next()).body?.into(keepingSink(pieces, () => undefined))
    for (const [n, { text }] of heads.entries()) {
      const client = await connect()
      // The last comes alone, so that nothing is read behind it that asks for the same memory.
      if (n === heads.length - 1) await exchanges.next(n)
      const half = n % 3 === 1 ? Math.floor(text.length / 2) : text.length
      client.send(text.slice(0, half))
      if (half < text.length) setTimeout(() => client.send(text.slice(half)), 20)
    }
    await exchanges.next(heads.length)
    other.send('z'.repeat(8_000))
    await expect.poll(() => Buffer.concat(pieces).length).toBe(8_000)
    const seen = exchanges.all
      .slice(1)
      .reverse()
      .map(({ method, target, path, host, headers }) => ({
        value: headers.get('x'),
        method,
        target,
        path,
        host,
      }))
    const told = heads.map(({ n, value }) => {
      const path = `/late/${n}`
      return { method: 'GET', target: `${path}?q`, path, host: `h${n}`, value }
    })
    expect(seen.sort(byPath)).toEqual(told.sort(byPath))
  })

  test('belong to a sink that keeps them', async () => {
    const exchanges = new Exchanges()
    const { connect } = await openFront(engine, exchanges.take)
    const dice = new Dice(9)
    const bodies = Array.from({ length: 6 }, () => randomBytes(dice, 300_000))
    const hashes = bodies.map(async (body, n) => {
      const client = await connect()
      client.send(framed(body, n % 2 === 0, dice))
      const exchange = await exchanges.next(n)
      const pieces: Uint8Array[] = []
      await new Promise<void>((resolve) => exchange.body?.into(keepingSink(pieces, resolve)))
      return hashOf(Buffer.concat(pieces))
    })
    expect((await Promise.all(hashes)).sort()).toEqual(bodies.map(hashOf).sort())
  })

  test('come out of a tunnel as they went in, the early ones first, while others upload', async () => {
    const uploaded: Exchange[] = []
    const tunnels: Promise<string>[] = []
    const dice = new Dice(10)
    const { connect } = await openFront(engine, (exchange) => {
      if (exchange.upgrade === undefined) {
        uploaded.push(exchange)
        exchange.body?.into(keepingSink([], () => say(exchange, 'done')))
        return
      }
      tunnels.push(
        new Promise((resolve) => {
          const pieces: Uint8Array[] = []
          const tunnel = exchange.upgrade?.accept({ status: 101, reason: 'Yes', headers: [] })
          // Whoever joins the tunnel may take its time.
          setTimeout(() => tunnel?.source.into(keepingSink(pieces, () => resolve(hashOf(Buffer.concat(pieces))))), 10)
        }),
      )
    })
    const sent: string[] = []
    for (let n = 0; n < 8; n++) {
      const early = randomBytes(dice, n * 900)
      const late = Array.from({ length: 40 }, () => randomBytes(dice, dice.roll(30_000)))
      const tunnel = await connect()
      const upload = await connect()
      tunnel.send(Buffer.concat([Buffer.from(HANDSHAKE), early]))
      sent.push(hashOf(Buffer.concat([early, ...late])))
      for (const piece of late) {
        upload.send(framed(randomBytes(dice, 20_000), false, dice))
        tunnel.send(piece)
        if (dice.roll(4) === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      tunnel.end()
    }
    await expect.poll(() => tunnels.length).toBe(sent.length)
    expect((await Promise.all(tunnels)).sort()).toEqual(sent.sort())
    expect(uploaded.length).toBeGreaterThan(0)
  })
})

const byPath = (a: { path: string }, b: { path: string }): number => (a.path < b.path ? -1 : 1)
