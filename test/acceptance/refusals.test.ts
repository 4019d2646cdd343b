import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startDaemon } from '../support/daemon.ts'
import { answerOf, dropOfflineFile } from '../support/deployment.ts'
import { eventually } from '../support/eventually.ts'
import { copyApp, editWebConfig } from '../support/folders.ts'
import { connectRaw } from '../support/raw-client.ts'

const limited =
  '<security><requestFiltering><requestLimits maxAllowedContentLength="1000" /></requestFiltering></security>'

/** A Node app whose requests may have a thousand bytes. */
async function limitedApp(): Promise<string> {
  const folder = await copyApp('node-twin')
  await editWebConfig(folder, { webServer: limited })
  return folder
}

describe('a request that is refused leaves a line at info, with reason and setting', () => {
  const tooLarge = {
    level: 'info',
    app: '/LM/W3SVC/1/ROOT',
    status: 413,
    substatus: 1,
    reason: 'body-too-large',
    setting: 'maxAllowedContentLength="1000"',
    method: 'POST',
    path: '/HelloWorld',
    remoteAddress: '127.0.0.1',
  }

  test('a Content-Length above maxAllowedContentLength', async () => {
    const daemon = await startDaemon(await limitedApp())
    const answer = await daemon.send('/HelloWorld?secret=1', { method: 'POST', body: Buffer.alloc(1001) })
    expect(answer.status).toBe(413)
    const event = await daemon.event('requestRefused')
    expect(event).toMatchObject(tooLarge)
    expect(JSON.stringify(event)).not.toContain('secret')
  })

  test('a chunked body that grows above it', async () => {
    const daemon = await startDaemon(await limitedApp())
    const client = await connectRaw(daemon.port)
    client.send('POST /HelloWorld HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
    client.send(`3e9\r\n${'x'.repeat(1001)}\r\n0\r\n\r\n`)
    expect(await daemon.event('requestRefused')).toMatchObject(tooLarge)
    client.destroy()
  })

  test.each([
    ['without Host', 'GET / HTTP/1.1\r\n\r\n', { status: 400, reason: 'bad-request', why: 'it has no Host field' }],
    [
      'above 16 KiB',
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`,
      { status: 431, reason: 'head-too-large', setting: 'maxRequestBytes="16384"; built in: 200 field lines' },
    ],
  ])('a head %s', async (_what, head, expected) => {
    const daemon = await startDaemon(await copyApp('node-twin'))
    const client = await connectRaw(daemon.port)
    client.send(head)
    expect(await daemon.event('requestRefused')).toMatchObject({ ...expected, remoteAddress: '127.0.0.1' })
    client.destroy()
  })

  test('an address that no application has, and one that no handler takes', async () => {
    const folder = await copyApp('node-twin')
    const handlers =
      '<handlers><clear /><add name="a" path="only/*" verb="*" modules="AspNetCoreModuleV2" /></handlers>'
    await writeFile(
      join(folder, 'web.config'),
      `<configuration><system.webServer>${handlers}<aspNetCore processPath="node" arguments="server.mjs" /></system.webServer></configuration>`,
    )
    const daemon = await startDaemon(folder, { args: ['--path-base', '/sub'] })
    expect((await daemon.send('/elsewhere')).status).toBe(404)
    expect(await daemon.event('requestRefused')).toMatchObject({
      status: 404,
      reason: 'no-application',
      path: '/elsewhere',
    })
    expect((await daemon.send('/sub/other')).status).toBe(404)
    const { app, setting } = await daemon.event('requestRefused', ({ reason }) => reason === 'not-handled')
    expect([app, setting]).toEqual(['/LM/W3SVC/1/ROOT/sub', '<handlers>'])
  })

  test('an application that is offline, one whose web.config is broken, and one with too many failures', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { attributes: { arguments: 'missing.mjs', rapidFailsPerMinute: '0' } })
    const daemon = await startDaemon(folder)
    for (let round = 0; round < 2; round += 1) expect((await daemon.send('/')).status).toBe(502)
    expect((await daemon.event('requestRefused', ({ reason }) => reason === 'start-failed'))['status']).toBe(502)
    await eventually('the second it answers for is over', async () => {
      await daemon.send('/')
      return daemon.seen('rapidFailTripped').length > 0
    })
    expect(await daemon.event('requestRefused', ({ reason }) => reason === 'rapid-fail')).toMatchObject({
      substatus: 5,
      setting: 'rapidFailsPerMinute="0"',
    })

    await writeFile(join(folder, 'web.config'), '<configuration>')
    await answerOf(daemon, 500)
    expect(await daemon.event('requestRefused', ({ reason }) => reason === 'configuration-invalid')).toMatchObject({
      substatus: 19,
      setting: join(folder, 'web.config'),
    })

    await dropOfflineFile(folder)
    await answerOf(daemon, 503)
    const { setting } = await daemon.event('requestRefused', ({ reason }) => reason === 'offline')
    expect(setting).toBe('app_offline.htm')
  })

  test('many of one kind: five lines, and how many were left out', async () => {
    const daemon = await startDaemon(await limitedApp())
    const body = Buffer.alloc(1001)
    const from = performance.now()
    for (let round = 0; round < 12; round += 1) await daemon.send('/', { method: 'POST', body })
    await daemon.stop()
    const [told, leftOut] = [daemon.seen('requestRefused'), daemon.seen('requestsRefused')]
    expect(told.length + leftOut.reduce((sum, event) => sum + Number(event['count']), 0)).toBe(12)
    // On a machine that takes longer than ten seconds for them there is another round of lines.
    if (performance.now() - from < 10_000) expect(told).toHaveLength(5)
  })
})
