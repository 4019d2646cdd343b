import { createHash } from 'node:crypto'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { ByteSink } from '../../src/http/exchange.ts'
import type { Dice } from '../support/dice.ts'

/** An application that answers each body with its hash; reads nothing before `delay` ms, nor now and then, so that bytes wait. */
export async function openHasher(dice: Dice, delay = 0): Promise<{ readonly port: number; readonly hashed: number }> {
  let hashed = 0
  const answer = (req: IncomingMessage, res: ServerResponse): void => {
    if (req.url === '/early') {
      res.end('early')
      return
    }
    const hash = createHash('sha256')
    const onData = (chunk: Buffer): void => {
      hash.update(chunk)
      if (dice.roll(6) > 0) return
      req.pause()
      setTimeout(() => req.resume(), dice.roll(12))
    }
    if (delay === 0) req.on('data', onData)
    else setTimeout(() => req.on('data', onData), delay)
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
export async function uploadInTurn(
  port: number,
  dice: Dice,
  givesUp: boolean,
): Promise<{ sent: string; heard: string }[]> {
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

export function post(port: number, agent: Agent, body: Buffer, dice: Dice, path: string): Promise<string> {
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

export function keepingSink(pieces: Uint8Array[], onEnd: () => void): ByteSink {
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
export function framed(body: Buffer, isChunked: boolean, dice: Dice): Buffer {
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

export function randomBytes(dice: Dice, size: number): Buffer {
  const bytes = Buffer.alloc(size)
  for (let i = 0; i < size; i++) bytes[i] = dice.roll(256)
  return bytes
}

export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
