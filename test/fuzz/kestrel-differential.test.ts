import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { requestHeaders } from '../../src/forward/request-headers.ts'
import { openHttp1Upstream } from '../../src/forward/http1/forwarder.ts'
import type { Exchange } from '../../src/http/exchange.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { hasDotnet } from '../support/dotnet-apps.ts'
import { corpus } from './corpus/corpus.ts'
import { ForwardingFront } from './forwarding-front.ts'
import { openFront } from './front-fixture.ts'
import { split } from './generate.ts'
import { type Kestrel, startKestrel } from './kestrel.ts'
import { askKestrel } from './kestrel-client.ts'
import { type Asked, isElsewhere, KestrelDifferences } from './kestrel-differences.ts'
import { readOurs } from './our-reading.ts'
import { fuzzPlan, Random } from './random.ts'
import type { ReadRequest } from './reading.ts'
import { requests } from './request-samples.ts'

const TOKEN = '11111111-2222-4333-8444-555555555555'
const options = { requestTimeout: 30_000, forwardResponseConnectionHeader: false }
const { cases, seed, timeout } = fuzzPlan(6_000, 50)
/** Those for which every connection is one of the system's. */
const engineCases = Math.ceil(cases / 10)

describe.skipIf(!hasDotnet)('Kestrel', () => {
  let kestrel: Kestrel
  beforeAll(async () => {
    kestrel = await startKestrel()
  }, 300_000)
  afterAll(async () => {
    await kestrel.close()
  })

  test(`reads the bytes that ancmd accepts as ancmd does (seed ${String(seed)})`, { timeout }, async () => {
    const random = new Random(seed)
    const differences = new KestrelDifferences(kestrel.port)
    for (const { bytes } of corpus) for (const asked of readByUs(bytes)) await differences.ask(asked)
    for (let i = 0; i < cases; i++) for (const asked of readByUs(requests(random))) await differences.ask(asked)
    await differences.finish()
    console.log(`seed ${String(seed)}, ${String(cases)} inputs as they came: ${JSON.stringify(differences.tally)}`)
    expect(differences.tally.read).toBeGreaterThan(cases / 10)
  })

  test(`reads the bytes that ancmd forwards as ancmd does (seed ${String(seed)})`, { timeout }, async () => {
    const random = new Random(seed)
    const front = new ForwardingFront(TOKEN)
    const differences = new KestrelDifferences(kestrel.port)
    for (const { bytes } of corpus) {
      for (const asked of await forwardedByUs(front, [Buffer.from(bytes, 'latin1')])) await differences.ask(asked)
    }
    for (let i = 0; i < cases; i++) {
      const pieces = split(random, Buffer.from(requests(random), 'latin1'))
      for (const asked of await forwardedByUs(front, pieces)) await differences.ask(asked)
    }
    await differences.finish()
    console.log(`seed ${String(seed)}, ${String(cases)} inputs as forwarded: ${JSON.stringify(differences.tally)}`)
    expect(differences.tally.read).toBeGreaterThan(cases / 10)
  })

  test(`reads what comes through the engine as ancmd does (seed ${String(seed)})`, { timeout }, async () => {
    const upstream = openHttp1Upstream(systemClock)({ port: kestrel.port, token: TOKEN })
    let seen: { readonly target: string; readonly fields: readonly string[] }[] = []
    const serve = async (exchange: Exchange): Promise<void> => {
      seen.push({ target: exchange.target, fields: requestHeaders(exchange, TOKEN) })
      const delivery = await upstream.forward(exchange, options)
      if (delivery.outcome === 'failed' && !exchange.reply.gone) exchange.reply.abort()
    }
    const front = await openFront((exchange) => void serve(exchange))
    onTestFinished(() => {
      front.destroy()
      upstream.close()
    })
    const random = new Random(seed)
    let compared = 0

    for (let i = 0; i < engineCases; i++) {
      const text = requests(random)
      const context = `case ${String(i)} of seed ${String(seed)}: ${JSON.stringify(text)}`
      const ours = readOurs([Buffer.from(text, 'latin1')])
      // What Kestrel refuses ends no connection of the client's; and what waits for more would take the last request for it.
      const isPlain = ours.requests.length > 0 && ours.over === undefined && /^[\0-\x7f]*$/.test(text)
      if (!isPlain || ours.requests.some(({ target }) => isElsewhere(target))) continue
      seen = []
      const sent = { bytes: text.slice(0, ours.used), methods: ours.requests.map(({ method }) => method), ends: false }
      const answers = await askKestrel(front.port, sent)
      expect(answers.length, context).toBe(ours.requests.length)
      for (const [n, answer] of answers.entries()) {
        if (answer.kind === 'answered') continue
        if (answer.kind === 'refused') throw new Error(`${String(answer.status)} in ${context}`)
        const { reading } = answer
        const { method, body } = ours.requests[n] as ReadRequest
        expect([reading.method, reading.target, reading.body], context).toEqual([method, seen[n]?.target, body])
        expect(new Map(reading.fields), context).toEqual(united(seen[n]?.fields ?? []))
        compared++
      }
    }
    expect(compared).toBeGreaterThan(engineCases / 10)
  })
})

/** Each request of an input that is complete for us, with its bytes. */
function readByUs(text: string): Asked[] {
  const { requests: read, ends, over } = readOurs([Buffer.from(text, 'latin1')])
  return read.map((request, i) => ({
    ...request,
    bytes: text.slice(i === 0 ? 0 : ends[i - 1], ends[i]),
    ends: over === 'closed' && i === read.length - 1,
  }))
}

/** Each of them as it goes to the application. */
async function forwardedByUs(front: ForwardingFront, pieces: readonly Buffer[]): Promise<Asked[]> {
  const bodies = readOurs(pieces).requests.map(({ body }) => body)
  const forwarded = await front.receive(pieces)
  return forwarded.flatMap(({ exchange, head, body, ended }, i) => {
    if (ended !== 'whole' || exchange.upgrade !== undefined) return []
    const { method, target } = exchange
    const fields = requestHeaders(exchange, TOKEN)
    const content = bodies[i] ?? ''
    return [{ bytes: head + body, method, target, version: '1.1', fields, body: content, ends: false }]
  })
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
