import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { eventually } from '../support/eventually.ts'
import { misbehavingApp, temporaryFolder } from '../support/folders.ts'
import { connectRaw } from '../support/raw-client.ts'
import { app } from './support/apps.ts'
import { tally } from './support/traffic.ts'

const hours = 60 * 60 * 1000
const clock = new URL('support/jumping-clock.mjs', import.meta.url).pathname

/** A daemon whose wall clock jumps by five hours, back and forth, all the time. */
function startDazed(folder: string): Promise<Daemon> {
  return startDaemon(folder, {
    nodeArguments: ['--import', clock],
    args: ['--log-level', 'debug', '--app-output', 'off'],
  })
}

/** Requests until the clock has jumped ahead and back several times, as the daemon's own log lines show. */
async function throughJumps(daemon: Daemon): Promise<number[]> {
  const from = daemon.events.length
  const statuses: number[] = []
  await eventually('the clock has jumped', async () => {
    statuses.push((await daemon.send('/')).status)
    const times = daemon.events.slice(from).map(({ time }) => Date.parse(String(time)))
    const jumps = times.slice(1).map((time, i) => time - (times[i] ?? 0))
    return jumps.filter((by) => by > hours).length >= 3 && jumps.filter((by) => by < -hours).length >= 3
  })
  return statuses
}

test('the clock jumps by hours: an app that fails too often stays refused, its minute is not over sooner', async () => {
  const daemon = await startDazed(await app('talkative.mjs', { attributes: { rapidFailsPerMinute: '2' } }))
  for (let death = 1; death <= 3; death += 1) {
    // A GET that nobody may have read would go to the next process, too.
    await daemon.send('/die/1', { method: 'POST' })
    await eventually('the death is known', () => daemon.seen('processExited').length === death)
  }
  expect(tally(await throughJumps(daemon))).toEqual({ '502': expect.any(Number) as number })
  expect(daemon.seen('rapidFailTripped')).toHaveLength(1)
})

test('the clock jumps by hours: requestTimeout, startupTimeLimit and shutdownTimeLimit are as long as they say', async () => {
  const attributes = { requestTimeout: '00:00:02', startupTimeLimit: '5', shutdownTimeLimit: '2' }
  const slow = await startDazed(await misbehavingApp('listen-late 1000', { attributes }))
  expect((await slow.send('/')).status).toBe(200)

  const hanging = await startDazed(await app('bad-answers.mjs', { attributes }))
  await hanging.text('/')
  const from = performance.now()
  expect((await hanging.send('/hang')).status).toBe(502)
  // A timer is never early, so this holds on any machine.
  expect(performance.now() - from).toBeGreaterThan(1_900)

  const stubborn = await startDazed(await misbehavingApp('stubborn', { attributes }))
  await stubborn.text('/')
  expect(await stubborn.stop()).toBe(0)
  expect(stubborn.seen('processKilled')).toHaveLength(1)
})

test('the clock jumps by hours: connections that rest stay open, durations in the log are none the worse', async () => {
  const daemon = await startDazed(await misbehavingApp('serve'))
  const client = await connectRaw(daemon.port)
  client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await client.until('\r\n\r\n')
  await throughJumps(daemon)
  expect(client.ending).toBeUndefined()
  const answered = client.received.length
  client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await client.until((received) => received.length > answered)
  client.destroy()
  for (const { ms } of daemon.seen('request')) {
    expect(ms).toBeGreaterThanOrEqual(0)
    expect(ms).toBeLessThan(60_000)
  }
  process.kill(await daemon.text('/').then(Number), 'SIGKILL')
  const { uptimeMs } = await daemon.event('processExited')
  expect(uptimeMs).toBeGreaterThanOrEqual(0)
  expect(uptimeMs).toBeLessThan(hours)
})

test('the clock jumps by hours: every process has a stdout log of its own, and none is written over', async () => {
  const folder = await temporaryFolder()
  const attributes = { stdoutLogEnabled: 'true', stdoutLogFile: `${folder}/stdout`, rapidFailsPerMinute: '100' }
  const daemon = await startDazed(await app('talkative.mjs', { attributes }))
  for (let life = 1; life <= 8; life += 1) {
    await daemon.text(`/line/life-${String(life)}`)
    await daemon.send('/die/1', { method: 'POST' })
    await eventually('the death is known', () => daemon.seen('processExited').length === life)
  }
  // The death is known before the last bytes of its output are.
  expect(await daemon.stop()).toBe(0)
  const texts = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')))
  expect(texts.sort()).toEqual(Array.from({ length: 8 }, (_, i) => `life-${String(i + 1)}\n`))
})
