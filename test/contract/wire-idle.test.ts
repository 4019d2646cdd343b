import { expect, test, vi } from 'vitest'
import { openHttp1Upstream } from '../../src/forward/http1/forwarder.ts'
import { openHttp1Protocol } from '../../src/listen/http1/protocol.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { HandClock } from '../support/hand-clock.ts'
import { ask, openApp, openPipeline, type Pipeline } from './fixtures.ts'
import { OK, type Recorder } from '../support/recorder.ts'

const GET = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'

/** The wire engine, with time for the way to the application moved by hand. */
async function open(challenge = ''): Promise<{ app: Recorder; clock: HandClock; pipeline: Pipeline }> {
  const clock = new HandClock()
  const app = await openApp((_request, connection) => {
    connection.send(OK.replace('OK\r\n', `OK\r\n${challenge}`))
  })
  const engine = { name: 'wire', openProtocol: openHttp1Protocol(systemClock), openUpstream: openHttp1Upstream(clock) }
  return { app, clock, pipeline: await openPipeline(engine, app.port) }
}

test('a free connection ends after 60 s, and not before; one that is used begins anew', async () => {
  const { app, clock, pipeline } = await open()
  const client = await pipeline.connect()
  await ask(pipeline, client, GET)
  clock.advance(59_000)
  await ask(pipeline, client, GET)
  clock.advance(59_000)
  await ask(pipeline, client, GET)
  expect(app.connections).toHaveLength(1)
  clock.advance(61_000)
  await app.connections[0]?.ended
  await ask(pipeline, client, GET)
  expect(app.connections).toHaveLength(2)
})

test('a connection that may be authenticated stays open as long as its client', async () => {
  const { app, clock, pipeline } = await open('WWW-Authenticate: NTLM\r\n')
  const client = await pipeline.connect()
  await ask(pipeline, client, GET)
  clock.advance(600_000)
  await ask(pipeline, client, GET)
  expect(app.connections).toHaveLength(1)
})

test('no timer runs for an application without connections', async () => {
  const { app, clock, pipeline } = await open()
  const client = await pipeline.connect()
  const after = vi.spyOn(clock, 'after')
  const timers = (): number => {
    after.mockClear()
    clock.advance(1_000)
    return after.mock.calls.length
  }
  for (const round of [0, 1]) {
    await ask(pipeline, client, GET)
    expect(timers()).toBeGreaterThan(0)
    app.connections[round]?.end()
    await expect.poll(timers).toBe(0)
  }
})
