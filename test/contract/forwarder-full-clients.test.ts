import { describe, expect, test } from 'vitest'
import type { RawSocket } from '../support/raw-client.ts'
import { engines } from './engines.ts'
import { ask, openApp, openPipeline, type Pipeline } from './fixtures.ts'

const request = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`

/** A body of one letter, another one for each number. */
const bodyOf = (index: number, size: number): string => String.fromCharCode(0x61 + (index % 26)).repeat(size)

/**
 * Asks for one response after the other for a client that reads none, until the next one does not come through; answers how
 * many have. What of them the systems between the two do not take waits with the front.
 */
async function fill(pipeline: Pipeline, client: RawSocket): Promise<number> {
  client.socket.pause()
  for (let count = 0; ; count++) {
    client.send(request(`/${String(count)}`))
    const isThrough = await Promise.race([
      pipeline.delivery(count).then(() => true),
      new Promise<boolean>((resolve) => setTimeout(resolve, 400, false)),
    ])
    if (!isThrough) return count
  }
}

describe.each(engines)('a client that reads nothing for now, of $name', (engine) => {
  test.each([
    ['large', 60_000],
    ['small', 10_000],
  ])('leaves the connection to the others, whose answers change nothing of its own %s ones', async (_what, size) => {
    const app = await openApp((asked, connection) => {
      const body = asked.target === '/other' ? 'Z'.repeat(size) : bodyOf(Number(asked.target.slice(1)), size)
      connection.send(`HTTP/1.1 200 OK\r\nContent-Length: ${String(size)}\r\n\r\n${body}`)
    })
    const pipeline = await openPipeline(engine, app.port)
    const [slow, other] = [await pipeline.connect(), await pipeline.connect()]
    const count = await fill(pipeline, slow)

    for (const rounds of [1, 2, 3]) {
      other.send(request('/other'))
      await other.until((received) => received.split('Z'.repeat(size)).length === rounds + 1)
    }
    slow.socket.resume()
    await pipeline.delivery(count + 3)
    await ask(pipeline, slow, request(`/${String(count + 1)}`))
    const sent = Array.from({ length: count + 2 }, (_, index) => bodyOf(index, size))
    const bodies = (): string[] => slow.received.split(/HTTP\/1\.1 200 OK\r\n[^]*?\r\n\r\n/).slice(1)
    await slow.until(({ length }) => length >= sent.length * size && bodies().join('').length >= sent.length * size)
    expect(bodies().findIndex((body, index) => body !== sent[index])).toBe(-1)
    expect(bodies()).toHaveLength(sent.length)
  })
})
