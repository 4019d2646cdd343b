import { describe, expect, test } from 'vitest'
import { connectRaw, connectRawTls } from '../support/raw-client.ts'
import { valuesOf } from '../support/strict-reader.ts'
import { engines, tlsEngines } from './engines.ts'
import { openApp, openPipeline, TOKEN } from './fixtures.ts'
import { chunkCases } from './smuggling/chunks.ts'
import { connectionCases } from './smuggling/connections.ts'
import { framingCases } from './smuggling/framing.ts'
import { identityCases } from './smuggling/identity.ts'
import { targetCases } from './smuggling/targets.ts'

const ROUNDS = 10_000
const AT_ONCE = 25
/** Pieces that change how bytes are read, put anywhere. */
const PIECES = [
  '\r\n',
  '\n',
  '\r',
  ' ',
  '\t',
  '\0',
  ':',
  ';',
  ',',
  '%',
  '/',
  '..',
  '\x7f',
  '\xff',
  '0',
  '5',
  'chunked',
  'Content-Length: 5\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Host: b\r\n',
  'Connection: close\r\n',
  'Upgrade: websocket\r\n',
  'MS-ASPNETCORE-TOKEN: f\r\n',
  '0\r\n\r\n',
  'HTTP/1.0',
  'GET /x HTTP/1.1\r\nHost: c\r\n\r\n',
]

const SEEDS = [framingCases, chunkCases, connectionCases, targetCases, identityCases]
  .flat()
  .map(({ bytes }) => bytes)
  .filter((bytes) => bytes.length < 2_000)

/** The same numbers in every run (mulberry32), so that a failure can be looked at again. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

function mutate(bytes: string, next: (below: number) => number): string {
  let mutated = bytes
  for (let change = next(3); change >= 0; change--) {
    const at = next(mutated.length + 1)
    const cut = next(4) === 0 ? next(6) : 0
    const piece = next(5) === 0 ? String.fromCharCode(next(256)) : (PIECES[next(PIECES.length)] as string)
    mutated = mutated.slice(0, at) + (next(3) === 0 ? '' : piece) + mutated.slice(at + cut)
  }
  return mutated
}

describe.each([...engines, ...tlsEngines])('whatever a client sends through $name', (engine) => {
  // Every one of them is a new connection, and with TLS a handshake.
  const rounds = engine.isTls === true ? ROUNDS / 10 : ROUNDS
  test(`${String(rounds)} damaged requests: nothing fails, and what arrives has only one reading and the pairing token`, async () => {
    const app = await openApp()
    const { front, connect } = await openPipeline(engine, app.port)
    const next = numbers(20_260_101)
    let left = rounds
    const client = async (): Promise<void> => {
      while (left > 0) {
        left -= 1
        const raw = await (engine.isTls === true ? connectRawTls : connectRaw)(front.port)
        raw.send(mutate(SEEDS[next(SEEDS.length)] as string, next))
        // An answer, an end, or neither, because the request is not complete; the client leaves in any case.
        await Promise.race([raw.ended, raw.until('HTTP/1.1').catch(() => undefined), pause(20)])
        raw.destroy()
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, client))
    await expect.poll(() => front.connections, { timeout: 10_000 }).toBe(0)

    let whole = 0
    for (const connection of app.connections) {
      const { requests, rest } = connection.read()
      if (rest !== '') await connection.ended
      for (const { fields, trailers } of requests) {
        whole += 1
        const dashed = [...fields, ...trailers].map(
          ([name, value]) => [name.toLowerCase().replaceAll('_', '-'), value] as const,
        )
        expect(dashed.filter(([name]) => name.startsWith('ms-aspnetcore'))).toEqual([['ms-aspnetcore-token', TOKEN]])
        expect(valuesOf(dashed, 'X-Forwarded-For')).toHaveLength(1)
      }
    }
    expect(whole).toBeGreaterThan(rounds / 20)

    const honest = await connect()
    honest.send('GET /honest HTTP/1.1\r\nHost: honest\r\nConnection: close\r\n\r\n')
    expect(await honest.untilEnded()).toMatch(/^HTTP\/1\.1 200 /)
  }, 120_000)
})

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
