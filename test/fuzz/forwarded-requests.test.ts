import { expect, test } from 'vitest'
import { requestHeaders } from '../../src/forward/request-headers.ts'
import { readRequests } from '../support/strict-reader.ts'
import { type Forwarded, ForwardingFront } from './forwarding-front.ts'
import { split } from './generate.ts'
import { NodeParser } from './node-parser.ts'
import { isKnownMethod } from './comparable.ts'
import { readOurs } from './our-reading.ts'
import { fuzzPlan, Random } from './random.ts'
import type { ReadRequest } from './reading.ts'
import { requests } from './request-samples.ts'

const TOKEN = '11111111-2222-4333-8444-555555555555'
const { cases, seed, timeout } = fuzzPlan(10_000, 10)

test(`what goes to the application is one request, the one that came (seed ${String(seed)})`, { timeout }, async () => {
  const random = new Random(seed)
  const front = new ForwardingFront(TOKEN)
  const node = new NodeParser()
  let whole = 0
  let broken = 0

  for (let i = 0; i < cases; i++) {
    const text = requests(random)
    const pieces = split(random, Buffer.from(text, 'latin1'))
    try {
      const came = readOurs(pieces)
      const seen = await front.receive(pieces)
      const complete = seen.filter(({ ended }) => ended === 'whole')
      expect(seen.length).toBe(came.requests.length + (came.begun === undefined ? 0 : 1))
      expect(complete.length).toBe(came.requests.length)
      for (const [n, forwarded] of seen.entries()) {
        // A handshake goes on a connection of its own, and node's client writes it.
        if (forwarded.exchange.upgrade !== undefined) continue
        if (forwarded.ended === 'whole') expectOneRequest(forwarded, came.requests[n] as ReadRequest, node)
        else expectNoRequest(forwarded)
      }
      whole += complete.length
      broken += seen.length - complete.length
    } catch (cause) {
      throw new Error(`case ${String(i)} of seed ${String(seed)}: ${JSON.stringify(text)}: ${String(cause)}`, { cause })
    }
  }
  console.log(
    `seed ${String(seed)}: ${String(cases)} inputs, ${String(whole)} requests forwarded, ${String(broken)} broken`,
  )
  expect(whole).toBeGreaterThan(cases / 4)
  expect(broken).toBeGreaterThan(cases / 100)
})

/** By the strict reader of the tests and by node: exactly one, and what is in it came or is ours. */
function expectOneRequest({ exchange, head, body }: Forwarded, came: ReadRequest, node: NodeParser): void {
  const text = head + body
  const { requests: read, rest } = readRequests(text)
  const [request] = read
  if (request === undefined || read.length !== 1 || rest !== '') throw new Error(`not one request: ${text}`)
  const { method, target, fields } = request
  const asSent = inOrder(requestHeaders(exchange, TOKEN))
  if (method !== came.method || target !== exchange.target || request.body !== came.body) {
    throw new Error(`another request: ${text}`)
  }
  expect(inOrder(fields.flat())).toBe(asSent)
  if (fields.filter(([name]) => /^ms[-_]aspnetcore[-_]token$/i.test(name)).length !== 1)
    throw new Error('not one token')
  if (!isKnownMethod(method)) return
  const byNode = node.read([Buffer.from(text, 'latin1')])
  const [other] = byNode.requests
  if (other === undefined || byNode.requests.length !== 1 || byNode.refused)
    throw new Error(`not one for node: ${text}`)
  if (other.method !== method || other.target !== target || other.body !== came.body) {
    throw new Error(`another request for node: ${text}`)
  }
  expect(inOrder(other.fields)).toBe(asSent)
}

/** What has gone of a request that broke is nowhere near a whole one. */
function expectNoRequest({ head, body }: Forwarded): void {
  const { requests: read, rest } = readRequests(head + body)
  if (read.length !== 0 || rest === '') throw new Error(`a whole request: ${head + body}`)
}

/** Fields by name, repeated ones in their order; the casing of names says nothing. */
function inOrder(fields: readonly string[]): string {
  const byName = new Map<string, string>()
  for (let i = 0; i < fields.length; i += 2) {
    const name = (fields[i] as string).toLowerCase()
    const before = byName.get(name)
    const value = (fields[i + 1] as string).replaceAll(/^[ \t]+|[ \t]+$/g, '')
    byName.set(name, before === undefined ? value : `${before} | ${value}`)
  }
  return [...byName]
    .map(([name, value]) => `${name}: ${value}`)
    .sort()
    .join('\n')
}
