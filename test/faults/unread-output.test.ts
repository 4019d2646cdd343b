import { describe, expect, test } from 'vitest'
import { type Daemon, type DaemonOptions, startDaemon } from '../support/daemon.ts'
import { eventually } from '../support/eventually.ts'
import { childrenOf, commandLineOf, isAlive } from '../support/processes.ts'
import { app } from './support/apps.ts'

const debug = ['--log-level', 'debug']

/** The daemon's stderr is a pipe, which Node's own for children are not: they are sockets. */
const pipe: DaemonOptions = { through: ['bash', '-c', 'exec 2> >(exec cat >&2); exec "$0" "$@"'] }

/** A terminal around the daemon, whose screen is the stderr that the test reads. Its daemon is a child of what is started. */
const terminal: DaemonOptions = { through: ['sh', '-c', 'exec script -qfec "exec $*" /dev/null >&2', 'sh'] }

/** Sends requests whose lines in the log are more than any pipe or terminal holds. Every one must be answered. */
async function fillTheLog(daemon: Daemon): Promise<void> {
  const path = `/${'x'.repeat(4000)}`
  for (let round = 0; round < 20; round += 1) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => daemon.send(path)))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
  }
}

async function endsOnRequest(pid: number): Promise<void> {
  process.kill(pid, 'SIGTERM')
  await eventually('it has ended', () => !isAlive(pid))
}

describe('a log that nobody reads: requests and SIGTERM go on', () => {
  test.each([
    ['a socket', {}],
    ['a pipe', pipe],
  ])('on %s', async (_what, options) => {
    const daemon = await startDaemon(await app('talkative.mjs'), { ...options, args: debug })
    daemon.stopReading()
    await fillTheLog(daemon)
    await endsOnRequest(daemon.pid)
  })

  test('on a pipe that the app has as well, because enableOutOfProcessConsoleRedirection is false', async () => {
    const folder = await app('talkative.mjs', {
      handlerSettings: { enableOutOfProcessConsoleRedirection: 'false' },
    })
    const daemon = await startDaemon(folder, { ...pipe, args: debug })
    await daemon.send('/')
    daemon.stopReading()
    await fillTheLog(daemon)
    await endsOnRequest(daemon.pid)
  })

  test('on a pipe that another program has made one that waits', async () => {
    // Node sets its own descriptors back when it ends, for all who share them.
    const other = 'process.stderr.write(""); setInterval(() => undefined, 1000)'
    const beside = ['bash', '-c', `exec 2> >(exec cat >&2); "$0" -e '${other}' & exec "$0" "$@"`]
    const daemon = await startDaemon(await app('talkative.mjs'), { args: debug, through: beside })
    const [pid = Number.NaN] = childrenOf(daemon.pid).filter((child) => commandLineOf(child).includes(other))
    process.kill(pid, 'SIGTERM')
    await eventually('the other program has ended', () => !isAlive(pid))
    daemon.stopReading()
    await fillTheLog(daemon)
    await endsOnRequest(daemon.pid)
  })

  test('on a terminal that is stalled', async () => {
    const screen = await startDaemon(await app('talkative.mjs'), { ...terminal, args: debug })
    const [pid = Number.NaN] = childrenOf(screen.pid)
    screen.stopReading()
    await fillTheLog(screen)
    await endsOnRequest(pid)
    screen.readOn()
  })

  test('on a terminal whose user pressed Ctrl-S; with Ctrl-Q all of it appears', async () => {
    const screen = await startDaemon(await app('talkative.mjs'), { ...terminal, args: debug, typing: true })
    screen.type('\x13')
    await fillTheLog(screen)
    screen.type('\x11')
    await eventually('every request is in the log', () => screen.seen('request').length === 400)
    const [pid = Number.NaN] = childrenOf(screen.pid)
    await endsOnRequest(pid)
  })
})

describe('output that was dropped because nobody read it', () => {
  test.each(['stdout', 'stderr'] as const)('is counted, and told when somebody reads again: %s', async (stream) => {
    const daemon = await startDaemon(await app('talkative.mjs'))
    await daemon.text('/')
    daemon.stopReading(stream)
    await daemon.text(`/flood-${stream}`)
    await eventually('more was printed than waits', async () => Number(await daemon.text('/flooded')) > 16e6)
    daemon.readOn(stream)
    const { bytes, level } = await daemon.event('outputDropped', (event) => event['stream'] === stream)
    expect(level).toBe('warn')
    expect(Number(bytes)).toBeGreaterThan(1e6)
    if (stream === 'stdout') {
      const line = `ancmd: ${String(bytes)} bytes of output were dropped here because nobody read them\n`
      await eventually('the place is marked', () => daemon.stdout.includes(`\n${line}`))
    }
  })
})

describe('the log and the stderr of an app on one stream', () => {
  test('a line that the app has not finished is ended before one of ours', async () => {
    const daemon = await startDaemon(await app('talkative.mjs'))
    await daemon.text('/half-a-line/partial')
    await eventually('it has come', () => daemon.stderr.includes('partial'))
    await daemon.send('/die/1', { method: 'POST' })
    const event = await daemon.event('processExited')
    expect(event['lastLines']).toEqual(['partial'])
    expect(daemon.stderr).toMatch(/^partial\n\{"level":/m)
  })

  test('on standard output that goes to the same place, too', async () => {
    const together: DaemonOptions = { through: ['sh', '-c', 'exec "$0" "$@" >&2'] }
    const daemon = await startDaemon(await app('talkative.mjs'), together)
    await daemon.text('/half-a-line-of-stdout/partial')
    await eventually('it has come', () => daemon.stderr.includes('partial'))
    await daemon.send('/die/1', { method: 'POST' })
    await daemon.event('processExited')
    expect(daemon.stderr).toMatch(/^partial\n\{"level":/m)
  })
})
