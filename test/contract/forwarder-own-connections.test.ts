import { describe, expect, test } from 'vitest'
import { askOver as ask } from './ask-over.ts'
import { engines } from './engines.ts'
import { openApp, openPipeline } from './fixtures.ts'

const GET = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'
const withFields = (...fields: readonly string[]): string =>
  GET.replace('h\r\n\r\n', `h\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`)
const NTLM = withFields('Authorization: NTLM TlRMTVNTUAAB')

describe.each(engines)("a client's own connections to the application, of $name", (engine) => {
  test('one that replaces an ended one is not shared either, and ends with the client', async () => {
    const app = await openApp()
    const pipeline = await openPipeline(engine, app.port)
    const [alice, bob] = [await pipeline.connect(), await pipeline.connect()]
    const first = await ask(pipeline, app, alice, NTLM)
    first.end()
    await first.ended
    const second = await ask(pipeline, app, alice, NTLM)
    expect(second).not.toBe(first)
    const shared = await ask(pipeline, app, bob, GET)
    expect(shared).not.toBe(second)
    expect(await ask(pipeline, app, alice, GET)).toBe(second)
    alice.end()
    expect(await second.ended).toBe('end')
    expect(shared.ending).toBeUndefined()
  })

  test('are closed when the process retires, those of a later client as soon as they are free', async () => {
    const app = await openApp()
    const pipeline = await openPipeline(engine, app.port)
    const [alice, bob] = [await pipeline.connect(), await pipeline.connect()]
    const first = await ask(pipeline, app, alice, NTLM)
    pipeline.upstream.retire()
    await first.ended
    const second = await ask(pipeline, app, bob, NTLM)
    await second.ended
    expect(pipeline.deliveries.map(({ outcome }) => outcome)).toEqual(['delivered', 'delivered'])
    expect(bob.ending).toBeUndefined()
  })

  test.each([
    [['Authorization: Basic YTpi', 'Proxy-Authorization: NTLM TlRMTVNTUAAB']],
    [['Proxy-Authorization: Basic YTpi', 'Authorization: Negotiate YIIH']],
    [['Proxy-Authorization: Negotiate YIIH', 'Authorization: Bearer x']],
    [['Authorization: Basic YTpi', 'Authorization: NTLM TlRMTVNTUAAB']],
  ])('are so from %j on: one of several credentials is enough', async (fields) => {
    const app = await openApp()
    const pipeline = await openPipeline(engine, app.port)
    const [alice, bob] = [await pipeline.connect(), await pipeline.connect()]
    const own = await ask(pipeline, app, alice, withFields(...fields))
    expect(await ask(pipeline, app, bob, GET)).not.toBe(own)
    alice.end()
    await own.ended
  })
})
