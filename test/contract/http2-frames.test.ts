import { describe, expect, test } from 'vitest'
import { FrameType, headers, request as head } from '../support/http2/frames.ts'
import { connectHttp2, type RawHttp2 } from '../support/http2/raw-http2.ts'
import { type StrictRequest, valuesOf } from '../support/strict-reader.ts'
import { openApp, type Pipeline, TOKEN } from './fixtures.ts'
import { http2Engines, openHttp2Pipeline } from './http2-fixtures.ts'
import { bodyCases } from './http2-frames/bodies.ts'
import type { FrameCase } from './http2-frames/case.ts'
import { fieldCases, hpackCases } from './http2-frames/fields.ts'
import { frameCases } from './http2-frames/frames.ts'
import { pseudoCases, targetCases } from './http2-frames/heads.ts'

const tables = [
  ['pseudo-fields', pseudoCases],
  ['methods and paths', targetCases],
  ['fields', fieldCases],
  ['header blocks', hpackCases],
  ['frames', frameCases],
  ['bodies', bodyCases],
] as const

describe.each(http2Engines)('through $name the application sees exactly what the client sent:', (engine) => {
  describe.each(tables)('%s', (_what, cases) => {
    test.each(cases)('$name', async (each) => {
      const app = await openApp()
      // The time after which a session is asked whether it still reads, if the client's end goes unnoticed otherwise.
      const limits = each.isUnfinished === true ? { headTimeoutMs: 1_000 } : {}
      const pipeline = await openHttp2Pipeline(engine, app.port, { limits })
      const client = await connectHttp2(pipeline.front.port)
      if (each.preface === undefined) client.begin()
      else client.send(each.preface)
      if (each.frames.length > 0) client.send(...each.frames)
      await settled(each, client, pipeline)
      const { localPort } = client.socket
      client.destroy()

      const honest = await pipeline.connectHttp2()
      honest.send(headers(1, head('GET', '/honest')))
      await honest.untilOver(1)
      expect(honest.statuses(1)).toEqual(['200'])
      const seen = app.requests.map(described)
      expect(seen.pop()).toBe('GET /honest a')
      if (seen.at(-1) === 'GET /again a') seen.pop()
      if (each.mayRefuse !== true || seen.length > 0) expect(seen).toEqual(each.reads ?? [])
      for (const request of app.requests.slice(0, seen.length)) expectIdentity(request, localPort ?? 0)
      for (const connection of app.connections) if (connection.read().rest !== '') await connection.ended
    })
  })
})

test('no table of frames has lost a row', () => {
  const all = tables.flatMap(([, cases]) => cases)
  expect(all.length).toBeGreaterThan(190)
  expect(
    new Set(all.map(({ frames, preface }) => Buffer.concat([preface ?? Buffer.alloc(0), ...frames]).toString('hex')))
      .size,
  ).toBe(all.length)
})

/** Resolves when the client has all that it will get. */
async function settled(each: FrameCase, client: RawHttp2, pipeline: Pipeline): Promise<void> {
  const { reads = [], isUnfinished, mayRefuse } = each
  if (isUnfinished === true) {
    // Whatever of it has gone on its way is there by now; then the client leaves.
    await new Promise((resolve) => setTimeout(resolve, 30))
    client.destroy()
    await expect.poll(() => pipeline.front.connections, { timeout: 15_000 }).toBe(0)
    return
  }
  const answers = (): number =>
    client.frames.filter(({ type, stream }) => type === FrameType.headers && client.isOver(stream)).length
  const isRefused = (): boolean =>
    client.ended || client.frames.some(({ type }) => type === FrameType.goaway || type === FrameType.rst)
  if (reads.length === 0) {
    await client
      .until(() => isRefused() || answers() > 0)
      .catch((error: unknown) => {
        if (!client.ended) throw error
      })
    const statuses = client.frames.flatMap(({ stream }) => client.statuses(stream))
    expect(statuses.every((status) => /^[45]/.test(status))).toBe(true)
    return
  }
  await client.until(() => (mayRefuse === true && isRefused()) || answers() >= reads.length)
  if (mayRefuse === true) return
  client.send(headers(101, head('GET', '/again')))
  await client.untilOver(101)
  expect(client.statuses(101)).toEqual(['200'])
}

/** `METHOD target host body`, as the tables write it. */
function described(request: StrictRequest): string {
  const host = valuesOf(request.fields, 'Host').join(' and ')
  return `${request.method} ${request.target} ${host}${request.body === '' ? '' : ` ${request.body}`}`
}

/** Exactly one token, ours; the client's true address; no field with another's bytes. */
function expectIdentity(request: StrictRequest, port: number): void {
  const dashed = request.fields.map(([name, value]) => [name.toLowerCase().replaceAll('_', '-'), value] as const)
  expect(dashed.filter(([name]) => name.startsWith('ms-aspnetcore'))).toEqual([['ms-aspnetcore-token', TOKEN]])
  expect(valuesOf(dashed, 'X-Forwarded-For')).toEqual([`127.0.0.1:${String(port)}`])
  expect(valuesOf(dashed, 'X-Forwarded-Proto')).toEqual(['http'])
  for (const name of ['Keep-Alive', 'Proxy-Connection', 'HTTP2-Settings', 'Expect', 'Upgrade', 'X-Forged']) {
    expect(valuesOf(dashed, name)).toEqual([])
  }
  expect(request.fields.every(([, value]) => value !== 'forged')).toBe(true)
  expect(request.trailers).toEqual([])
}
