import { describe, expect, test } from 'vitest'
import type { RawSocket } from '../support/raw-client.ts'
import type { Recorder } from '../support/recorder.ts'
import { type StrictRequest, valuesOf } from '../support/strict-reader.ts'
import { engines, tlsEngines } from './engines.ts'
import { openApp, openPipeline, type Pipeline, TOKEN } from './fixtures.ts'
import type { SmugglingCase } from './smuggling/case.ts'
import { chunkCases } from './smuggling/chunks.ts'
import { connectionCases } from './smuggling/connections.ts'
import { framingCases } from './smuggling/framing.ts'
import { headCases } from './smuggling/heads.ts'
import { identityCases } from './smuggling/identity.ts'
import { targetCases } from './smuggling/targets.ts'

const HONEST = 'GET /honest HTTP/1.1\r\nHost: honest\r\nConnection: close\r\n\r\n'
/** The same on a connection that is still there: it must be understood as what it is, or not at all. */
const AGAIN = HONEST.replaceAll('honest', 'again')

describe.each([
  ...engines,
  ...tlsEngines,
])('through $name the application sees exactly what the client sent:', (engine) => {
  describe.each([
    ['the framing of bodies', framingCases],
    ['chunks', chunkCases],
    ['heads', headCases],
    ['targets', targetCases],
    ['connections', connectionCases],
    ['who asks', identityCases],
  ])('%s', (_what, cases) => {
    test.each(cases)('$name', async (smuggling) => {
      const app = await openApp()
      const pipeline = await openPipeline(engine, app.port)
      const client = await pipeline.connect()
      client.send(smuggling.bytes)
      await settled(smuggling, client, pipeline)

      const expected = (smuggling.reads ?? []).map((each) =>
        each.replace(' FRONT', ` 127.0.0.1:${String(pipeline.front.port)}`),
      )
      const seen = app.requests.map(described)
      const again = seen.at(-1) === 'GET /again again' ? seen.splice(-1) : []
      if (smuggling.mayRefuse !== true || seen.length > 0) expect(seen).toEqual(expected)
      for (const request of app.requests) expectIdentity(request, client, engine.isTls === true ? 'https' : 'http')
      await expectNothingOpenEnded(app)

      const honest = await pipeline.connect()
      honest.send(HONEST)
      expect(await honest.untilEnded()).toMatch(/^HTTP\/1\.1 200 [^]*ok$/)
      expect(app.requests.map(described)).toEqual([...seen, ...again, 'GET /honest honest'])
    })
  })

  test('no table has lost a row', () => {
    const all = [framingCases, chunkCases, headCases, targetCases, connectionCases, identityCases].flat()
    expect(all.length).toBeGreaterThan(120)
    expect(new Set(all.map(({ bytes }) => bytes)).size).toBe(all.length)
  })
})

/** Resolves when the client has all that it will get: every answer and, unless all was in order, the end. */
async function settled(smuggling: SmugglingCase, client: RawSocket, pipeline: Pipeline): Promise<void> {
  const { reads = [], unfinished, mayRefuse } = smuggling
  if (unfinished === true) {
    // Whatever of it has gone on its way is there by now; then the client leaves.
    await new Promise((resolve) => setTimeout(resolve, 30))
    client.destroy()
    await expect.poll(() => pipeline.front.connections).toBe(0)
    return
  }
  const answers = (): number => client.received.split(/HTTP\/1\.1 [2-5]\d\d /).length - 1
  if (reads.length === 0) {
    await client.untilEnded()
    expect(client.received).toMatch(/^(HTTP\/1\.1 [45]\d\d |$)/)
    return
  }
  if (mayRefuse === true) {
    await client.until(() => answers() > 0)
    return
  }
  await client.until(() => answers() >= reads.length && pipeline.deliveries.length >= reads.length)
  client.send(AGAIN)
  await client.untilEnded()
}

/** `METHOD target host body`, as the tables write it. */
function described(request: StrictRequest): string {
  const host = valuesOf(request.fields, 'Host').join(' and ')
  return `${request.method} ${request.target} ${host}${request.body === '' ? '' : ` ${request.body}`}`
}

/** Exactly one token, ours; the client's true address alone; nothing that only the front may say. */
function expectIdentity(request: StrictRequest, client: RawSocket, scheme: string): void {
  const dashed = request.fields.map(([name, value]) => [name.toLowerCase().replaceAll('_', '-'), value] as const)
  expect(dashed.filter(([name]) => name.startsWith('ms-aspnetcore'))).toEqual([['ms-aspnetcore-token', TOKEN]])
  expect(valuesOf(dashed, 'X-Forwarded-Proto')).toEqual([scheme])
  expect(valuesOf(dashed, 'X-Forwarded-For')).toEqual([`127.0.0.1:${String(client.socket.localPort)}`])
  expect(valuesOf(dashed, 'Connection').every((value) => /^(keep-alive|close|Upgrade)$/i.test(value))).toBe(true)
  for (const name of ['Keep-Alive', 'Proxy-Connection', 'HTTP2-Settings', 'Expect', 'TE']) {
    expect(valuesOf(dashed, name)).toEqual([])
  }
  expect(request.trailers).toEqual([])
}

/** What of a request was never completed is on a connection that has ended: no later request can be taken for its rest. */
async function expectNothingOpenEnded(app: Recorder): Promise<void> {
  for (const connection of app.connections) {
    if (connection.read().rest !== '') await connection.ended
  }
}
