import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { Agent } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { ByteSink, Exchange } from '../../src/http/exchange.ts'
import { Dice } from '../support/dice.ts'
import { engines } from './engines.ts'
import { Exchanges, openFront, openPipeline, say } from './fixtures.ts'

const HANDSHAKE = 'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'

/** Fronts read clients into buffers that they read into again: no byte of one client may become one of another's. */
describe.each(engines)('bytes of many clients at once, by $name', (engine) => {
  test('reach an application that reads by fits and starts as they were sent, whoever gives up meanwhile', async () => {
    const app = await openHasher(new Dice(7))
    const { front } = await openPipeline(engine, app.port)
    const uploads = Array.from({ length: 24 }, (_, n) => uploadInTurn(front.port, new Dice(n), n % 4 === 3))
    expect((await Promise.all(uploads)).flat().filter(({ sent, heard }) => sent !== heard)).toEqual([])
    expect(app.hashed).toBeGreaterThan(50)
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
    for (const { text } of heads) {
      const client = await connect()
      const half = Math.floor(text.length / 2)
      client.send(text.slice(0, text.length % 3 === 0 ? half : text.length))
      if (text.length % 3 === 0) setTimeout(() => client.send(text.slice(half)), 20)
    }
    await exchanges.next(heads.length - 1)
    const other = await connect()
    other.send(`GET /${'z'.repeat(8_000)} HTTP/1.1\r\nHost: z\r\nX: z\r\n\r\n`)
    await exchanges.next(heads.length)
    const seen = exchanges.all.slice(0, heads.length).map(({ method, target, path, host, headers }) => ({
      method,
      target,
      path,
      host,
      value: headers.get('x'),
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

/** An application that answers each body with its hash, and reads nothing now and then, so that bytes wait for it. */
async function openHasher(dice: Dice): Promise<{ readonly port: number; readonly hashed: number }> {
  let hashed = 0
  const answer = (req: IncomingMessage, res: ServerResponse): void => {
    if (req.url === '/early') {
      res.end('early')
      return
    }
    const hash = createHash('sha256')
    req.on('data', (chunk: Buffer) => {
      hash.update(chunk)
      if (dice.roll(6) > 0) return
      req.pause()
      setTimeout(() => req.resume(), dice.roll(12))
    })
    req.on('end', () => {
      hashed++
      res.end(hash.digest('hex'))
    })
  }
  const server = createServer({ highWaterMark: 1_024 }, answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return {
    port: (server.address() as AddressInfo).port,
    get hashed() {
      return hashed
    },
  }
}

/** One client's uploads, one after the other on a kept-alive connection; one that `givesUp` leaves in the middle of some. */
async function uploadInTurn(port: number, dice: Dice, givesUp: boolean): Promise<{ sent: string; heard: string }[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => {
    agent.destroy()
  })
  const done: { sent: string; heard: string }[] = []
  for (let n = 0; n < 4; n++) {
    const body = randomBytes(dice, dice.pick([100, 8_192, 65_536, 90_000, 700_000, 2_500_000]) + dice.roll(999))
    if (givesUp && n % 2 === 0) await leaveInTheMiddle(port, body, dice)
    else if (n === 3 && dice.roll(3) === 0) await post(port, agent, body, dice, '/early').catch(() => '')
    else done.push({ sent: hashOf(body), heard: await post(port, agent, body, dice, '/') })
  }
  return done
}

function post(port: number, agent: Agent, body: Buffer, dice: Dice, path: string): Promise<string> {
  const isChunked = dice.roll(2) === 0
  return new Promise((resolve, reject) => {
    const headers = isChunked ? {} : { 'Content-Length': body.length }
    const asked = request({ port, host: '127.0.0.1', method: 'POST', path, agent, headers }, (res) => {
      let heard = ''
      res.on('data', (chunk: Buffer) => {
        heard += chunk.toString()
      })
      res.on('end', () => resolve(heard))
    })
    asked.on('error', reject)
    for (const piece of piecesOf(body, dice)) asked.write(piece)
    asked.end()
  })
}

function leaveInTheMiddle(port: number, body: Buffer, dice: Dice): Promise<void> {
  return new Promise((resolve) => {
    const headers = { 'Content-Length': body.length + 1 }
    const asked = request({ port, host: '127.0.0.1', method: 'POST', path: '/', agent: false, headers })
    asked.on('error', () => undefined)
    asked.write(body)
    setTimeout(() => {
      asked.destroy()
      resolve()
    }, dice.roll(30))
  })
}

function keepingSink(pieces: Uint8Array[], onEnd: () => void): ByteSink {
  return {
    write: (chunk) => {
      pieces.push(chunk)
      return true
    },
    end: onEnd,
    fail: onEnd,
    onDrain: () => undefined,
  }
}

/** One request with this body, as Content-Length or in chunks. */
function framed(body: Buffer, isChunked: boolean, dice: Dice): Buffer {
  const head = 'POST /p HTTP/1.1\r\nHost: a\r\n'
  if (!isChunked) return Buffer.concat([Buffer.from(`${head}Content-Length: ${String(body.length)}\r\n\r\n`), body])
  const chunks = piecesOf(body, dice).flatMap((piece) => [
    Buffer.from(`${piece.length.toString(16)}\r\n`),
    piece,
    Buffer.from('\r\n'),
  ])
  return Buffer.concat([Buffer.from(`${head}Transfer-Encoding: chunked\r\n\r\n`), ...chunks, Buffer.from('0\r\n\r\n')])
}

function piecesOf(body: Buffer, dice: Dice): Buffer[] {
  const pieces: Buffer[] = []
  for (let at = 0; at < body.length; ) {
    const length = 1 + dice.roll(dice.pick([10_000, 100_000]))
    pieces.push(body.subarray(at, at + length))
    at += length
  }
  return pieces
}

function randomBytes(dice: Dice, size: number): Buffer {
  const bytes = Buffer.alloc(size)
  for (let i = 0; i < size; i++) bytes[i] = dice.roll(256)
  return bytes
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const byPath = (a: { path: string }, b: { path: string }): number => (a.path < b.path ? -1 : 1)
