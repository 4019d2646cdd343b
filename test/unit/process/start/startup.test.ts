import { createServer } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../../../src/platform/clock.ts'
import { diskView } from '../../../../src/process/system/folder-view.ts'
import type { Launch } from '../../../../src/process/life/launch.ts'
import { pairingToken } from '../../../../src/process/start/pairing-token.ts'
import { killTree, type ProcessTree } from '../../../../src/process/system/process-tree.ts'
import { type Started, startProcess } from '../../../../src/process/start/startup.ts'
import type { StartStep } from '../../../../src/process/life/start-report.ts'
import { isAlive } from '../../../support/processes.ts'
import { Ears, launchOf, portForApp, Recorder } from '../support.ts'

const trees: ProcessTree[] = []
afterEach(async () => {
  await Promise.all(trees.splice(0).map((tree) => killTree(tree, systemClock)))
})

async function start(launch: Launch, signal = new AbortController().signal) {
  const ears = new Ears()
  const output = new Recorder()
  const steps: StartStep[] = []
  const launched: ProcessTree[] = []
  const outcome = await startProcess({
    launch,
    token: pairingToken(launch.config.environmentVariables),
    output,
    view: diskView,
    clock: systemClock,
    events: ears,
    signal,
    onNote: () => undefined,
    onWaitAbandoned: () => undefined,
    onStep: (step) => steps.push(step),
    onTree: (tree) => {
      trees.push(tree)
      launched.push(tree)
    },
  })
  const attempts = ears.all('startAttemptFailed')
  return { outcome, output, steps, attempts, pids: launched.map((tree) => tree.child.pid) }
}

async function startsWell(launch: Launch): Promise<Started> {
  const { outcome, output } = await start(launch)
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.failure) + output.text)
  return outcome.value
}

async function fails(launch: Launch) {
  const { outcome, ...rest } = await start(launch)
  if (outcome.ok || outcome.failure === 'aborted') throw new Error('it started')
  for (const pid of rest.pids) expect(isAlive(pid)).toBe(false)
  return { failure: outcome.failure, ...rest }
}

describe('an app is ready', () => {
  test.each(['serve', 'listen-everywhere', 'listen-v6-wildcard'])('when its own process listens: %s', async (fault) => {
    const started = await startsWell(launchOf([fault]))
    expect(started.listeningPid).toBe(started.tree.child.pid)
    expect(started.attempt).toBe(1)
  })

  test.each(['launcher', 'leaving-launcher', 'double-fork'])('when a descendant listens: %s', async (fault) => {
    const started = await startsWell(launchOf([fault]))
    expect(started.listeningPid).not.toBe(started.tree.child.pid)
    expect((await started.tree.members()).map((row) => row.pid)).toContain(started.listeningPid)
  })

  test('when it listens late', async () => {
    const { outcome, steps } = await start(launchOf(['listen-late', '300']))
    expect(outcome.ok).toBe(true)
    expect(steps).toEqual(['choose-port', 'set-environment', 'resolve-command', 'create-process', 'await-listening'])
  })

  test('when a script without execute permission, run by an interpreter, starts it', async () => {
    const config = { processPath: '/bin/sh', arguments: `-c "exec '${process.execPath}' misbehave.mjs serve"` }
    expect((await startsWell(launchOf([], { config }))).attempt).toBe(1)
  })
})

describe('a start fails', () => {
  test('when the process exits, with its code and its last lines once, after two attempts on two ports', async () => {
    const { failure, attempts, pids } = await fails(launchOf(['exit', '12', '0', 'the', 'reason']))
    expect(failure.cause).toMatchObject({ why: 'exited', code: 12, signal: null })
    expect(failure).toMatchObject({ attempt: 2, pid: pids[1], lastLines: ['the reason'] })
    expect(failure.commandLine).toBe(`${process.execPath} ./misbehave.mjs exit 12 0 the reason`)
    expect(failure.steps.map(({ step }) => step).at(-1)).toBe('await-listening')
    expect(failure.steps.every(({ ms }) => ms >= 0)).toBe(true)
    expect(attempts.map(([report, left]) => [report.attempt, left])).toEqual([
      [1, 1],
      [2, 0],
    ])
    expect(attempts[0]?.[0].port).not.toBe(attempts[1]?.[0].port)
  })

  test('without the token in its last lines, though the process printed it', async () => {
    const { failure, output } = await fails(launchOf(['tell-token'], { config: { startAttempts: 1 } }))
    expect(output.text).toMatch(/^expected [0-9a-f-]{36}$/m)
    expect(failure.lastLines).toEqual(['expected [pairing token]'])
  })

  test('when it exits with 0 and leaves no process behind', async () => {
    const { failure } = await fails(launchOf(['exit', '0', '0'], { config: { startAttempts: 1 } }))
    expect(failure.cause).toMatchObject({ why: 'exited', code: 0 })
  })

  test('when it never listens', async () => {
    const config = { startupTimeLimit: 300, startAttempts: 1 }
    const { failure } = await fails(launchOf(['never-listen'], { config }))
    expect(failure.cause).toEqual({ why: 'never-listened', limitMs: 300 })
  })

  test('at once when startupTimeLimit is 0', async () => {
    const { failure } = await fails(launchOf(['serve'], { config: { startupTimeLimit: 0, startAttempts: 1 } }))
    expect(failure.cause).toEqual({ why: 'never-listened', limitMs: 0 })
  })

  test('when it listens elsewhere, with the addresses in the report', async () => {
    const config = { startupTimeLimit: 4000, startAttempts: 1 }
    const other = await fails(launchOf(['listen-elsewhere'], { config }))
    expect(other.failure.cause).toMatchObject({
      why: 'listens-elsewhere',
      addresses: [expect.stringMatching(/^127\.0\.0\.1:\d+$/)],
    })
    const v6 = await fails(launchOf(['listen-v6-loopback'], { config }))
    expect(v6.failure.cause).toMatchObject({ addresses: [`[::1]:${String(v6.failure.port)}`] })
    const only = await fails(launchOf(['listen-v6-only'], { config }))
    expect(only.failure.cause).toMatchObject({ addresses: [`[::]:${String(only.failure.port)}`] })
  })

  test('when another process has the port, which the report names', async () => {
    const server = createServer()
    const port = await portForApp()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    const environmentVariables = [{ name: 'ASPNETCORE_PORT', value: String(port) }]
    const { failure, attempts } = await fails(launchOf(['serve'], { config: { environmentVariables } }))
    expect(failure.cause).toMatchObject({
      why: 'port-taken',
      owner: expect.stringContaining(`(pid ${String(process.pid)})`),
    })
    expect(attempts.map(([report]) => report.port)).toEqual([port, port])
    server.close()
  })

  test('without naming a process that has the same port on an address where no request for the app arrives', async () => {
    const server = createServer()
    const port = await portForApp()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.2', resolve))
    const environmentVariables = [{ name: 'ASPNETCORE_PORT', value: String(port) }]
    const config = { environmentVariables, startAttempts: 1, startupTimeLimit: 300 }
    const { failure } = await fails(launchOf(['never-listen'], { config }))
    expect(failure.cause).toEqual({ why: 'never-listened', limitMs: 300 })
    server.close()
  })

  test('without a child and without a second attempt when the port is out of range', async () => {
    const environmentVariables = [{ name: 'ASPNETCORE_PORT', value: '1024' }]
    const { failure, attempts, pids } = await fails(launchOf(['serve'], { config: { environmentVariables } }))
    expect(failure).toMatchObject({ cause: { why: 'bad-port', value: '1024' }, port: 0, pid: undefined })
    expect(attempts.map(([, left]) => left)).toEqual([0])
    expect(pids).toEqual([])
  })

  test('without a child and without a second attempt when there is no such program', async () => {
    const { failure, attempts } = await fails(launchOf([], { config: { processPath: 'bogus', arguments: 'start' } }))
    expect(failure).toMatchObject({ cause: { why: 'not-found', wanted: 'bogus' }, commandLine: 'bogus start' })
    expect(attempts).toHaveLength(1)
  })

  test('when the folder is gone', async () => {
    const config = { processPath: process.execPath, arguments: '', startAttempts: 1 }
    const { failure } = await fails(launchOf([], { config, physicalPath: '/no/such/folder' }))
    expect(failure.cause).toEqual({ why: 'spawn-failed', code: 'ENOENT', file: process.execPath })
  })

  test('after as many attempts as are allowed', async () => {
    const { attempts } = await fails(launchOf(['exit', '1', '0'], { config: { startAttempts: 3 } }))
    expect(attempts.map(([, left]) => left)).toEqual([2, 1, 0])
  })
})

test('both attempts have one token and two ports', async () => {
  const { output } = await start(launchOf(['dump']))
  const [first, second] = output.lastLines().map((line) => (JSON.parse(line) as { env: Record<string, string> }).env)
  expect(first?.['ASPNETCORE_TOKEN']).toMatch(/^[0-9a-f-]{36}$/)
  expect(second?.['ASPNETCORE_TOKEN']).toBe(first?.['ASPNETCORE_TOKEN'])
  expect(second?.['ASPNETCORE_PORT']).not.toBe(first?.['ASPNETCORE_PORT'])
})

test('a program of an <httpPlatform> section gets its port', async () => {
  const config = {
    kind: 'httpPlatform',
    arguments: 'misbehave.mjs serve --port=%HTTP_PLATFORM_PORT%',
    environmentVariables: [{ name: 'MINE', value: '%HTTP_PLATFORM_PORT%' }],
  } as const
  const started = await startsWell(launchOf([], { config }))
  expect(started.port).toBeGreaterThanOrEqual(10_000)
})

test('an aborted start leaves no child', async () => {
  const abort = new AbortController()
  const starting = start(launchOf(['never-listen']), abort.signal)
  setTimeout(() => {
    abort.abort()
  }, 200)
  const { outcome, pids, attempts } = await starting
  expect(outcome).toEqual({ ok: false, failure: 'aborted' })
  expect(attempts).toEqual([])
  for (const pid of pids) expect(isAlive(pid)).toBe(false)
})

test('a start that was aborted before there was a child launches none', async () => {
  const { outcome, pids, output } = await start(launchOf(['serve']), AbortSignal.abort())
  expect(outcome).toEqual({ ok: false, failure: 'aborted' })
  expect(pids).toEqual([])
  expect(output.text).toBe('')
})
