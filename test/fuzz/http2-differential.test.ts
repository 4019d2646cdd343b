import { type ClientHttp2Session, connect } from 'node:http2'
import { connect as connectTcp, createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { Exchange } from '../../src/http/exchange.ts'
import { openHttp2Front } from '../contract/http2-fixtures.ts'
import { CollectingSink } from '../contract/fixtures.ts'
import { fuzzPlan, Random } from './random.ts'

const { cases, seed, timeout } = fuzzPlan(600, 100)

/** How many requests are under way at a time. */
const AT_ONCE = 20

type Flat = string[]

/** What one side sends and the other has to read, in both directions. */
interface Talk {
  readonly fields: Flat
  readonly body: string
  readonly trailers: Flat
  readonly status: number
  readonly answerFields: Flat
  readonly answer: string
  readonly answerTrailers: Flat
}

const names = [
  'x-a',
  'x-b',
  'accept',
  'cookie-like',
  'user-agent',
  'cache-control',
  'x-trace',
  'etag',
  'server',
  'vary',
]

/** Latin-1 that may stand in a field: often the same, often new, sometimes long. */
function fieldValue(random: Random): string {
  if (random.chance(0.4)) return random.pick(['', 'gzip', 'text/plain; charset=utf-8', 'no-cache', 'ASP.NET'])
  const length = random.chance(0.05) ? random.below(3_000) : random.below(40)
  const letters = Array.from({ length }, () => {
    const code = random.chance(0.8) ? 0x21 + random.below(0x5e) : 0xa1 + random.below(0x5e)
    return String.fromCharCode(code)
  })
  return letters.join('')
}

function flat(random: Random, most: number, prefix = ''): Flat {
  return Array.from({ length: random.below(most) }, () => {
    const name = random.chance(0.8) ? random.pick(names) : `x-${random.below(1_000).toString(36)}`
    return [prefix + name, fieldValue(random)]
  }).flat()
}

function bodyOf(random: Random): string {
  if (random.chance(0.4)) return ''
  const length = random.chance(0.2) ? random.below(200_000) : random.below(300)
  return Array.from({ length: Math.ceil(length / 8) }, () => random.below(2 ** 32).toString(36)).join('')
}

function talk(random: Random): Talk {
  const body = bodyOf(random)
  const answer = bodyOf(random)
  return {
    fields: flat(random, 12),
    body,
    trailers: body === '' || random.chance(0.7) ? [] : flat(random, 4, 't-'),
    status: random.pick([200, 201, 400, 404, 418, 500, 599]),
    answerFields: flat(random, 12),
    answer,
    answerTrailers: answer === '' || random.chance(0.7) ? [] : flat(random, 4, 't-'),
  }
}

/** The pairs of a list by name, without pseudo-fields; the order of equal names counts. Node joins some of them. */
function comparable(list: readonly string[]): string[] {
  const pairs: string[] = []
  for (let i = 0; i < list.length; i += 2) pairs.push(`${list[i] as string}: ${list[i + 1] as string}`)
  return pairs.filter((pair) => !/^(?::|host:|date:)/.test(pair)).sort()
}

/** A list in the form that the client library takes. */
function grouped(list: Flat): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {}
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i] as string
    const value = list[i + 1] as string
    const before = fields[name]
    fields[name] = before === undefined ? value : [...[before].flat(), value]
  }
  return fields
}

/** Fields that the client library sends once: without their repetitions. */
function withoutRepeated(list: Flat): Flat {
  const kept: Flat = []
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i] as string
    if (['user-agent', 'etag'].includes(name) && kept.some((text, n) => n % 2 === 0 && text === name)) continue
    kept.push(name, list[i + 1] as string)
  }
  return kept
}

/** Passes bytes on in pieces of random length, so that frames are cut anywhere. */
async function openCutter(random: Random, port: number): Promise<number> {
  const server = createServer({ noDelay: true }, (client) => {
    const out = connectTcp({ port, host: '127.0.0.1', noDelay: true })
    client.on('data', (chunk: Buffer) => {
      for (let at = 0; at < chunk.length; ) {
        const length = random.chance(0.5) ? 1 + random.below(30) : 1 + random.below(5_000)
        out.write(chunk.subarray(at, at + length))
        at += length
      }
    })
    out.pipe(client)
    for (const socket of [client, out]) {
      socket.on('error', () => undefined)
      socket.on('close', () => {
        client.destroy()
        out.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
  })
  return (server.address() as { port: number }).port
}

/** The server's side of a talk: reads the request, compares it, answers. */
async function serve(exchange: Exchange, random: Random, { fields, body, trailers, ...answer }: Talk): Promise<void> {
  const seen: Flat = []
  exchange.headers.each((name, value) => seen.push(name, value))
  expect(comparable(seen)).toEqual(comparable(withoutRepeated(fields)))
  const sink = new CollectingSink()
  if (exchange.body === undefined) expect(body).toBe('')
  else {
    exchange.body.into(sink)
    expect(await sink.over).toBe('end')
    expect(sink.received === body).toBe(true)
    expect(comparable(sink.trailers ?? [])).toEqual(comparable(trailers))
  }
  const out = exchange.reply.begin({ status: answer.status, reason: '', headers: answer.answerFields })
  const bytes = Buffer.from(answer.answer, 'latin1')
  let drained = (): void => undefined
  out.onDrain(() => {
    drained()
  })
  for (let at = 0; at < bytes.length; ) {
    const to = Math.min(bytes.length, at + 1 + random.below(40_000))
    if (!out.write(bytes.subarray(at, to))) {
      await new Promise<void>((resolve) => {
        drained = resolve
      })
    }
    at = to
  }
  out.end(answer.answerTrailers)
}

/** The client's side of it. */
async function ask(session: ClientHttp2Session, path: string, random: Random, planned: Talk): Promise<void> {
  const head = {
    ':path': path,
    ':method': planned.body === '' ? 'GET' : 'POST',
    ...grouped(withoutRepeated(planned.fields)),
  }
  const endStream = planned.body === ''
  const stream = session.request(head, { endStream, waitForTrailers: planned.trailers.length > 0 })
  stream.on('wantTrailers', () => {
    stream.sendTrailers(grouped(planned.trailers))
  })
  const got: { head: Flat; trailers: Flat; body: string } = { head: [], trailers: [], body: '' }
  stream.setEncoding('latin1')
  stream.on('response', ((_head: object, _flags: number, raw: Flat) => {
    got.head = raw
  }) as (head: object) => void)
  stream.on('trailers', ((_trailers: object, _flags: number, raw: Flat) => {
    got.trailers = raw
  }) as (trailers: object) => void)
  stream.on('data', (text: string) => {
    got.body += text
  })
  const closed = new Promise<void>((resolve, reject) => {
    stream.on('error', reject)
    stream.on('close', resolve)
  })
  if (!endStream) {
    const cut = random.below(planned.body.length)
    stream.write(planned.body.slice(0, cut), 'latin1')
    stream.end(planned.body.slice(cut), 'latin1')
  }
  await closed
  expect(got.head[got.head.indexOf(':status') + 1]).toBe(String(planned.status))
  expect(comparable(got.head)).toEqual(comparable(planned.answerFields))
  expect(got.body === planned.answer).toBe(true)
  expect(comparable(got.trailers)).toEqual(comparable(planned.answerTrailers))
}

test(`what a client of node:http2 and ancmd say to each other is what the other reads (seed ${String(seed)})`, {
  timeout,
}, async () => {
  const random = new Random(seed)
  const talks = new Map<string, Talk>()
  const failures: unknown[] = []
  const onExchange = (exchange: Exchange): void => {
    serve(exchange, random, talks.get(exchange.path) as Talk).catch((error: unknown) => {
      failures.push(error)
      exchange.reply.abort()
    })
  }
  // On a busy machine both sides are slow.
  const { front } = await openHttp2Front(onExchange, { minBodyRate: 0 })
  const port = await openCutter(random, front.port)
  for (let at = 0; at < cases; at += 150) {
    const tables = [0, 50, 300, 4_096, 65_536]
    const windows = [1, 100, 65_535, 1_000_000]
    const settings = () => ({ headerTableSize: random.pick(tables), initialWindowSize: random.pick(windows.slice(1)) })
    const session = connect(`http://127.0.0.1:${String(port)}`, { settings: settings() })
    const broken = new Promise<never>((_resolve, reject) => session.on('error', reject))
    broken.catch(() => undefined)
    for (let n = at; n < Math.min(at + 150, cases); n += AT_ONCE) {
      if (n > at) session.settings(settings())
      const asked = Array.from({ length: AT_ONCE }, (_none, i) => {
        const path = `/${String(n + i)}`
        const planned = talk(random)
        talks.set(path, planned)
        return ask(session, path, random, planned)
      })
      await Promise.race([Promise.all(asked), broken]).catch((error: unknown) => {
        throw new Error(`requests from ${String(n)} of seed ${String(seed)} failed`, { cause: failures[0] ?? error })
      })
    }
    session.destroy()
  }
  expect(failures).toEqual([])
})
