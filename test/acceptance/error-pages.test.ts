import { describe, expect, test } from 'vitest'
import { startDaemon } from '../support/daemon.ts'
import { copyApp, editWebConfig } from '../support/folders.ts'
import { withEachTwin } from '../support/twins.ts'

describe('requestTimeout', () => {
  test('err-request-timeout-sec: an app that says nothing for longer is 502, never 504', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { attributes: { requestTimeout: '00:00:01' } })
    const daemon = await startDaemon(folder)
    const answer = await daemon.send('/DoSleep60000')
    expect(answer.status).toBe(502)
    expect(answer.text).toContain('502.3')
    expect(await daemon.text('/')).toBe('Running')
    expect(daemon.seen('processStarted')).toHaveLength(1)
  })

  test('err-request-timeout-min: an app that answers within it is served', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { attributes: { requestTimeout: '00:02:00' } })
    expect(await (await startDaemon(folder)).text('/DoSleep1500')).toBe('Running')
  })

  test('is about silence: an answer that keeps coming may take longer', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { attributes: { requestTimeout: '00:00:03' } })
    const daemon = await startDaemon(folder)
    const text = await daemon.text('/SlowDrip?count=9&interval=400')
    expect(text.match(/^data:/gm)).toHaveLength(9)
  })
})

withEachTwin('an exception in the app', {}, (daemon) => {
  test("err-app-exception: its own 500 passes through, it does not become the front's page", async () => {
    const answer = await daemon().send('/Throw')
    expect(answer.status).toBe(500)
    expect(answer.reason).toBe('Internal Server Error')
    expect(answer.text).not.toContain('HTTP Error')
    expect(await daemon().text('/')).toBe('Running')
  })
})

describe('a handler version that is not installed', () => {
  test('err-handler-load: handlerVersion is accepted and means nothing here', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { handlerSettings: { handlerVersion: '88.93' } })
    expect(await (await startDaemon(folder)).text('/HelloWorld')).toBe('Hello World')
  })
})

describe('a connection that the app breaks', () => {
  test('before its answer is 502.3', async () => {
    const daemon = await startDaemon(await copyApp('node-twin'))
    const answer = await daemon.send('/Abort')
    expect(answer.status).toBe(502)
    expect(answer.text).toContain('502.3')
    expect(daemon.seen('forwardFailed')[0]).toMatchObject({ side: 'application', started: false })
  })

  test.each([
    '/TruncatedBody',
    '/TruncatedChunks',
  ])('in its answer (%s) is never a clean end for the client', async (path) => {
    const daemon = await startDaemon(await copyApp('node-twin'))
    await expect(daemon.send(path)).rejects.toThrow(/cut|aborted|ECONNRESET|hang up/)
    expect(await daemon.text('/')).toBe('Running')
  })
})
