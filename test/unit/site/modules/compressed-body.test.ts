import { randomBytes } from 'node:crypto'
import { gunzipSync, inflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { ByteSink } from '../../../../src/http/exchange.ts'
import { CompressedBody } from '../../../../src/site/modules/compression/compressed-body.ts'
import { encodersOf } from '../../../../src/site/modules/compression/encoders.ts'
import type { MakeEncoder } from '../../../../src/site/modules/compression/encoder.ts'

/** A client that takes `atOnce` bytes before it says that it is full, and asks for more in the next turn. */
class Client implements ByteSink {
  readonly ended: Promise<Buffer>
  readonly #atOnce: number
  readonly #chunks: Uint8Array[] = []
  #waiting = 0
  #end: (body: Buffer) => void = () => undefined
  #fail: (cause: unknown) => void = () => undefined
  #drain: () => void = () => undefined
  #next: () => void = () => undefined

  constructor(atOnce = Number.POSITIVE_INFINITY) {
    this.#atOnce = atOnce
    this.ended = new Promise((resolve, reject) => {
      this.#end = resolve
      this.#fail = reject
    })
  }

  get writes(): number {
    return this.#chunks.length
  }

  /** Resolves at the next write. */
  next(): Promise<void> {
    return new Promise((resolve) => (this.#next = resolve))
  }

  write(chunk: Uint8Array): boolean {
    this.#chunks.push(chunk)
    this.#next()
    this.#waiting += chunk.length
    if (this.#waiting < this.#atOnce) return true
    setImmediate(() => {
      this.#waiting = 0
      this.#drain()
    })
    return false
  }

  end(): void {
    this.#end(Buffer.concat(this.#chunks))
  }

  fail(cause: unknown): void {
    this.#fail(cause)
  }

  onDrain(listener: () => void): void {
    this.#drain = listener
  }
}

/** Sends a body in pieces, each when the one before it has been taken. */
async function send(make: MakeEncoder, body: Buffer, { pieceBytes = body.length, client = new Client() } = {}) {
  let drained: () => void = () => undefined
  let isOver = false
  const coded = new CompressedBody(make, client, () => {
    isOver = true
  })
  coded.onDrain(() => {
    drained()
  })
  for (let at = 0; at < body.length; at += pieceBytes) {
    if (!coded.write(body.subarray(at, at + pieceBytes))) await new Promise<void>((resolve) => (drained = resolve))
  }
  coded.end()
  const bytes = await client.ended
  expect(isOver).toBe(true)
  return bytes
}

const text = (seed: string, length = 40_000): Buffer =>
  Buffer.from(seed.repeat(length / seed.length + 1)).subarray(0, length)

describe.each([
  ['gzip', gunzipSync],
  ['deflate', inflateSync],
] as const)('%s', (name, decode) => {
  test('of a body has the same bytes after another body as without one: nothing of that is left', async () => {
    const body = text('the secret of one user')
    const alone = await send(encodersOf(name, 1), body)
    const make = encodersOf(name, 1)
    await send(make, text('the secret of one user and more'), { pieceBytes: 7_001 })
    expect(alone.equals(await send(make, body))).toBe(true)
    expect(decode(alone).equals(body)).toBe(true)
  })

  test('of many bodies at once, by slow clients too, gives each its own', async () => {
    const make = encodersOf(name, 0)
    const answers = Array.from({ length: 120 }, async (_, index) => {
      const body = index % 3 === 0 ? randomBytes(300_000) : text(`line ${String(index)}\n`, 5_000 + index * 997)
      const client = new Client(index % 2 === 0 ? 1_000 : undefined)
      expect(decode(await send(make, body, { pieceBytes: 10_007, client })).equals(body)).toBe(true)
    })
    await Promise.all(answers)
  })

  test('of a whole body is one write to the client', async () => {
    const make = encodersOf(name, 1)
    for (const seed of ['one', 'two']) {
      const client = new Client()
      const body = text(seed, 30_000)
      expect(decode(await send(make, body, { client })).equals(body)).toBe(true)
      expect(client.writes).toBe(1)
    }
  })

  test('of a slow body leaves piece by piece', async () => {
    const client = new Client()
    const coded = new CompressedBody(encodersOf(name, 1), client, () => undefined)
    for (const piece of [1, 2, 3]) {
      const came = client.next()
      coded.write(text('piece', 100))
      await came
      expect(client.writes).toBe(piece)
    }
    coded.end()
    expect(decode(await client.ended)).toHaveLength(300)
  })

  test('of an empty body is what the coding says for it', async () => {
    const make = encodersOf(name, 0)
    for (let time = 0; time < 3; time++)
      expect(decode(await send(make, Buffer.alloc(0))).equals(Buffer.alloc(0))).toBe(true)
  })

  test('of a body that is given up leaves nothing behind for the next one', async () => {
    const make = encodersOf(name, 0)
    for (let time = 0; time < 20; time++) {
      const given = new CompressedBody(make, new Client(), () => undefined)
      given.write(randomBytes(70_000))
      if (time % 2 === 0) given.end()
      given.stop()
      expect(given.write(Buffer.from('late'))).toBe(true)
      const failed = new Client()
      const second = new CompressedBody(make, failed, () => undefined)
      second.write(text('half'))
      second.fail(new Error('the application ended'))
      await expect(failed.ended).rejects.toThrow('the application ended')
      const body = text(`body ${String(time)}`)
      expect(decode(await send(make, body)).equals(body)).toBe(true)
    }
  })
})
