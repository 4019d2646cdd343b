import { chmod, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import type { DaemonEvent } from '../support/event-log.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { copyApp, editWebConfig, misbehavingApp, type WebConfigEdit } from '../support/folders.ts'
import type { Received } from '../support/send.ts'

async function failing(
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<{ daemon: Daemon; answer: Received; failure: DaemonEvent }> {
  const daemon = await startDaemon(folder, { environment })
  const answer = await daemon.send('/HelloWorld')
  return { daemon, answer, failure: await daemon.event('processStartFailed') }
}

async function twinWith(edit: WebConfigEdit): Promise<string> {
  const folder = await copyApp('node-twin')
  await editWebConfig(folder, edit)
  return folder
}

describe('a start that fails names its one cause', () => {
  test('the program is not there', async () => {
    const { answer, failure } = await failing(
      await twinWith({ attributes: { processPath: '.\\App.exe', arguments: '' } }),
    )
    expect(answer.status).toBe(502)
    expect(failure).toMatchObject({ eventId: 1020, cause: 'not-found' })
    expect(failure.msg).toMatch(/App/)
  })

  test('the program may not be run', async () => {
    const folder = await twinWith({ attributes: { processPath: '.\\tool', arguments: '' } })
    await writeFile(join(folder, 'tool'), '#!/bin/sh\nexit 0\n')
    await chmod(join(folder, 'tool'), 0o644)
    const { answer, failure } = await failing(folder)
    expect(answer.status).toBe(502)
    expect(failure['cause']).toBe('not-executable')
    expect(failure.msg).toContain('tool')
  })

  test('it exited: code, time and the last lines are told; the requests do not wait for startupTimeLimit', async () => {
    const { answer, failure } = await failing(await misbehavingApp('exit 3 50 "no connection string"'))
    expect(answer.status).toBe(502)
    expect(failure['cause']).toBe('exited')
    expect(failure.msg).toMatch(/exit code 3 after \d+(\.\d)? m?s/)
    expect(failure['lastLines']).toContain('no connection string')
  })

  test('app-exits-early-log: an app that throws in its start leaves its exception in the report', async () => {
    const { failure } = await failing(await twinWith({ attributes: { arguments: '.\\server.mjs Throw' } }))
    expect(failure['cause']).toBe('exited')
    expect((failure['lastLines'] as string[]).join('\n')).toContain('TEST EXCEPTION')
  })

  test.skipIf(!hasDotnet).each([
    ['Kestrel:Endpoints', { Kestrel: { Endpoints: { Http: { Url: 'http://127.0.0.1:0' } } } }],
    ['Urls', { Urls: 'http://127.0.0.1:0' }],
  ])(
    'it has an address of its own, by %s: told at once, and no request waits for startupTimeLimit',
    async (_by, settings) => {
      const folder = await dotnetApp('slim')
      await writeFile(join(folder, 'appsettings.json'), JSON.stringify(settings))
      const { daemon, answer, failure } = await failing(folder)
      expect(answer.status).toBe(502)
      expect(failure['cause']).toBe('listens-elsewhere')
      const told = await daemon.event('listensElsewhere')
      expect(told.msg).toMatch(/listens on 127\.0\.0\.1:\d+, but not on 127\.0\.0\.1:\d+/)
      expect(told.msg).toContain('Kestrel:Endpoints')
      expect(daemon.seen('processStartAttemptFailed')).toEqual([])
    },
  )

  test('it lives, but never listens', async () => {
    const folder = await misbehavingApp('never-listen', { attributes: { startupTimeLimit: '1' } })
    const { answer, failure } = await failing(folder)
    expect(answer.status).toBe(502)
    expect(failure['cause']).toBe('never-listened')
    expect(failure.msg).toContain('startupTimeLimit')
  })

  test('app-exits-early-log: a hanging app is given up after startupTimeLimit', async () => {
    const attributes = { arguments: '.\\server.mjs Hang', startupTimeLimit: '1' }
    const { daemon, failure } = await failing(await twinWith({ attributes }))
    expect(failure['cause']).toBe('never-listened')
    expect(daemon.descendants).toEqual([])
  })

  test('it listens elsewhere: the report says where', async () => {
    const folder = await misbehavingApp('listen-elsewhere', { attributes: { startupTimeLimit: '4' } })
    const { answer, failure } = await failing(folder)
    expect(answer.status).toBe(502)
    expect(failure['cause']).toBe('listens-elsewhere')
    expect(failure.msg).toMatch(/listens on 127\.0\.0\.1:\d+/)
  })

  test('its port is taken: the report names who has it', async () => {
    const first = await startDaemon(await copyApp('node-twin'))
    const port = new URL(await first.text('/ServerAddresses')).port
    const { answer, failure } = await failing(await twinWith({ environment: { ASPNETCORE_PORT: port } }))
    expect(answer.status).toBe(502)
    expect(failure['cause']).toBe('port-taken')
    expect(failure.msg).toContain(port)
    expect(failure.msg).toContain(String(await first.processId()))
  })
})

describe('the answer to a failed start', () => {
  test('err-502-5: the 502.5 page, with the additional link', async () => {
    const folder = await twinWith({ attributes: { processPath: 'doesnot', arguments: 'start' } })
    const { answer } = await failing(folder, { ANCM_ADDITIONAL_ERROR_PAGE_LINK: 'http://example' })
    expect(answer.status).toBe(502)
    expect(answer.field('Content-Type')).toEqual(['text/html; charset=utf-8'])
    expect(answer.text).toContain('HTTP Error 502.5 - ANCM Out-Of-Process Startup Failure')
    expect(answer.text).toContain('<a href="http://example"> <cite> http://example </cite></a> and ')
    expect(answer.text).toMatch(/<\/html>\r\n$/)
  })

  test.each([
    ['bogus', ''],
    ['/no/such/dotnet', './App.dll'],
    ['.\\dotnet.exe', './App.dll'],
    ['dotnet.zip', ''],
  ])('invalid-process-path: %s is 502, and the daemon lives on', async (processPath, args) => {
    const { daemon, answer } = await failing(await twinWith({ attributes: { processPath, arguments: args } }))
    expect(answer.status).toBe(502)
    expect((await daemon.send('/')).status).toBe(502)
    expect(await daemon.stop()).toBe(0)
  })

  test('err-disable-page: without the page the answer is a bare 502.3', async () => {
    const attributes = { processPath: 'bogus', arguments: 'bogus', disableStartUpErrorPage: 'true' }
    const { answer, failure } = await failing(await twinWith({ attributes }))
    expect(answer.status).toBe(502)
    expect(answer.text).not.toContain('502.5')
    expect(answer.text).not.toContain('808681')
    expect(failure['commandLine']).toContain('bogus')
  })

  test('err-disable-page: with it the page carries its help link', async () => {
    const { answer } = await failing(await twinWith({ attributes: { processPath: 'bogus', arguments: 'bogus' } }))
    expect(answer.text).toContain('808681')
  })

  test('a client that prefers JSON gets a problem document', async () => {
    const daemon = await startDaemon(await twinWith({ attributes: { processPath: 'bogus' } }))
    const answer = await daemon.send('/', { headers: { Accept: 'application/json' } })
    expect(answer.field('Content-Type')).toEqual(['application/problem+json; charset=utf-8'])
    expect(JSON.parse(answer.text)).toMatchObject({ status: 502, substatus: 5 })
  })

  test('requests that waited for one start share its failure', async () => {
    const daemon = await startDaemon(await misbehavingApp('exit 3 300'))
    const answers = await Promise.all(Array.from({ length: 20 }, () => daemon.send('/')))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([502]))
    expect(daemon.seen('processStartFailed')).toHaveLength(1)
  })

  test('the page tells a stranger nothing: no command line, no output, no token', async () => {
    const { answer } = await failing(await misbehavingApp('exit 3 0 secret-output'))
    expect(answer.text).not.toContain('misbehave')
    expect(answer.text).not.toContain('secret-output')
  })

  test('in Development the page names the cause, the command line and the last lines, each once', async () => {
    const folder = await misbehavingApp('exit 3 0 "line for the developer"')
    const { answer, failure } = await failing(folder, { ASPNETCORE_ENVIRONMENT: 'Development' })
    expect(answer.text).toMatch(/<p>The application process could not be started: the process ended with exit code 3 /)
    expect(answer.text.match(/the process ended with exit code 3/g)).toHaveLength(1)
    expect(answer.text.match(/misbehave\.mjs exit 3 0/g)).toHaveLength(1)
    expect(answer.text.match(/^line for the developer/gm)).toHaveLength(1)
    expect(answer.text).not.toContain('What usually causes this')
    expect(failure['lastLines']).toEqual(['line for the developer'])
  })

  test('with ASPNETCORE_DETAILEDERRORS a client on this machine is told the cause, in JSON as well', async () => {
    const attributes = { processPath: 'bogus', arguments: '' }
    const folder = await twinWith({ attributes, environment: { ASPNETCORE_DETAILEDERRORS: 'true' } })
    const daemon = await startDaemon(folder, { everyAddress: true })
    const answer = await daemon.send('/', { headers: { Accept: 'application/json' } })
    const { detail } = JSON.parse(answer.text) as { detail: string }
    expect(detail).toContain("could not be started: 'bogus' was not found; looked for ")
  })

  test('where the cause is not shown, the page says how to see it', async () => {
    const { answer } = await failing(await misbehavingApp('exit 3 0'))
    expect(answer.text).not.toContain('exit code')
    expect(answer.text).toContain('ASPNETCORE_DETAILEDERRORS')
  })
})

describe('after a failed start', () => {
  test('the app is served as soon as what was missing is there', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { attributes: { arguments: '.\\later.mjs' } })
    const { daemon } = await failing(folder)
    await writeFile(join(folder, 'later.mjs'), "import './server.mjs'\n")
    let answer = await daemon.send('/HelloWorld')
    while (answer.status !== 200) answer = await daemon.send('/HelloWorld')
    expect(answer.text).toBe('Hello World')
  })

  test('start-time-limit: a start slower than the limit is 502, and nothing of it is left', async () => {
    const folder = await twinWith({
      attributes: { arguments: '.\\server.mjs --start-delay 20000', startupTimeLimit: '1' },
    })
    const { daemon, answer } = await failing(folder)
    expect(answer.status).toBe(502)
    expect(daemon.descendants).toEqual([])
  })

  test('a launcher whose child listens is a good start', async () => {
    const daemon = await startDaemon(await misbehavingApp('launcher'))
    const started = await daemon.text('/').then(() => daemon.event('processStarted'))
    expect(started['listeningPid']).not.toBe(started['pid'])
  })

  test('a folder whose dll has gone is told so', async () => {
    const folder = await twinWith({ attributes: { processPath: '.\\App.exe', arguments: '' } })
    await rm(join(folder, 'server.mjs'))
    const { failure } = await failing(folder)
    expect(failure.msg).toContain('App.dll')
  })
})
